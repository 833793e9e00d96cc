import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { builtNodes, builtRun } from '../support/built.ts';
import { type TestProject, withProject } from '../support/project.ts';

const test = suite('incremental: foreign keys');

const config = `import { csv, defineConfig } from 'medallion';
export default defineConfig({ name: 'loja', database: process.env.DATABASE_URL, sources: { s: csv({ dir: 'seeds' }) },
  bronze: { orders: { from: 's.orders' } } });`;

const model = (more = '', strategy = 'append', filter = 'id::int > (select max(id) from {{this}})') =>
  `/*---\nmaterialized: incremental\nincremental: { strategy: ${strategy} }\nprimary_key: id\n${more}---*/\nselect id::int as id, store, amount::int as amount from {{ref "bronze.orders"}} {{#incremental}}where ${filter}{{/incremental}}`;

const rowsOf = async ({ sql }: TestProject, table = 'silver.orders') =>
  [...(await sql.unsafe(`select t::text as row from ${table} t order by 1`))].map(({ row }) => row);

const keysOf = async ({ sql }: TestProject, table: string) =>
  [
    ...(await sql`select conname, confrelid::regclass::text as onto, convalidated from pg_constraint where conrelid = ${table}::regclass and contype = 'f'`),
  ].map(({ conname, onto, convalidated }) => `${conname} ${onto} ${convalidated}`);

const first = 'id,store,amount\n1,A,10\n2,B,20\n';
const files = { 'medallion.config.ts': config, 'seeds/orders.csv': first };

test('a table that refers to an incremental model gets its foreign key when both are published', () =>
  withProject(
    {
      ...files,
      'models/silver/orders.sql': model(),
      'models/gold/lines.sql':
        '/*---\nforeign_keys: [ { columns: order_id, references: silver.orders } ]\n---*/\nselect id::int as order_id, n from {{ref "bronze.orders"}}, generate_series(1, 2) n',
      'models/gold/open.sql': `/*---\nrls: { select: { to: public, using: 'exists (select from {{ref "silver.orders"}})' } }\n---*/\nselect count(*)::int as n from {{ref "silver.orders"}}`,
    },
    async (project) => {
      await builtNodes(project);
      const expected = ['lines_order_id_fkey silver.orders true'];
      assert.equal(await keysOf(project, 'gold.lines'), expected);
      for (const id of [3, 4]) {
        project.write('seeds/orders.csv', `${project.read('seeds/orders.csv')}${id},C,30\n`);
        const more = await builtNodes(project);
        assert.equal([more['silver.orders']!.how, more['gold.lines']!.how], ['delta 1 0 0', 'swap']);
        assert.equal(await keysOf(project, 'gold.lines'), expected);
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
      'models/silver/orders.sql': model('foreign_keys: [ { columns: store, references: silver.stores } ]\n'),
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

test('rows may go to which a table refers that is replaced in the same publish, and to which others do not', () =>
  withProject(
    {
      ...files,
      'models/silver/orders.sql': model('', 'delete+insert, key: store', "store = 'A'"),
      // Without a key: it is replaced.
      'models/gold/lines.sql':
        '/*---\nforeign_keys: [ { columns: order_id, references: silver.orders } ]\n---*/\nselect id as order_id, amount from {{ref "silver.orders"}}',
    },
    async (project) => {
      await builtNodes(project);
      project.write('seeds/orders.csv', 'id,store,amount\n3,A,30\n2,B,20\n');
      const { 'silver.orders': orders, 'gold.lines': lines } = await builtNodes(project);
      assert.equal([orders!.how, lines!.how], ['delta 1 0 1', 'swap']);
      assert.equal(await rowsOf(project), ['(2,B,20)', '(3,A,30)']);
      assert.equal(await keysOf(project, 'gold.lines'), ['lines_order_id_fkey silver.orders true']);
      assert.equal(await builtNodes(project), {});
      await project.sql.unsafe('create table public.theirs (order_id int references silver.orders)');
      await project.sql.unsafe('insert into public.theirs values (3)');
      project.write('seeds/orders.csv', 'id,store,amount\n4,A,30\n2,B,20\n');
      assert.match((await builtRun(project)).failures, /MDL4301 .*public\.theirs/);
      assert.equal(await rowsOf(project), ['(2,B,20)', '(3,A,30)']);
      assert.equal(await rowsOf(project, 'gold.lines'), ['(2,20)', '(3,30)']);
    },
  ));

test.run();
