import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { errorCode } from '../database/postgres-error.js';
import { MedallionError } from '../errors/index.js';

/** A file as it should be. */
export interface GeneratedFile {
  readonly name: string;
  readonly text: string;
  /** What its beginning holds when it is ours. */
  readonly mark: string;
}

export interface FileState {
  /** Relative to the project. */
  readonly path: string;
  readonly state: 'unchanged' | 'changed' | 'missing';
}

/**
 * Compares files with what is in the folder, and writes those that differ unless told not to: whole or not at all, one by one.
 * @throws MedallionError MDL6102 before anything is written, when a file in the place of one is not ours
 */
export function writeFiles(
  project: { readonly projectDir: string; readonly dir: string },
  files: readonly GeneratedFile[],
  isCheck: boolean,
): FileState[] {
  const folder = project.dir;
  const found = files.map((file) => {
    const path = join(folder, file.name);
    const shown = relative(project.projectDir, path) || path;
    const text = readIfThere(path, shown);
    if (text !== undefined && !text.slice(0, 300).includes(file.mark))
      throw new MedallionError('MDL6102', { message: `${shown} was not written by mdl generate.` });
    const state: FileState['state'] =
      text === file.text ? 'unchanged' : text === undefined ? 'missing' : 'changed';
    return { file, path, shown, state };
  });
  if (!isCheck)
    for (const { file, path, shown, state } of found)
      if (state !== 'unchanged') replace(path, file.text, shown);
  return found.map(({ shown, state }) => ({ path: shown, state }));
}

function readIfThere(path: string, shown: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    if (errorCode(cause) === 'ENOENT') return undefined;
    throw refused(shown, cause);
  }
}

function replace(path: string, text: string, shown: string): void {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(temporary, text);
    renameSync(temporary, path);
  } catch (cause) {
    rmSync(temporary, { force: true });
    throw refused(shown, cause);
  }
}

function refused(shown: string, cause: unknown): MedallionError {
  return new MedallionError('MDL6102', {
    message: `${shown} cannot be written: ${cause instanceof Error ? cause.message : String(cause)}`,
    cause,
  });
}
