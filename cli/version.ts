import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** By the package's own name: no module knows in which file of dist/ it will be. */
const root = dirname(fileURLToPath(import.meta.resolve('medallion/package.json')));

/** A file or folder that this package brings: absolute path, from one relative to its root. */
export const packagePath = (path: string): string => join(root, path);

/** The version of this package. */
export const mdlVersion: string = (
  JSON.parse(readFileSync(packagePath('package.json'), 'utf8')) as { version: string }
).version;
