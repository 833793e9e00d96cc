import type { TestProject } from './project.ts';

export const snapshotConfig = `import { csv, defineConfig } from 'medallion';
export default defineConfig({ name: 'loja', database: process.env.DATABASE_URL, sources: { s: csv({ dir: 'seeds' }) },
  bronze: { people: { from: 's.people' } } });`;

/** A model that keeps the versions of people. */
export const people = (snapshot: string, rest = '', select = 'id::int as id, name, city') =>
  `/*---\nmaterialized: snapshot\nsnapshot: ${snapshot}\n${rest}\n---*/\nselect ${select} from {{ref "bronze.people"}}`;

/** A project with a snapshot, and a model that reads it. */
export const snapshotFiles = {
  'medallion.config.ts': snapshotConfig,
  'seeds/people.csv': 'id,name,city\n1,Ana,Olinda\n2,José,Recife\n3,"Li, Wei",\n',
  'models/silver/people.sql': people('{ key: id, hard_deletes: invalidate }'),
  'models/gold/by_city.sql':
    'select city, count(*)::int as people, (select count(*)::int from {{ref "silver.people"}}) as versions from {{ref "silver.people"}} where is_current group by city',
};

export const versions = (sql: TestProject['sql']) =>
  sql`select id, name, city, valid_from, valid_to, is_current from silver.people order by id, valid_from`;
