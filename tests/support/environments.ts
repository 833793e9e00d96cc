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
  readonly code: number | null;
  readonly stdout: string;
  /** Why each model was built. */
  readonly reasons: Readonly<Record<string, string>>;
  readonly loads: readonly string[];
  readonly tests: readonly string[];
  readonly notices: readonly string[];
}

export async function run(project: TestProject, ...args: string[]): Promise<Built> {
  const { code, stdout, stderr } = await project.mdl(...args, '--json');
  const events = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const of = (name: string) => events.filter(({ event }) => event === name);
  return {
    code,
    stdout: stdout + stderr,
    reasons: Object.fromEntries(of('model.started').map(({ node, reason }) => [node, reason])),
    loads: of('load.started').map(({ node }) => node),
    tests: of('test.finished')
      .filter(({ isUnchanged }) => !isUnchanged)
      .map(({ node }) => node),
    notices: of('notice').map(({ message }) => message),
  };
}

/** A run that has to succeed. */
export async function built(project: TestProject, ...args: string[]): Promise<Built> {
  const result = await run(project, 'build', ...args);
  assert.is(result.code, 0, result.stdout);
  return result;
}

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
