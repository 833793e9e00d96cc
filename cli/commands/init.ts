import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { basename, join, relative, resolve } from 'node:path';
import type { Argv } from 'yargs';
import { MedallionError } from '../errors/index.js';
import { mdlVersion, packagePath } from '../version.js';

export const builder = (yargs: Argv) =>
  yargs
    .positional('folder', { type: 'string', demandOption: true, describe: 'A new or empty folder' })
    .example('mdl init shop && cd shop && npx mdl build', 'a small working project');

/** A project's name from a folder's: lower case, no accents, `_` for what is left. */
function projectName(folder: string): string {
  const plain = folder
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '');
  return (/^[a-z]/.test(plain) ? plain : `p_${plain}`).slice(0, 30).replace(/_+$/, '') || 'project';
}

export async function handler(args: { readonly folder: string }): Promise<void> {
  const target = resolve(args.folder);
  if (existsSync(target) && readdirSync(target).length > 0)
    throw new MedallionError('MDL1007', { message: `${target} is not empty.` });
  const name = projectName(basename(target));
  const templates = packagePath('templates/project');
  mkdirSync(target, { recursive: true });
  cpSync(templates, target, { recursive: true });
  // npm leaves files named .gitignore out of packages.
  renameSync(join(target, 'gitignore'), join(target, '.gitignore'));
  for (const file of ['medallion.config.ts', 'package.json', 'README.md']) {
    const path = join(target, file);
    writeFileSync(
      path,
      readFileSync(path, 'utf8').replaceAll('__NAME__', name).replaceAll('__VERSION__', mdlVersion),
    );
  }
  const there = relative(process.cwd(), target) || '.';
  process.stdout.write(
    `Made ${name} in ${there}: ${readdirSync(join(target, 'models'), { recursive: true }).filter((path) => String(path).endsWith('.sql')).length} models on two CSV files.\nNext:\n  cd ${/\s/.test(there) ? JSON.stringify(there) : there}\n  npx mdl build\n`,
  );
}
