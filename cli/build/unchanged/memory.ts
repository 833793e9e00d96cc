import { createHash, randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { HistoryOptions } from '../../config/options.js';
import type { Event } from '../../events/events.js';
import { mdlVersion } from '../../version.js';
import type { WrittenEvents } from '../run-log.js';
import { telling } from './environment.js';
import type { WatchedPath } from './watched-paths.js';

/** What a build that was whole left behind: as long as all of this is so, the next one has nothing to do. */
export interface Memory {
  /** What mdl, and in what environment: see `circumstances`. */
  readonly circumstances: string;
  readonly project: string;
  readonly target: string;
  readonly schemas: readonly string[];
  /** Which runs of the past stay. */
  readonly history: HistoryOptions;
  readonly database: KnownDatabase;
  readonly paths: readonly WatchedPath[];
  /** See `stateToken`. */
  readonly token: string;
  /** Until then results may be used, in milliseconds since 1970. */
  readonly until: number | null;
  /** What such a build tells, from `run.started` to before `run.finished`; without the number of the run. */
  readonly events: readonly Event[];
  /** The same without `run.started`, as the history has it. */
  readonly written: WrittenEvents;
}

/** How the database is reached. An address may hold a password, which is kept nowhere: then it is known where the address was. */
export type KnownDatabase = { readonly url: string } | { readonly variable: string };

/** @returns undefined where nothing is remembered, or by another mdl, or what is there cannot be read */
export function readMemory(projectDir: string, configFile: string): Memory | undefined {
  try {
    const memory = JSON.parse(readFileSync(memoryFile(projectDir, configFile), 'utf8')) as Memory;
    return memory.circumstances === circumstances() ? memory : undefined;
  } catch {
    return undefined;
  }
}

/** That it cannot be kept is no reason to fail: then the next build looks at everything. */
export function writeMemory(
  projectDir: string,
  configFile: string,
  memory: Omit<Memory, 'circumstances'>,
): void {
  const file = memoryFile(projectDir, configFile);
  try {
    mkdirSync(dirname(file), { recursive: true });
    const part = `${file}.${randomUUID()}`;
    writeFileSync(part, JSON.stringify({ circumstances: circumstances(), ...memory }), { mode: 0o600 });
    renameSync(part, file);
  } catch {}
}

function memoryFile(projectDir: string, configFile: string): string {
  return join(projectDir, '.medallion', 'cache', `unchanged-${configFile}.json`);
}

/** Names the environment, which a configuration may read anything from, and the program. */
function circumstances(): string {
  const { mtimeNs, size } = statSync(fileURLToPath(import.meta.url), { bigint: true });
  return createHash('sha256')
    .update(
      JSON.stringify([mdlVersion, String(mtimeNs), String(size), process.version, telling(process.env)]),
    )
    .digest('hex');
}
