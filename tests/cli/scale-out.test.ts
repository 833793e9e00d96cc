// in one process
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { distributed, standInForCitus } from '../support/citus.ts';
import { type TestProject, withProject } from '../support/project.ts';
import { recordStatements } from '../support/statements.ts';

/** What is asked of a Citus cluster, and in which order. Citus itself is not here: see tests/support/citus.ts. */
const test = suite('tables distributed on Citus');

const config = (url: string, bronze: string, more = '') => `import { csv, defineConfig } from 'medallion';
export default defineConfig({ name: 'loja', database: ${url}, threads: 1, sources: { s: csv({ dir: 'seeds' }) }, bronze: { ${bronze} }, ${more} });`;
const ownUrl = 'process.env.DATABASE_URL';

const bronze = `
  shops: { from: 's.shops', distribute: 'reference' },
  orders: { from: 's.orders', distributeBy: 'shop' },
  "Vi sits": { from: 's.Vi sits', load: 'append', distributeBy: 'Sho"p' },
  people: { from: 's.people', load: 'upsert', key: ['shop', 'id'], distributeBy: 'shop' }`;

const files = {
  'medallion.config.ts': config(ownUrl, bronze),
  'seeds/shops.csv': 'id,name\n1,North\n2,South\n',
  'seeds/orders.csv': 'id,shop,total\n10,1,5.5\n11,2,7\n12,1,1\n',
  'seeds/Vi sits.csv': '"Sho""p",day\n1,2026-01-01\n2,2026-01-02\n',
  'seeds/people.csv': 'id,shop,name\n1,1,Ana\n2,1,José\n1,2,Li\n',
  'models/silver/shops.sql': `/*---
description: Every node has them
distribute: reference
primary_key: id
columns: { id: integer, name: { type: text, not_null: true } }
---*/
select id, name from {{ref "bronze.shops"}}`,
  'models/silver/people.sql': `/*---
distribute_by: shop
primary_key: [shop, id]
columns: { shop: integer, id: integer, name: text }
---*/
select shop, id, name from {{ref "bronze.people"}} /* behind {{ref "silver.shops"}}: one order of all runs */`,
  'models/silver/orders.sql': `/*---
description: Orders, by their shop
distribute_by: shop
primary_key: [shop, id]
columns:
  shop: { type: integer }
  id: { type: integer, description: The number }
  total: { type: 'numeric(10,2)', not_null: true, check: total >= 0 }
  person: { type: integer, default: '1' }
  made_at: { type: timestamptz, default: now() }
unique: [ [id, shop] ]
checks: [ shop > 0, { name: named, expression: id > 0 } ]
indexes: [ total, { columns: [person, shop, id], unique: true } ]
foreign_keys:
  - { columns: shop, references: silver.shops }
  - { columns: [shop, person], references: silver.people }
tests: [ { expression: total < 1000 } ]
---*/
select shop, id, total from {{ref "bronze.orders"}}`,
  'models/silver/versions.sql': `/*---
materialized: snapshot
snapshot: { key: [shop, id], hard_deletes: invalidate }
distribute_by: shop
columns: { shop: integer, id: integer, name: { type: text, not_null: true } }
foreign_keys: [ { columns: shop, references: silver.shops } ]
---*/
select shop, id, name from {{ref "silver.people"}}`,
  'models/silver/totals.sql': `/*---
materialized: view
---*/
select shop, sum(total) as total from {{ref "silver.orders"}} group by 1`,
  'models/gold/plain.sql': 'select count(*) as shops from {{ref "silver.totals"}}',
};

/** Statements that change something or count, without spaces that say nothing, and without those of the history. */
function told(statements: readonly string[]): string[] {
  return statements
    .map((statement) =>
      statement
        .replace(/\s+/g, ' ')
        .replace(/default '\d+'/g, "default '<run>'")
        .replace(/'[-\d]{10} [:.\d]+\+00'/g, "'<moment>'")
        .replace(/lock_timeout = \d+/, 'lock_timeout = <ms>')
        .trim(),
    )
    .filter(
      (statement, i, all) =>
        /mdl_(stage|load|trash|changes)|citus/.test(statement) &&
        !/medallion\.(relations|runs|run_nodes|loads|definitions)|pg_(class|namespace|proc|attribute|extension|dist)/.test(
          statement,
        ) &&
        !/^(grant|drop schema|(create|comment on) schema [^;]*$|create schema (?!"mdl_trash)|select (?!pg_catalog\.create_|count|mdl_batch|coalesce))/.test(
          statement,
        ) &&
        // A publish that readers keep waiting begins again.
        !(statement.includes('lock_timeout') && statement === all[i - 1]),
    );
}

test('the statements of a first build, of one that replaces it, and of loads that replace, append and upsert', () =>
  withProject(files, async (project) => {
    await standInForCitus(project);
    const recorder = await recordStatements(project.url);
    try {
      project.write('medallion.config.ts', config(`'${recorder.url}'`, bronze));
      const parts: string[] = [];
      const step = async (title: string, ...args: string[]) => {
        recorder.take();
        const { code, stdout, stderr } = await project.mdl(...args);
        assert.is(code, 0, stdout + stderr);
        parts.push(`-- ${title}: mdl ${args.join(' ')}`, ...told(recorder.take()), '');
      };
      for (const table of ['shops', 'orders', 'Vi sits', 'people'])
        await step(`first load of ${table}`, 'load', `bronze.${table.replace(' sits', '*')}`);
      await step('first build', 'run');
      project.write('seeds/orders.csv', 'id,shop,total\n10,1,5.5\n11,2,8\n13,1,2\n');
      project.write('seeds/Vi sits.csv', '"Sho""p",day\n1,2026-01-03\n');
      project.write('seeds/people.csv', 'id,shop,name\n1,1,Ana\n2,1,Jo\n3,2,Eva\n');
      for (const table of ['orders', 'Vi sits', 'people'])
        await step(`second load of ${table}`, 'load', `bronze.${table.replace(' sits', '*')}`);
      // The longest path comes first: which that is must not depend on the machine.
      await project.sql`update medallion.run_nodes set duration_ms = 1`;
      await step('a build that replaces', 'run');
      const text = parts.join('\n');
      const file = new URL('snapshots/scale-out.txt', import.meta.url);
      if (process.env.UPDATE_SNAPSHOTS) writeFileSync(file, text);
      assert.ok(existsSync(file), 'UPDATE_SNAPSHOTS=1 node tests/run.js scale-out');
      assert.snapshot(text, readFileSync(file, 'utf8'), 'UPDATE_SNAPSHOTS=1 when the change is meant');

      assert.equal(await distributed(project), [
        'bronze.Vi sits by Sho"p',
        'bronze.orders by shop',
        'bronze.people by shop',
        'bronze.shops reference',
        'silver.orders by shop',
        'silver.people by shop',
        'silver.shops reference',
        'silver.versions by shop',
      ]);
      assert.equal(
        (await project.sql`select shop, id, name from silver.versions where is_current order by 1, 2`).map(
          ({ shop, id, name }) => `${shop} ${id} ${name}`,
        ),
        ['1 1 Ana', '1 2 Jo', '2 1 Li', '2 3 Eva'],
      );
      assert.is((await project.sql`select from silver.versions`).count, 5);
      assert.equal(
        (await project.sql`select shop, id, total, person from silver.orders order by id`).map((row) => ({
          ...row,
        })),
        [
          { shop: 1, id: 10, total: '5.50', person: 1 },
          { shop: 2, id: 11, total: '8.00', person: 1 },
          { shop: 1, id: 13, total: '2.00', person: 1 },
        ],
      );
      assert.is((await project.sql`select from bronze."Vi sits"`).count, 3);
      assert.equal(
        (await project.sql`select shop, id, name, row_version from bronze.people order by 1, 2`).map(
          ({ shop, id, name, row_version }) => `${shop} ${id} ${name} ${row_version}`,
        ),
        ['1 1 Ana 1', '1 2 Jo 2', '2 1 Li 1', '2 3 Eva 1'],
      );
      const keys = await project.sql`
        select conname from pg_constraint where conrelid = 'silver.orders'::regclass and contype <> 'n' order by 1`;
      assert.equal(
        keys.map(({ conname }) => conname),
        [
          'named',
          'orders_check',
          'orders_id_shop_key',
          'orders_pkey',
          'orders_shop_fkey',
          'orders_shop_person_fkey',
          'orders_total_check',
        ],
      );
    } finally {
      await recorder.close();
    }
  }));

test('on any other database the settings are ignored, with one notice', () =>
  withProject(files, async (project) => {
    const events = await project.events('build');
    const notices = events.filter(({ event }) => event === 'notice').map(({ message }) => message);
    assert.equal(notices, [
      'The database has no citus extension: bronze.shops, bronze.orders, bronze.Vi sits and 5 more are not distributed.',
    ]);
    assert.is(events.at(-1)!.status, 'succeeded', JSON.stringify(events.at(-1)));
    const { stdout } = await project.mdl('doctor');
    assert.match(stdout, 'no citus extension: 8 tables are not distributed here');
    const plain = await project.events('run', '--select', 'gold.plain');
    assert.is(plain.filter(({ event }) => event === 'notice').length, 0);
    project.write('models/silver/loose.sql', '/*---\ndistribute_by: shopp\n---*/\nselect 1 as shop');
    const loose = await project.mdl('run', '--select', 'silver.loose');
    assert.match(loose.stdout, /MDL4002/);
    assert.match(loose.stdout, /no column "shopp" to distribute by/);
  }));

const one = (front: string, select: string) => ({
  'medallion.config.ts': config(ownUrl, ''),
  'models/silver/one.sql': `/*---\n${front}\n---*/\n${select}`,
});

async function failure(project: TestProject): Promise<Record<string, any>> {
  const events = await project.events('build');
  assert.is(events.at(-1)!.status, 'failed', JSON.stringify(events));
  const finished = events.find(({ event, status }) => event.endsWith('.finished') && status === 'failed');
  return finished!;
}

test('rows that belong to no node fail the model, with their number', () =>
  withProject(
    one('distribute_by: k', `select nullif(i, 2) as k from generate_series(1, 3) i`),
    async (project) => {
      await standInForCitus(project);
      const { error } = await failure(project);
      assert.is(error.code, 'MDL4014');
      assert.match(error.message, '1 rows have no value in "k"');
      assert.equal(error.where, { file: 'models/silver/one.sql', line: 2, column: 1 });
      assert.match(error.hint, 'coalesce');
    },
  ));

test('a type that cannot be distributed by is told where the setting stands', () =>
  withProject(one('distribute_by: k', `select '(1,2)'::point as k`), async (project) => {
    await standInForCitus(project);
    const { error } = await failure(project);
    assert.is(error.code, 'MDL4014');
    assert.match(error.message, 'point');
    assert.is(error.where.line, 2);
  }));

test('rows that break a key are told by its test, and nothing is published', () =>
  withProject(
    one(
      'distribute_by: k\nprimary_key: k\nindexes: [ v ]',
      `select i % 3 as k, i as v from generate_series(1, 4) i`,
    ),
    async (project) => {
      await standInForCitus(project);
      const { tests } = await failure(project);
      const failed = tests.filter(({ status }: { status: string }) => status === 'failed');
      assert.is(failed.length, 1);
      assert.match(failed[0].title, 'k');
      assert.is(failed[0].failures, 1);
      assert.is((await project.sql`select from pg_class where relname = 'one'`).count, 0);
    },
  ));

test('a part of the contract that is refused is told at its place, and the next run goes on', () =>
  withProject(
    one('distribute_by: k\nindexes: [ { columns: k, using: nothing } ]', 'select 1 as k'),
    async (project) => {
      await standInForCitus(project);
      const { error } = await failure(project);
      assert.is(error.code, 'MDL4003');
      assert.is(error.where.line, 3);
      project.write('models/silver/one.sql', '/*---\ndistribute_by: k\n---*/\nselect 1 as k');
      assert.is((await project.mdl('build')).code, 0);
      assert.equal(await distributed(project), ['silver.one by k']);
    },
  ));

test('names of every kind, and long ones', () => {
  const name = 'Números "da" loja';
  const long = `${'é'.repeat(25)}_${'x'.repeat(10)}`;
  return withProject(
    {
      'medallion.config.ts': config(ownUrl, ''),
      [`models/silver/${name}.sql`]: `/*---
distribute_by: "it's \\"K\\""
primary_key: "it's \\"K\\""
columns: { "it's \\"K\\"": text, '${long}': { type: int, check: '"${long}" > 0' }, b: { type: int, check: 'b > 0' } }
unique: [ ["it's \\"K\\"", '${long}'], ['${long}', "it's \\"K\\""] ]
checks: [ b > 1, b > 2 ]
---*/
select 'x' as "it's ""K""", 1 as "${long}", 3 as b`,
    },
    async (project) => {
      await standInForCitus(project);
      const { code, stdout } = await project.mdl('build');
      assert.is(code, 0, stdout);
      assert.equal(await distributed(project), [`silver.${name} by it's "K"`]);
      const [row] = await project.sql`
        select count(*)::int as keys from pg_constraint c join pg_class r on r.oid = c.conrelid where r.relname = ${name} and contype <> 'n'`;
      assert.is(row!.keys, 7);
    },
  );
});

test('rows are added to a bronze table where it is, and the way to distribute it is told', () => {
  const people = `people: { from: 's.people', load: 'upsert', key: 'id'`;
  return withProject(
    {
      'medallion.config.ts': config(ownUrl, `${people} }`),
      'seeds/people.csv': 'id,name\n1,Ana\n',
    },
    async (project) => {
      await standInForCitus(project);
      assert.is((await project.mdl('load')).code, 0);
      project.write('medallion.config.ts', config(ownUrl, `${people}, distributeBy: 'id' }`));
      project.write('seeds/people.csv', 'id,name\n1,Ana\n2,Li\n');
      const events = await project.events('load');
      const notice = events.find(({ event, message }) => event === 'notice' && /made before/.test(message));
      assert.match(
        notice!.hint,
        `select pg_catalog.create_distributed_table('"bronze"."people"', 'id', colocate_with => 'default');`,
      );
      assert.is((await project.sql`select from bronze.people`).count, 2);
      assert.equal(await distributed(project), []);
      assert.match((await project.mdl('doctor')).stdout, /bronze\.people is on one node only, and should be/);
    },
  );
});

test('a row of a source without a value to distribute by ends the load, and says so', () =>
  withProject(
    {
      'medallion.config.ts': config(
        ownUrl,
        `people: { from: 's.people', distributeBy: 'shop', maxRejects: 5 }`,
      ),
      'seeds/people.csv': 'id,shop\n1,1\n2,\n',
    },
    async (project) => {
      await standInForCitus(project);
      await project.sql.unsafe(
        `alter database ${project.url.split('/').at(-1)} set citus_stand_in.refuses_nulls = 'on'`,
      );
      const { error } = await failure(project);
      assert.is(error.code, 'MDL4014');
      assert.match(error.message, /bronze\.people: a row has no value in "shop"/);
      project.write(
        'medallion.config.ts',
        config(ownUrl, `people: { from: 's.people', distributeBy: 'sho' }`),
      );
      assert.is((await failure(project)).error.code, 'MDL3005');
    },
  ));

test('doctor shows nodes, shards and their balance, and what is not distributed as it should be', () =>
  withProject(files, async (project) => {
    await standInForCitus(project);
    assert.is((await project.mdl('build')).code, 0);
    const { sql } = project;
    await sql`
      insert into pg_catalog.citus_shards
      select t::regclass, row_number() over (), case when i % 2 = 0 then 'one' else 'two' end, case when i % 2 = 0 then 5432 else 5433 end,
             case when t = 'silver.orders' and i = 1 then 900 else 20 end * 1048576
        from unnest(array['bronze.orders', 'silver.orders', 'silver.people']) t, generate_series(1, 8) i
       where t <> 'silver.people' or i % 2 = 0`;
    await sql`update pg_catalog.pg_dist_node set isactive = false where nodename = 'hub'`;
    await sql`delete from pg_catalog.pg_dist_partition where logicalrelid = 'silver.shops'::regclass`;
    const { code, stdout } = await project.mdl('doctor');
    assert.is(code, 1, stdout);
    for (const line of [
      /ok {4}Citus 13\.0-1/,
      /FAIL {2}coordinator hub:5432, primary, holds no shards is not active|FAIL {2}coordinator hub:5432, primary is not active\n +fix: .*citus_activate_node\('hub', 5432\)/,
      /ok {4}worker one:5432, primary/,
      /ok {4}worker two:5433, primary/,
      /ok {4}bronze\.orders: 8 shards, 160\.0 MiB: one:5432 has 4 with 80\.0 MiB, two:5433 has 4 with 80\.0 MiB/,
      /warn {2}silver\.orders: 8 shards, .*one shard holds 87% of it.*\n +fix: distribute silver\.orders by a column/,
      /warn {2}silver\.people: 4 shards, .*one node holds 100% of it\n +fix: select citus_rebalance_start/,
      /ok {4}bronze\.shops is whole on every node/,
      /warn {2}silver\.shops is on one node only, and should be whole on every node\n +fix: .*create_reference_table\('"silver"\."shops"'\);/,
    ])
      assert.match(stdout, line);
  }));

test.run();
