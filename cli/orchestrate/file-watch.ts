import { type FSWatcher, statSync, watch } from 'node:fs';
import { relative, resolve } from 'node:path';
import type { Sql } from '../database/connect.js';
import { matchFiles } from '../sources/files/glob.js';
import { changeSeen, readSeen, type Seen } from './firings.js';

export interface FileWatchOptions {
  readonly sql: Sql;
  readonly project: string;
  readonly projectDir: string;
  readonly trigger: string;
  /** Relative to the project. */
  readonly pattern: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Something happened in the folder. */
  readonly onChange: () => void;
}

/** A file that did not change for so long is complete. */
const settledMs = 1000;
/** For folders that tell nothing, such as those of other machines. */
const lookEveryMs = 10_000;

/** Files that appear or change: fires when one is complete that nobody has seen. */
export class FileWatch {
  private seen: Seen | undefined;
  /** Those that are new, as they were found, and since when they are so. */
  private readonly unsettled = new Map<string, { readonly stamp: string; readonly since: number }>();
  private watcher: FSWatcher | undefined;

  constructor(private readonly options: FileWatchOptions) {}

  /**
   * Looks at the files.
   * @returns in how many milliseconds to look again
   * @throws errors of the folder and of the database
   */
  async look(): Promise<number> {
    const { sql, project, trigger, now } = this.options;
    this.watchFolder();
    this.seen ??= await readSeen(sql, project, trigger);
    const found = this.find();
    const complete = new Map<string, string>();
    for (const path of this.unsettled.keys()) if (!found.has(path)) this.unsettled.delete(path);
    for (const [path, stamp] of found) {
      if (this.seen[path] === stamp) {
        this.unsettled.delete(path);
        continue;
      }
      const before = this.unsettled.get(path);
      if (before?.stamp !== stamp) this.unsettled.set(path, { stamp, since: now() });
      else if (now() - before.since >= settledMs) complete.set(path, stamp);
    }
    if (complete.size > 0) {
      this.seen = await changeSeen(sql, project, trigger, (seen) => {
        const isNew = [...complete].some(([path, stamp]) => seen[path] !== stamp);
        const left = Object.entries(seen).filter(([path]) => found.has(path));
        return isNew ? { ...Object.fromEntries(left), ...Object.fromEntries(complete) } : undefined;
      });
      for (const path of complete.keys()) this.unsettled.delete(path);
    }
    return this.unsettled.size > 0 ? settledMs : lookEveryMs;
  }

  close(): void {
    this.watcher?.close();
  }

  /** Paths relative to the project: another daemon may have it in another place. */
  private find(): Map<string, string> {
    const { pattern, projectDir } = this.options;
    const found = new Map<string, string>();
    for (const path of matchFiles(pattern, projectDir)) {
      const stat = statSync(path, { throwIfNoEntry: false });
      if (stat?.isFile())
        found.set(relative(projectDir, path).replaceAll('\\', '/'), `${stat.size} ${stat.mtimeMs}`);
    }
    return found;
  }

  /** A folder that is not there yet, or cannot be watched, is looked at all the same. */
  private watchFolder(): void {
    if (this.watcher) return;
    const { pattern, projectDir, onChange } = this.options;
    const parts = pattern.replaceAll('\\', '/').split('/');
    const wild = parts.findIndex((part) => /[*?]/.test(part));
    const folder = `${parts.slice(0, wild < 0 ? -1 : wild).join('/')}/`.replace(
      /^\/$/,
      pattern.startsWith('/') ? '/' : '.',
    );
    const recursive = wild >= 0 && wild < parts.length - 1;
    try {
      this.watcher = watch(resolve(projectDir, folder), { recursive, persistent: false }, onChange);
      this.watcher.on('error', () => {
        this.watcher?.close();
        this.watcher = undefined;
      });
    } catch {
      this.watcher = undefined;
    }
  }
}
