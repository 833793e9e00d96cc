// Bundles cli/ into dist/, with its types, builds the web app into dist/web, and links the bin, so that `npx mdl` in this checkout starts at once.
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { build as buildWeb } from 'vite';
import { bundle } from './bundle.js';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const require = createRequire(import.meta.url);
const tsc = join(dirname(require.resolve('typescript/package.json')), 'bin', 'tsc');

const dist = join(root, 'dist');
rmSync(dist, { recursive: true, force: true });
execFileSync(process.execPath, [tsc, '-p', 'tsconfig.json'], { cwd: root, stdio: 'inherit' });
await bundle(root, dist);
chmodSync(join(dist, 'mdl.js'), 0o755);

const web = join(dist, 'web');
await buildWeb({ configFile: join(root, 'cli', 'web', 'vite.config.js') });
// Packed once, and not for every browser that asks.
for (const name of readdirSync(web, { recursive: true, encoding: 'utf8' })) {
  if (!/\.(js|css|svg|html)$/.test(name)) continue;
  const body = readFileSync(join(web, name));
  writeFileSync(join(web, `${name}.br`), brotliCompressSync(body));
  writeFileSync(join(web, `${name}.gz`), gzipSync(body, { level: 9 }));
}

// npm links the bins of dependencies only; without this link npx would first install the checkout into its cache.
const bins = join(root, 'node_modules', '.bin');
if (existsSync(join(root, 'node_modules')) && process.platform !== 'win32') {
  mkdirSync(bins, { recursive: true });
  rmSync(join(bins, 'mdl'), { force: true });
  symlinkSync(join('..', '..', 'dist', 'mdl.js'), join(bins, 'mdl'));
}
