import * as assert from 'uvu/assert';
import type { TestProject } from './project.ts';

const config = (rest = '') =>
  `import { csv, defineConfig } from 'medallion';
export default defineConfig({ name: 'loja', database: process.env.DATABASE_URL, sources: { s: csv({ dir: 'seeds' }) },
  bronze: { people: { from: 's.people', key: 'id', load: 'upsert' } }, ${rest} });`;

export const person = (query = 'select id::int as id, name, city', rest = '') =>
  `/*---\nprimary_key: id\n${rest}---*/\n${query} from {{ref "bronze.people"}}`;

const people = 'id,name,city\n1,Ana,Olinda\n2,José,Recife\n3,"O\'Neil, ""Li""",Olinda\n';

export const files = {
  'medallion.config.ts': config(),
  'seeds/people.csv': people,
  'models/silver/people.sql': person(),
  'models/silver/Ação "1".sql':
    '/*---\nprimary_key: [ "Código \\"x\\"" ]\n---*/\nselect id::int as "Código ""x""", city as "é; drop" from {{ref "bronze.people"}}',
  'models/gold/by_city.sql':
    '/*---\ncharts: [ { title: Cities, kind: kpi, value: people } ]\n---*/\nselect city, count(*) as people from {{ref "silver.people"}} group by city',
  'models/gold/shown.sql': '/*---\nmaterialized: view\n---*/\nselect * from {{ref "gold.by_city"}}',
};

export type Json = Record<string, any>;

export async function json(
  project: TestProject,
  ...args: string[]
): Promise<{ code: number | null; events: Json[] }> {
  const { code, stdout, stderr } = await project.mdl(...args, '--json');
  const lines = (stdout || stderr).trim().split('\n');
  return { code, events: lines.filter((line) => line !== '').map((line) => JSON.parse(line)) };
}

/** Makes a plan; what it says of each model. */
export async function planned(project: TestProject, ...args: string[]) {
  const { code, events } = await json(project, 'plan', ...args);
  const made = events.find(({ event }) => event === 'plan.made');
  const models: Json = Object.fromEntries((made?.models ?? []).map((model: Json) => [model.node, model]));
  return { code, events, made, models };
}

export const errorOf = (events: Json[]) =>
  (events.find(({ event }) => event === 'run.finished') ?? events[0])!.error;

export async function built(project: TestProject): Promise<void> {
  const { code, stdout, stderr } = await project.mdl('build');
  assert.is(code, 0, stdout + stderr);
}

export const seen = async (project: TestProject) => ({
  people: (await project.sql`select id, name, city from silver.people order by id`).map(
    ({ id, name, city }) => `${id} ${name} ${city}`,
  ),
  cities: (await project.sql`select city, people::int as n from gold.shown order by 1`).map(
    ({ city, n }) => `${city} ${n}`,
  ),
});

export const statuses = async (project: TestProject) =>
  (await project.sql`select status from medallion.plans order by run_id`).map(({ status }) => status);

export const orphans = async (project: TestProject) =>
  (await project.sql`select from pg_namespace where nspname like 'mdl_stage%' or nspname like 'mdl_trash%'`)
    .count;
