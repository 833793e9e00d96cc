import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { builtNodes, builtRun } from '../support/built.ts';
import { type TestProject, withProject } from '../support/project.ts';

const test = suite('incremental: columns');

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

test.run();
