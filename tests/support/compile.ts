import { execFile } from 'node:child_process';
import { existsSync, readFileSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestProject } from './project.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc');

/** What the TypeScript compiler has to say of files of a project that has our packages: nothing when they are right. */
export async function compile(
  project: TestProject,
  files: Readonly<Record<string, string>>,
): Promise<string> {
  if (!existsSync(join(project.dir, 'node_modules')))
    symlinkSync(join(root, 'node_modules'), join(project.dir, 'node_modules'));
  for (const [path, text] of Object.entries(files)) project.write(path, text);
  const exported = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).exports as Record<
    string,
    { types?: string }
  >;
  const paths = Object.entries(exported).flatMap(([path, { types }]) =>
    types ? [[path.replace('.', 'medallion'), [join(root, types)]]] : [],
  );
  project.write('package.json', '{ "type": "module" }');
  project.write(
    'tsconfig.json',
    JSON.stringify({
      compilerOptions: {
        ...{ target: 'ES2022', lib: ['ES2023', 'DOM'], module: 'NodeNext', moduleResolution: 'NodeNext' },
        ...{ strict: true, noEmit: true, skipLibCheck: true, types: ['node'] },
        paths: Object.fromEntries(paths),
      },
      files: Object.keys(files),
    }),
  );
  return new Promise((resolve) =>
    execFile(process.execPath, [tsc, '-p', project.dir], { cwd: project.dir }, (_, stdout, stderr) =>
      resolve(stdout + stderr),
    ),
  );
}
