import { randomBytes } from 'node:crypto';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { builtNodes, builtRun } from '../support/built.ts';
import { withProject } from '../support/project.ts';

const test = suite('rows that row-level security hides');

const config = `import { csv, defineConfig } from 'medallion';
export default defineConfig({ name: 'loja', database: process.env.DATABASE_URL, sources: { s: csv({ dir: 'seeds' }) },
  bronze: { orders: { from: 's.orders' } } });`;

test('what is built on published rows has to see all of them', () =>
  withProject(
    {
      'medallion.config.ts': config,
      'seeds/orders.csv': 'id\n1\n2\n',
      'models/silver/orders.sql':
        '/*---\nmaterialized: incremental\nincremental: { strategy: append }\n---*/\nselect id::int as id from {{ref "bronze.orders"}} {{#incremental}}where id::int > coalesce((select max(id) from {{this}}), 0){{/incremental}}',
      'models/silver/versions.sql':
        '/*---\nmaterialized: snapshot\nsnapshot: { key: id }\n---*/\nselect id from {{ref "bronze.orders"}}',
    },
    async (project) => {
      const { sql } = project;
      const database = project.url.split('/').at(-1);
      const role = `mdl_test_${randomBytes(4).toString('hex')}`;
      await sql.unsafe(`create role ${role} login; grant create on database ${database} to ${role};
        alter role medallion in database ${database} set role = ${role}`);
      try {
        await builtNodes(project);
        for (const table of ['silver.orders', 'silver.versions'])
          await sql.unsafe(`alter table ${table} enable row level security, force row level security`);
        project.write('seeds/orders.csv', 'id\n1\n2\n3\n');
        const { failures } = await builtRun(project);
        for (const table of ['orders', 'versions'])
          assert.match(
            failures,
            `MDL4013 silver.${table}: row-level security may hide rows of "silver"."${table}" from "${role}"`,
          );
        await sql.unsafe(`alter role ${role} bypassrls`);
        const { 'silver.orders': orders, 'silver.versions': versions } = await builtNodes(project);
        assert.equal([orders!.how, versions!.how], ['delta 1 0 0', 'delta 1 0 0']);
      } finally {
        await sql.unsafe(`alter role medallion in database ${database} reset role`);
        await sql.unsafe(`drop owned by ${role} cascade; drop role ${role}`);
      }
    },
  ));

test.run();
