// in one process
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { builtNodes, builtRun } from '../support/built.ts';
import { type TestProject, withProject } from '../support/project.ts';

const test = suite('incremental: which rows are the same');

const config = `import { csv, defineConfig } from 'medallion';
export default defineConfig({ name: 'loja', database: process.env.DATABASE_URL, sources: { s: csv({ dir: 'seeds' }) },
  bronze: { orders: { from: 's.orders' } } });`;

const model = (front: string, select: string) =>
  `/*---\nmaterialized: incremental\n${front}\n---*/\nselect ${select} from {{ref "bronze.orders"}}`;

const rowsOf = async ({ sql }: TestProject) =>
  [...(await sql`select id || ' ' || store as row from silver.orders order by id`)].map(({ row }) => row);

test('a key may be of a domain that stands for another one', () =>
  withProject(
    {
      'medallion.config.ts': config,
      'seeds/orders.csv': 'id,store\n1,A\n2,B\n',
      'models/silver/orders.sql': model(
        'incremental: { strategy: delete+insert, key: store }',
        'id::int as id, store::public.store as store',
      ),
    },
    async (project) => {
      await project.sql.unsafe(`create schema ext; create extension citext schema ext;
        create domain public.name as ext.citext; create domain public.store as public.name`);
      await builtNodes(project);
      project.write('seeds/orders.csv', 'id,store\n3,a\n4,a\n');
      assert.is((await builtNodes(project))['silver.orders']!.how, 'delta 2 0 1');
      assert.equal(await rowsOf(project), ['2 B', '3 a', '4 a']);
    },
  ));

test('a row is the same although a default would fill it in anew, also where its key is no primary key', () =>
  withProject(
    {
      'medallion.config.ts': config,
      'seeds/orders.csv': 'id,store\n1,A\n2,B\n',
      'models/silver/orders.sql': model(
        'incremental: { strategy: merge, key: id }\nunique: [ id ]\ncolumns: { id: int, store: text, seen: { type: timestamptz, default: clock_timestamp() } }',
        'id, store',
      ),
    },
    async (project) => {
      const seen = async () => [
        ...(await project.sql`select id, seen::text from silver.orders where id <> 2 order by id`),
      ];
      await builtNodes(project);
      const before = await seen();
      assert.is((await builtNodes(project, { force: true }))['silver.orders']!.how, 'same');
      project.write('seeds/orders.csv', 'id,store\n1,A\n2,C\n');
      assert.is((await builtNodes(project))['silver.orders']!.how, 'delta 0 1 0');
      assert.equal(await rowsOf(project), ['1 A', '2 C']);
      assert.equal(await seen(), before);
    },
  ));

test('rows that cannot be written as they were compared are told in words', () =>
  withProject(
    {
      'medallion.config.ts': config,
      'seeds/orders.csv': 'id,store\n1,A\n',
      'models/silver/orders.sql': model('incremental: { strategy: merge }\nprimary_key: id', 'id, store'),
    },
    async (project) => {
      await builtNodes(project);
      await project.sql.unsafe(`create function public.keep() returns trigger language plpgsql as 'begin return null; end';
        create trigger keep before update on silver.orders for each row execute function public.keep()`);
      project.write('seeds/orders.csv', 'id,store\n1,B\n');
      assert.match(
        (await builtRun(project)).failures,
        /^MDL4304 .*the published rows of silver\.orders are not those that the new ones were compared with/,
      );
      assert.equal(await rowsOf(project), ['1 A']);
    },
  ));

test.run();
