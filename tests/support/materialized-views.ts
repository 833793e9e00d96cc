import type { TestProject } from './project.ts';

/** A materialized view over people. */
export const byCity = (front = 'primary_key: city', select = 'city, count(*) as people') =>
  `/*---\nmaterialized: materialized_view\ndescription: People of a city\n${front}\n---*/\nselect ${select} from {{ref "silver.people"}} group by city`;

/** A table, two materialized views one on the other, and a view on them. */
export const files = {
  'medallion.config.ts': `import { csv, defineConfig } from 'medallion';
export default defineConfig({ name: 'loja', database: process.env.DATABASE_URL, sources: { s: csv({ dir: 'seeds' }) },
  bronze: { people: { from: 's.people' } } });`,
  'seeds/people.csv': 'id,name,city\n1,Ana,Olinda\n2,José,Recife\n3,"Li, Wei",Olinda\n',
  'models/silver/people.sql':
    '/*---\nprimary_key: id\n---*/\nselect id::int as id, name, city from {{ref "bronze.people"}}',
  'models/gold/by_city.sql': byCity('primary_key: city\nindexes: [ people ]'),
  'models/gold/large.sql':
    '/*---\nmaterialized: materialized_view\n---*/\nselect city from {{ref "gold.by_city"}} where people > 1',
  'models/gold/shown.sql': '/*---\nmaterialized: view\n---*/\nselect * from {{ref "gold.large"}}',
};

export const shown = async ({ sql }: TestProject) =>
  (await sql`select city from gold.shown order by 1`).map(({ city }) => city);
