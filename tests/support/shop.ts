import { type TestProject, withProject } from './project.ts';

/** A small shop of its own for a test, with more files or others. */
export function withShop(
  files: Record<string, string>,
  work: (project: TestProject) => Promise<void>,
): Promise<void> {
  return withProject(
    {
      'seeds/people.csv': 'id,name,age\n1,Ana,30\n2,José,41\n3,"Li, Wei",28\n',
      'models/silver/people.sql': `/*---
description: People, typed
primary_key: id
columns:
  id: { type: integer, description: The key }
  name: { type: text, not_null: true }
  age: { type: integer, check: age >= 0, tests: [ { between: [0, 120] } ] }
  loaded_at: { type: timestamptz, default: now() }
indexes: [ name ]
---*/
select id, name, age from {{ref "bronze.people"}}`,
      'models/gold/ages.sql': `/*---
primary_key: bucket
columns:
  bucket: { type: integer }
  people: { type: bigint, not_null: true }
---*/
select age / 10 * 10 as bucket, count(*) as people from {{ref "silver.people"}} group by 1`,
      ...files,
    },
    work,
  );
}
