import { build, type Event, openProject } from 'medallion';
import * as assert from 'uvu/assert';
import { openDatabase } from '../../dist/build/open-database.js';
import type { Sql } from '../../dist/database/connect.js';
import type { TestProject } from './project.ts';

/** A configuration that loads `bronze.t` from `seeds/t.*`. @param bronze its further settings */
export function config(bronze: string, source = `csv({ dir: 'seeds' })`): string {
  return `import { csv, defineConfig } from 'medallion';
export default defineConfig({ name: 'loja', database: process.env.DATABASE_URL, sources: { s: ${source} }, bronze: { t: { from: 's.t', ${bronze} } } });`;
}

/** Runs `mdl load`; the end of its load, and what it noticed. */
export async function loaded(project: TestProject, ...args: string[]) {
  return loadEnd(await project.events('load', ...args));
}

/** The same without a process of its own. */
export async function loadedHere(project: TestProject) {
  const events: Event[] = [];
  await build(await openHere(project), {
    command: 'load',
    phases: { load: true, models: false },
    emit: (event) => events.push(event),
  });
  return loadEnd(events);
}

/** Opens a project in this process. */
export function openHere(project: TestProject) {
  process.env.DATABASE_URL = project.url;
  return openProject({ dir: project.dir });
}

/** Gives the engine's own kind of connection. */
export async function withEngineSql<Result>(
  project: TestProject,
  work: (sql: Sql) => Promise<Result>,
): Promise<Result> {
  const { options } = await openHere(project);
  const database = await openDatabase(options);
  try {
    return await work(database.connect({ max: 1, applicationName: 'test' }));
  } finally {
    await database.close();
  }
}

function loadEnd(events: readonly Record<string, any>[]) {
  return {
    ...events.findLast((event) => event.event === 'load.finished')!,
    notices: events.filter((event) => event.event === 'notice').map((event) => event.message as string),
  } as Record<string, any>;
}

export const counts = ({ read, inserted, updated, unchanged, rejected }: Record<string, any>) => ({
  read,
  inserted,
  updated,
  unchanged,
  rejected,
});

export async function rows(project: TestProject, columns = 'id, v'): Promise<unknown[][]> {
  return (await project.sql.unsafe(`select ${columns} from bronze.t order by id`)).map((row) =>
    Object.values(row),
  );
}

/** Promise 4, for each load and each batch in the books. */
export async function everyRowAccountedFor(project: TestProject): Promise<void> {
  const off = await project.sql`
    select load_id from medallion.loads where status in ('loaded', 'unchanged') and read <> inserted + updated + unchanged + rejected
    union all
    select b.load_id from medallion.load_batches b join medallion.loads l using (load_id) where l.status = 'loaded' and b.read <> b.inserted + b.updated + b.unchanged + b.rejected
    union all
    select l.load_id from medallion.loads l join medallion.load_batches b using (load_id) where l.status = 'loaded' group by l.load_id having l.read <> sum(b.read) or l.rejected <> sum(b.rejected)`;
  assert.equal([...off], []);
}
