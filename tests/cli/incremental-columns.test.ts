import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { builtNodes, builtRun } from '../support/built.ts';
import { type TestProject, withProject } from '../support/project.ts';

const test = suite('incremental: columns and keys');

const config = `import { csv, defineConfig } from 'medallion';
export default defineConfig({ name: 'loja', database: process.env.DATABASE_URL, sources: { s: csv({ dir: 'seeds' }) },
  bronze: { orders: { from: 's.orders' } } });`;

const model = (mode: string, select: string, more = '') =>
  `/*---\nmaterialized: incremental\nincremental: { strategy: append, on_sql_change: keep, on_schema_change: ${mode} }\nprimary_key: id\n${more}---*/\nselect ${select} from {{ref "bronze.orders"}} {{#incremental}}where id::int > (select max(id) from {{this}}){{/incremental}}`;

const before = 'id::int as id, store, amount::int as amount';

const rowsOf = async ({ sql }: TestProject, table = 'silver.orders') =>
  [...(await sql.unsafe(`select t::text as row from ${table} t order by 1`))].map(({ row }) => row);

const first = 'id,store,amount\n1,A,10\n2,B,20\n';
const files = { 'medallion.config.ts': config, 'seeds/orders.csv': first };

test('fail: columns that the select has gained, lost or changed are named, and nothing happens', () =>
  withProject({ ...files, 'models/silver/orders.sql': model('fail', before) }, async (project) => {
    await builtNodes(project);
    project.write('models/silver/orders.sql', model('fail', 'id::int as id, amount, \'x\' as "Nôvo"'));
    const { status, failures } = await builtRun(project);
    assert.is(status, 'failed');
    assert.is(
      failures,
      'MDL4011 silver.orders: the select has gained "Nôvo"; the select has lost "store"; "amount" was integer and is text. {"file":"models/silver/orders.sql","line":3,"column":1}',
    );
    assert.equal(await rowsOf(project), ['(1,A,10)', '(2,B,20)']);
  }));

test('append: new columns come, lost ones stay empty; views of others and of ours go on', () =>
  withProject(
    {
      ...files,
      'models/silver/orders.sql': model('append', before, 'grants: { select: [public] }\nindexes: [store]\n'),
      'models/gold/shown.sql':
        '/*---\nmaterialized: view\n---*/\nselect id, amount from {{ref "silver.orders"}}',
    },
    async (project) => {
      await builtNodes(project);
      await project.sql.unsafe('create view public.theirs as select id, store from silver.orders');
      project.write('seeds/orders.csv', `${first}3,C,30\n`);
      project.write(
        'models/silver/orders.sql',
        model(
          'append',
          "id::int as id, amount::int as amount, 'x' as added",
          'grants: { select: [public] }\nindexes: [store]\n',
        ),
      );
      project.write(
        'models/gold/shown.sql',
        '/*---\nmaterialized: view\n---*/\nselect id, amount, added from {{ref "silver.orders"}}',
      );
      const changed = await builtNodes(project);
      assert.is(changed['silver.orders']!.how, 'swap');
      assert.equal(await rowsOf(project), ['(1,A,10,)', '(2,B,20,)', '(3,,30,x)']);
      assert.equal(await rowsOf(project, 'gold.shown'), ['(1,10,)', '(2,20,)', '(3,30,x)']);
      assert.equal(await rowsOf(project, 'public.theirs'), ['(1,A)', '(2,B)', '(3,)']);
      project.write('seeds/orders.csv', `${first}3,C,30\n4,D,40\n`);
      const more = await builtNodes(project);
      assert.is(
        more['silver.orders']!.how,
        'delta 1 0 0',
        'a column that the select has lost is no change any more',
      );
      assert.is((await rowsOf(project)).at(-1), '(4,,40,x)');
      assert.equal(
        [...(await project.sql`select count(*)::int as n from pg_indexes where schemaname = 'silver'`)].map(
          ({ n }) => n,
        ),
        [2],
      );
    },
  ));

test('sync: lost columns go, unless others read them; types get wider, or all is built anew', () =>
  withProject({ ...files, 'models/silver/orders.sql': model('sync', before) }, async (project) => {
    await builtNodes(project);
    await project.sql.unsafe('create view public.theirs as select store from silver.orders');
    project.write('seeds/orders.csv', `${first}3,C,30\n`);
    project.write('models/silver/orders.sql', model('sync', 'id::int as id, amount::bigint * 2 as amount'));
    assert.match((await builtRun(project)).failures, /MDL4301 .*public\.theirs/);
    assert.equal(await rowsOf(project), ['(1,A,10)', '(2,B,20)']);
    await project.sql.unsafe('drop view public.theirs');
    await builtNodes(project);
    assert.equal(await rowsOf(project), ['(1,10)', '(2,20)', '(3,60)']);
    assert.is(
      (await project.sql`select pg_typeof(amount)::text as t from silver.orders limit 1`)[0]!.t,
      'bigint',
    );
    project.write('models/silver/orders.sql', model('sync', 'id::int as id, amount'));
    await builtNodes(project);
    assert.equal(await rowsOf(project), ['(1,10)', '(2,20)', '(3,30)'], 'bigint is not widened to text');
  }));

test('a table that refers to an incremental model gets its foreign key when both are published', () =>
  withProject(
    {
      ...files,
      'models/silver/orders.sql': model('fail', before),
      'models/gold/lines.sql':
        '/*---\nforeign_keys: [ { columns: order_id, references: silver.orders } ]\n---*/\nselect id::int as order_id, n from {{ref "bronze.orders"}}, generate_series(1, 2) n',
      'models/gold/open.sql': `/*---\nrls: { select: { to: public, using: 'exists (select from {{ref "silver.orders"}})' } }\n---*/\nselect count(*)::int as n from {{ref "silver.orders"}}`,
    },
    async (project) => {
      await builtNodes(project);
      const keys = async () =>
        [
          ...(await project.sql`select conname, confrelid::regclass::text as onto, convalidated from pg_constraint where conrelid = 'gold.lines'::regclass and contype = 'f'`),
        ].map(({ conname, onto, convalidated }) => `${conname} ${onto} ${convalidated}`);
      const expected = ['lines_order_id_fkey silver.orders true'];
      assert.equal(await keys(), expected);
      for (const id of [3, 4]) {
        project.write('seeds/orders.csv', `${project.read('seeds/orders.csv')}${id},C,30\n`);
        const more = await builtNodes(project);
        assert.equal([more['silver.orders']!.how, more['gold.lines']!.how], ['delta 1 0 0', 'swap']);
        assert.equal(await keys(), expected);
        assert.equal(await rowsOf(project, 'gold.open'), [`(${id})`]);
      }
      assert.equal(await builtNodes(project), {}, 'the key counts as ours, and the shape is known');
      project.write(
        'models/gold/lines.sql',
        project.read('models/gold/lines.sql').replace('id::int as', 'id::int * 10 as'),
      );
      project.write('seeds/orders.csv', `${project.read('seeds/orders.csv')}5,C,30\n`);
      assert.match((await builtRun(project)).failures, /foreign key \(order_id\) to silver\.orders: 10 /);
      assert.is((await rowsOf(project)).length, 4);
    },
  ));

test('new rows may refer to rows of a table that is replaced in the same publish', () =>
  withProject(
    {
      ...files,
      'models/silver/stores.sql':
        '/*---\nprimary_key: store\n---*/\nselect distinct store from {{ref "bronze.orders"}}',
      'models/silver/orders.sql': model(
        'fail',
        before,
        'foreign_keys: [ { columns: store, references: silver.stores } ]\n',
      ),
    },
    async (project) => {
      await builtNodes(project);
      project.write('seeds/orders.csv', `${first}3,C,30\n`);
      project.write(
        'models/silver/stores.sql',
        '/*---\nprimary_key: store\n---*/\nselect distinct store, 1 as more from {{ref "bronze.orders"}}',
      );
      const more = await builtNodes(project);
      assert.equal([more['silver.orders']!.how, more['silver.stores']!.how], ['delta 1 0 0', 'swap']);
      assert.equal(await rowsOf(project), ['(1,A,10)', '(2,B,20)', '(3,C,30)']);
      const [key] =
        await project.sql`select confrelid::regclass::text as onto, convalidated from pg_constraint where conrelid = 'silver.orders'::regclass and contype = 'f'`;
      assert.equal({ ...key }, { onto: 'silver.stores', convalidated: true });
      assert.equal(await builtNodes(project), {});
    },
  ));

test.run();
