// Builds cli/ into dist/ and links the bin, so that `npx mdl` in this checkout starts at once.
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const require = createRequire(import.meta.url);
const tsc = join(dirname(require.resolve('typescript/package.json')), 'bin', 'tsc');

rmSync(join(root, 'dist'), { recursive: true, force: true });
execFileSync(process.execPath, [tsc, '-p', 'tsconfig.json'], { cwd: root, stdio: 'inherit' });
chmodSync(join(root, 'dist', 'mdl.js'), 0o755);

// npm links the bins of dependencies only; without this link npx would first install the checkout into its cache.
const bins = join(root, 'node_modules', '.bin');
if (existsSync(join(root, 'node_modules')) && process.platform !== 'win32') {
  mkdirSync(bins, { recursive: true });
  rmSync(join(bins, 'mdl'), { force: true });
  symlinkSync(join('..', '..', 'dist', 'mdl.js'), join(bins, 'mdl'));
}
