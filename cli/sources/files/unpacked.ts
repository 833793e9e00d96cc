import { createWriteStream, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { MedallionError } from '../../errors/index.js';
import { packingOf, readBytes, unreadable } from '../bytes.js';
import type { SourceContext } from '../source.js';

/** A file on this machine. */
export interface FoundFile {
  readonly path: string;
  /** For messages, and what `source_file` says. */
  readonly origin: string;
  /** Removes what was made to read it. */
  close?(): void;
}

/**
 * A file that can be read at any place: itself, or, where it is packed, a copy in `.medallion/cache`, which `mdl clean` removes too.
 * @throws MedallionError MDL3002 (unreadable, damaged archive, no room for the copy)
 */
export async function unpacked(file: FoundFile, { projectDir, signal }: SourceContext): Promise<FoundFile> {
  const { path, origin } = file;
  const packing = packingOf(path, origin);
  if (packing === undefined) return file;
  const cache = join(projectDir, '.medallion', 'cache');
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, 'unpacked-'));
  const close = () => rmSync(folder, { recursive: true, force: true });
  const copy = join(folder, 'file');
  try {
    await pipeline(
      readBytes({ path, origin, packing, decode: undefined, skip: 0, signal }),
      createWriteStream(copy),
    );
    return { path: copy, origin, close };
  } catch (cause) {
    close();
    throw cause instanceof MedallionError || signal?.aborted ? cause : unreadable(origin, cause);
  }
}
