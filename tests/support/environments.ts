import { build, type Event, type EventName, type OpenProject, openProject, type RunOptions } from 'medallion';
import * as assert from 'uvu/assert';
import type { TestProject } from './project.ts';

/** A configuration with targets, and more. */
export const config = (targets: string, rest = '') => `import { csv, defineConfig } from 'medallion';
export default defineConfig({ name: 'loja', database: process.env.DATABASE_URL, sources: { s: csv({ dir: 'seeds' }) },
  bronze: { people: { from: 's.people', key: 'id', load: 'upsert' } }, targets: ${targets}, ${rest} });`;

/** Bronze, silver, gold, a view and a test. */
export const files = {
  'medallion.config.ts': config(`{ prod: {}, dev: { from: 'prod' } }`),
  'seeds/people.csv': 'id,name,city\n1,Ana,Olinda\n2,José,Recife\n3,"Li, Wei",Olinda\n',
  'models/silver/people.sql': `/*---
primary_key: id
columns: { id: int, name: text, city: text }
---*/
select id::int as id, name, city from {{ref "bronze.people"}}`,
  'models/gold/by_city.sql': 'select city, count(*) as people from {{ref "silver.people"}} group by city',
  'models/gold/shown.sql': '/*---\nmaterialized: view\n---*/\nselect * from {{ref "gold.by_city"}}',
  'tests/sum.sql':
    'select 1 from (select sum(people) as s from {{ref "gold.shown"}}) a, (select count(*) as c from {{ref "bronze.people"}}) b where s <> c',
};

export interface Built {
  readonly status: 'succeeded' | 'failed' | 'interrupted';
  readonly events: readonly Event[];
  /** Why each model was built. */
  readonly reasons: Readonly<Record<string, string | undefined>>;
  readonly loads: readonly string[];
  readonly tests: readonly string[];
  readonly notices: readonly string[];
}

/** A project as the engine opens it. */
export function open({ dir, url }: TestProject, target?: string): Promise<OpenProject> {
  process.env.DATABASE_URL = process.env.MDL_TEST_MDL_URL!.replace(
    /\/postgres$/,
    url.slice(url.lastIndexOf('/')),
  );
  return openProject({ dir, target });
}

/** A build, however it ends. */
export async function run(project: TestProject, target?: string, options: RunOptions = {}): Promise<Built> {
  const events: Event[] = [];
  const { status } = await build(await open(project, target), {
    ...options,
    emit: (event) => events.push(event),
  });
  const of = <Name extends EventName>(name: Name) =>
    events.filter((event): event is Extract<Event, { event: Name }> => event.event === name);
  return {
    status,
    events,
    reasons: Object.fromEntries(of('model.started').map(({ node, reason }) => [node, reason])),
    loads: of('load.started').map(({ node }) => node),
    tests: of('test.finished')
      .filter(({ isUnchanged }) => !isUnchanged)
      .map(({ node }) => node),
    notices: of('notice').map(({ message }) => message),
  };
}

/** A build that has to succeed. */
export async function built(project: TestProject, target?: string, options?: RunOptions): Promise<Built> {
  const result = await run(project, target, options);
  assert.is(result.status, 'succeeded', JSON.stringify(result.events, null, 1));
  return result;
}

/** For commands. */
export const dev = ['--target', 'dev'];

/** Relations in the schemas of an environment. */
export async function relationsIn({ sql }: TestProject, like: string): Promise<string[]> {
  const rows = await sql<{ name: string }[]>`
    select n.nspname || '.' || c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname like ${like} and c.relkind in ('r', 'v', 'm') order by 1`;
  return rows.map(({ name }) => name);
}

/** Another query for `gold.by_city`. */
export const changedGold =
  'select city, count(*) as people, min(name) as first from {{ref "silver.people"}} group by city';
