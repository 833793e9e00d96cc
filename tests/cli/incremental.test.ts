// core: runs on both servers
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { builtNodes, builtRun } from '../support/built.ts';
import { type TestProject, withProject } from '../support/project.ts';

const test = suite('incremental');

const config = `import { csv, defineConfig } from 'medallion';
export default defineConfig({ name: 'loja', database: process.env.DATABASE_URL, sources: { s: csv({ dir: 'seeds' }) },
  bronze: { orders: { from: 's.orders', key: 'id', load: 'upsert' } } });`;

const orders = (...rows: string[]) => `id,store,amount\n${rows.join('\n')}\n`;

const files = (model: string, more: Readonly<Record<string, string>> = {}) => ({
  'medallion.config.ts': config,
  'seeds/orders.csv': orders('1,A,10', '2,A,20', '3,B,30'),
  'models/silver/orders.sql': model,
  'models/gold/by_store.sql':
    'select store, count(*)::int as orders, sum(amount)::int as amount from {{ref "silver.orders"}} group by store',
  ...more,
});

const rowsOf = async ({ sql }: TestProject, table = 'silver.orders', order = 'id') =>
  [...(await sql.unsafe(`select * from ${table} order by ${order}`))].map((row) =>
    Object.values(row).join(' '),
  );

const oidOf = async ({ sql }: TestProject, table = 'silver.orders') =>
  (await sql`select ${table}::regclass::oid as oid`)[0]!.oid as number;

const typed = 'id::int as id, store, amount::int as amount';
const newOnes = '{{#incremental}}where id::int > (select coalesce(max(id), 0) from {{this}}){{/incremental}}';

test('append: new rows join those that are there; those that changed stay as they were', () =>
  withProject(
    files(
      `/*---\nmaterialized: incremental\nincremental: { strategy: append }\nprimary_key: id\ntests: [ { row_count: { min: 3 } } ]\n---*/\nselect ${typed} from {{ref "bronze.orders"}} ${newOnes}`,
      {
        'models/gold/shown.sql':
          '/*---\nmaterialized: view\n---*/\nselect count(*)::int as n from {{ref "silver.orders"}}',
      },
    ),
    async (project) => {
      const first = await builtNodes(project);
      assert.is(first['silver.orders']!.reason, 'never built');
      const oid = await oidOf(project);
      assert.equal(await builtNodes(project), {}, 'nothing changed');

      project.write('seeds/orders.csv', orders('1,A,11', '2,A,20', '3,B,30', '4,C,40', '5,B,50'));
      const more = await builtNodes(project);
      assert.match(more['silver.orders']!.reason!, /^bronze\.orders /);
      assert.is(more['silver.orders']!.how, 'delta 2 0 0');
      assert.equal(await rowsOf(project), ['1 A 10', '2 A 20', '3 B 30', '4 C 40', '5 B 50']);
      assert.equal(await rowsOf(project, 'gold.by_store', 'store'), ['A 2 30', 'B 2 80', 'C 1 40']);
      assert.equal(await rowsOf(project, 'gold.shown', 'n'), ['5']);
      assert.is(await oidOf(project), oid, 'the table is the one that readers had');

      project.write('seeds/orders.csv', orders('1,A,12', '2,A,20', '3,B,30', '4,C,40', '5,B,50'));
      const none = await builtNodes(project);
      assert.is(none['silver.orders']!.how, 'same');
      assert.not.ok('gold.by_store' in none, 'children are built where rows have changed');

      const full = await builtNodes(project, { fullRefresh: true });
      assert.equal((await rowsOf(project))[0], '1 A 12');
      assert.is(full['silver.orders']!.how, 'delta 0 1 0');
      assert.equal(
        [...(await project.sql`select 1 from pg_namespace where nspname like 'mdl_stage%'`)],
        [],
        'no orphan',
      );
    },
  ));

test('merge: rows with a key that is there take its place, and only those that differ are written', () =>
  withProject(
    files(
      `/*---\nmaterialized: incremental\nincremental: { strategy: merge }\nprimary_key: id\ncolumns:\n  id: int\n  store: text\n  amount: { type: int, check: amount >= 0 }\n  came_in: { type: timestamptz, default: clock_timestamp() }\n---*/\nselect id, store, amount from {{ref "bronze.orders"}}`,
    ),
    async (project) => {
      await builtNodes(project);
      const stamps = async () =>
        [...(await project.sql`select came_in from silver.orders order by id`)].map((row) =>
          String(row.came_in.getTime()),
        );
      const before = await stamps();
      const xmins = async () =>
        [...(await project.sql`select xmin::text from silver.orders order by id`)].map((row) => row.xmin);
      const written = await xmins();
      project.write('seeds/orders.csv', orders('1,A,10', '2,Ω,25', '3,B,30', '4,C,40'));
      const more = await builtNodes(project);
      assert.is(more['silver.orders']!.how, 'delta 1 1 0');
      assert.equal(
        (await rowsOf(project)).map((row) => row.split(' ').slice(0, 3).join(' ')),
        ['1 A 10', '2 Ω 25', '3 B 30', '4 C 40'],
      );
      const [after, now] = [await stamps(), await xmins()];
      assert.equal([after[0], after[2]], [before[0], before[2]], 'what a default filled in stays');
      assert.equal([now[0], now[2]], [written[0], written[2]], 'rows that are the same are not touched');
      assert.is.not(after[1], before[1]);

      project.write('seeds/orders.csv', orders('1,A,10', '2,B,-5', '3,B,30', '4,C,40', '5,C,1'));
      assert.match((await builtRun(project)).failures, /^check amount >= 0: 1 .*"-5"/);
      assert.equal((await rowsOf(project)).length, 4, 'nothing was published');
      project.write('seeds/orders.csv', orders('1,A,10', '2,B,5', '3,B,30', '4,C,40', '5,C,1'));
      assert.is((await builtNodes(project))['silver.orders']!.how, 'delta 1 1 0');
    },
  ));

test('merge: keys that would be there twice, or are null, fail before anything is published', () =>
  withProject(
    files(
      `/*---\nmaterialized: incremental\nincremental: { strategy: merge, key: code }\nprimary_key: id\nunique: [code]\n---*/\nselect id::int as id, nullif(store, '') as code, amount::int as amount from {{ref "bronze.orders"}} {{#incremental}}where id::int > 3 or store = 'Z'{{/incremental}}`,
      {
        'seeds/orders.csv': orders('1,A,10', '2,B,20', '3,C,30'),
        'models/gold/by_store.sql': 'select 1 as n',
        'medallion.config.ts': config.replace("key: 'id', load: 'upsert'", "load: 'replace'"),
      },
    ),
    async (project) => {
      await builtNodes(project);
      const fails = async (rows: string, pattern: RegExp) => {
        project.write('seeds/orders.csv', orders('1,A,10', '2,B,20', '3,C,30', rows));
        assert.match((await builtRun(project)).failures, pattern);
        assert.equal(await rowsOf(project), ['1 A 10', '2 B 20', '3 C 30']);
      };
      await fails('4,D,1\n5,D,2', /unique \(code\): 1 /);
      await fails('4,,1\n5,E,2', /key not null \(code\): 1 /);
      // The key moves to another row, whose own key another row has.
      await fails('3,Z,1', /primary key \(id\): 1 /);
    },
  ));

test('delete+insert: all rows of a key are replaced, with a primary key only those that differ are written', () =>
  withProject(
    {
      ...files(
        `/*---\nmaterialized: incremental\nincremental: { strategy: delete+insert, key: store }\nprimary_key: id\n---*/\nselect ${typed} from {{ref "bronze.orders"}} {{#incremental}}where store in ('A', 'C'){{/incremental}}`,
      ),
      'models/silver/keyless.sql': `/*---\nmaterialized: incremental\nincremental: { strategy: delete+insert, key: [store] }\n---*/\nselect store, amount::int as amount, '{"a": 1}'::json as doc from {{ref "bronze.orders"}} {{#incremental}}where store in ('A', 'C'){{/incremental}}`,
      'medallion.config.ts': config.replace("load: 'upsert' }", "load: 'replace' }"),
    },
    async (project) => {
      await builtNodes(project);
      project.write('seeds/orders.csv', orders('1,A,10', '7,A,70', '3,B,99', '4,C,40'));
      const more = await builtNodes(project);
      assert.is(more['silver.orders']!.how, 'delta 2 0 1');
      assert.equal(await rowsOf(project), ['1 A 10', '3 B 30', '4 C 40', '7 A 70']);
      assert.is(more['silver.keyless']!.how, 'delta 3 0 2');
      assert.equal(
        [...(await project.sql`select store, amount from silver.keyless order by 1, 2`)].map(
          (row) => `${row.store} ${row.amount}`,
        ),
        ['A 10', 'A 70', 'B 30', 'C 40'],
      );
      const again = await builtNodes(project, { force: true });
      assert.equal([again['silver.orders']!.how, again['silver.keyless']!.how], ['same', 'same']);
    },
  ));

test('a failing test publishes nothing, and sees all rows as they would be', () =>
  withProject(
    files(
      `/*---\nmaterialized: incremental\nincremental: { strategy: append }\ntests: [ { row_count: { max: 4 } } ]\n---*/\nselect ${typed} from {{ref "bronze.orders"}} ${newOnes}`,
      { 'tests/sum.sql': 'select 1 from {{ref "silver.orders"}} having sum(amount) > 100' },
    ),
    async (project) => {
      await builtNodes(project);
      project.write('seeds/orders.csv', orders('1,A,10', '2,A,20', '3,B,30', '4,C,1', '5,C,1'));
      assert.match((await builtRun(project)).failures, /row_count max 4: 1 /);
      project.write('seeds/orders.csv', orders('1,A,10', '2,A,20', '3,B,30', '4,C,100'));
      assert.is((await builtRun(project)).status, 'failed', 'the row of before is in bronze still');
      assert.equal(await rowsOf(project), ['1 A 10', '2 A 20', '3 B 30']);
    },
  ));

test('changed sql builds all anew, unless its rows may stay', () =>
  withProject(
    {
      ...files(
        `/*---\nmaterialized: incremental\nincremental: { strategy: append }\n---*/\nselect ${typed} from {{ref "bronze.orders"}} ${newOnes}`,
      ),
      'models/silver/kept.sql': `/*---\nmaterialized: incremental\nincremental: { strategy: append, on_sql_change: keep }\n---*/\nselect ${typed} from {{ref "bronze.orders"}} ${newOnes}`,
    },
    async (project) => {
      await builtNodes(project);
      for (const name of ['orders', 'kept']) {
        const path = `models/silver/${name}.sql`;
        project.write(path, project.read(path).replace('amount::int as', 'amount::int * 2 as'));
      }
      project.write('seeds/orders.csv', orders('1,A,10', '2,A,20', '3,B,30', '4,C,40'));
      const changed = await builtNodes(project);
      assert.equal(
        [changed['silver.orders']!.reason, changed['silver.kept']!.reason],
        ['sql changed', 'sql changed'],
      );
      assert.equal(await rowsOf(project), ['1 A 20', '2 A 40', '3 B 60', '4 C 80']);
      assert.equal(await rowsOf(project, 'silver.kept'), ['1 A 10', '2 A 20', '3 B 30', '4 C 80']);
      assert.equal(await builtNodes(project), {});
      await project.sql.unsafe('alter table silver.kept alter column amount type bigint');
      const altered = await builtNodes(project);
      assert.is(altered['silver.kept']!.reason, 'altered by others');
      assert.equal(await rowsOf(project, 'silver.kept'), ['1 A 20', '2 A 40', '3 B 60', '4 C 80']);
      await project.sql.unsafe('drop table silver.kept');
      assert.is((await builtNodes(project))['silver.kept']!.reason, 'dropped by others');
    },
  ));

test('names with quotes, accents and upper case', () =>
  withProject(
    {
      'medallion.config.ts': config,
      'seeds/orders.csv': orders('1,A,10', '2,A,20'),
      'models/silver/Pédidos "x".sql': `/*---
materialized: incremental
incremental: { strategy: merge }
primary_key: 'Chave "ç"'
---*/
select id::int as "Chave ""ç""", store as "select", amount::int as "Válor" from {{ref "bronze.orders"}}`,
      'models/gold/of_it.sql': 'select sum("Válor")::int as total from {{ref "silver.Pédidos \\"x\\""}}'
        .replaceAll('\\"', '"')
        .replace('"silver.Pédidos "x""', `'silver.Pédidos "x"'`),
    },
    async (project) => {
      await builtNodes(project);
      project.write('seeds/orders.csv', orders('1,A,11', '2,A,20', '3,"it\'s",30'));
      const more = await builtNodes(project);
      assert.is(more['silver.Pédidos "x"']!.how, 'delta 1 1 0');
      assert.equal(await rowsOf(project, 'gold.of_it', 'total'), ['61']);
    },
  ));

test('rights, policies, indexes and comments stay; others find their views as they were', () =>
  withProject(
    files(
      `/*---
description: All orders
materialized: incremental
incremental: { strategy: merge }
primary_key: id
indexes: [store]
rls: { select: { to: public, using: amount > 0 } }
---*/
select ${typed} from {{ref "bronze.orders"}}`,
    ),
    async (project) => {
      await builtNodes(project);
      await project.sql.unsafe(
        'create view public.theirs as select * from silver.orders; create index theirs on silver.orders (amount)',
      );
      const look = () => project.sql`
        select (select count(*)::int from pg_indexes where tablename = 'orders' and schemaname = 'silver') as indexes,
               (select count(*)::int from pg_policies where tablename = 'orders') as policies,
               obj_description('silver.orders'::regclass) as comment`;
      const before = [...(await look())];
      project.write('seeds/orders.csv', orders('1,A,10', '2,A,20', '3,B,30', '4,C,40'));
      await builtNodes(project);
      assert.equal([...(await look())], before);
      assert.equal((await rowsOf(project, 'public.theirs')).length, 4);
    },
  ));

test.run();
