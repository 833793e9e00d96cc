// in one process
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { built, relationsIn } from '../support/environments.ts';
import { type TestProject, withProject } from '../support/project.ts';

const test = suite('incremental models of environments');

const config = `import { csv, defineConfig } from 'medallion';
export default defineConfig({ name: 'loja', database: process.env.DATABASE_URL, sources: { s: csv({ dir: 'seeds' }) },
  bronze: { orders: { from: 's.orders' } }, targets: { prod: {}, dev: { from: 'prod' } } });`;

const byTime = (more = '') => `/*---
materialized: incremental
incremental: { strategy: time_range, time_column: at, grain: year, begin: '2020-01-01' }
primary_key: id
---*/
select id::int as id, at::timestamptz as at${more} from {{ref "bronze.orders"}}
 where at::timestamptz >= {{from}} and at::timestamptz < {{to}}`;
const byKey = (more = '') => `/*---
materialized: incremental
incremental: { strategy: merge }
primary_key: id
---*/
select id::int as id, note${more} from {{ref "bronze.orders"}}
{{#incremental}}where id::int >= (select max(id) from {{this}}){{/incremental}}`;
const total = 'select count(*) as n, max(note) as note from {{ref "silver.by_key"}}';

const rows = async ({ sql }: TestProject, table: string) =>
  (await sql.unsafe<{ row: string }[]>(`select t::text as row from ${table} t order by id`)).map(
    ({ row }) => row,
  );

/** Rows, intervals and state of production. */
const kept = async ({ sql }: TestProject) =>
  JSON.stringify([
    await sql`select t::text from silver.by_time t order by 1`,
    await sql`select t::text from silver.by_key t order by 1`,
    await sql`select t::text from gold.total t`,
    await sql`select i::text from medallion.intervals i where project = 'loja' order by 1`,
    await sql`select r::text from medallion.relations r where project = 'loja' order by 1`,
  ]);

test('one that differs is filled from the beginning in a relation of its own, and goes on by itself', () =>
  withProject(
    {
      'medallion.config.ts': config,
      'seeds/orders.csv': 'id,at,note\n1,2020-05-05T00:00Z,a\n2,2021-05-05T00:00Z,b\n',
      'models/silver/by_time.sql': byTime(),
      'models/silver/by_key.sql': byKey(),
      'models/gold/total.sql': total,
    },
    async (project) => {
      const { mdl, sql, write, read } = project;
      await built(project);
      // What production keeps although its source has it no more.
      write(
        'seeds/orders.csv',
        read('seeds/orders.csv').replace('1,2020-05-05T00:00Z,a\n', '').concat('3,2022-05-05T00:00Z,c\n'),
      );
      await built(project);
      assert.equal(await rows(project, 'silver.by_key'), ['(1,a)', '(2,b)', '(3,c)']);
      const before = await kept(project);
      assert.equal((await built(project, 'dev')).reasons, {});

      write('models/silver/by_time.sql', byTime(', note'));
      write('models/silver/by_key.sql', byKey(', length(note) as size'));
      const first = await built(project, 'dev');
      assert.equal(first.reasons, {
        'silver.by_key': 'never built',
        'silver.by_time': 'never built',
        'gold.total': 'never built',
      });
      assert.equal(await rows(project, 'silver__dev.by_key'), ['(2,b,1)', '(3,c,1)']);
      assert.is((await rows(project, 'silver__dev.by_time')).length, 2);
      assert.is((await sql`select from medallion.intervals where project = 'loja@dev'`).count > 0, true);
      assert.is(await kept(project), before);
      assert.equal((await built(project, 'dev')).reasons, {});

      // Rows that production loads: each goes on with its own `{{this}}` and its own intervals.
      write(
        'seeds/orders.csv',
        `${read('seeds/orders.csv').replace('3,2022-05-05T00:00Z,c', '3,2022-05-05T00:00Z,cc')}4,2020-01-01T00:00Z,d\n`,
      );
      await built(project, 'prod', { phases: { load: true, models: false } });
      const loaded = await kept(project);
      const more = await built(project, 'dev');
      assert.equal(Object.keys(more.reasons).sort(), ['gold.total', 'silver.by_key', 'silver.by_time']);
      assert.equal(await rows(project, 'silver__dev.by_key'), ['(2,b,1)', '(3,cc,2)', '(4,d,1)']);
      assert.is(await kept(project), loaded);
      const [told] = await sql`select n::int, note from gold__dev.total`;
      assert.equal({ ...told }, { n: 3, note: 'd' });
      await built(project, 'dev', { from: '2020-01-01', to: '2021-01-01' });
      assert.is((await rows(project, 'silver__dev.by_time')).length, 3);
      await built(project, 'dev', { fullRefresh: true });
      assert.is(await kept(project), loaded);

      // Taken back: production's relations are read again, the environment's and their intervals go.
      write('models/silver/by_time.sql', byTime());
      write('models/silver/by_key.sql', byKey());
      assert.equal((await built(project, 'dev')).reasons, {});
      assert.equal(await relationsIn(project, '%\\_\\_dev'), []);
      assert.is((await sql`select from medallion.intervals where project = 'loja@dev'`).count, 0);
      write('models/silver/by_time.sql', byTime(', note'));
      await built(project, 'dev');
      assert.is((await rows(project, 'silver__dev.by_time')).length, 3);
      assert.is((await mdl('clean', '--target', 'dev')).code, 0);
      assert.is((await sql`select from medallion.intervals where project = 'loja@dev'`).count, 0);
      assert.is(await kept(project), loaded);
    },
  ));

test('its plan shows what the next build would change there', () =>
  withProject(
    {
      'medallion.config.ts': config,
      'seeds/orders.csv': 'id,at,note\n1,2020-05-05T00:00Z,a\n',
      'models/silver/by_key.sql': byKey(),
    },
    async (project) => {
      const { mdl, write, read } = project;
      await built(project);
      write('models/silver/by_key.sql', byKey(', length(note) as size'));
      await built(project, 'dev');
      write('seeds/orders.csv', `${read('seeds/orders.csv')}2,2021-05-05T00:00Z,b\n`);
      await built(project, 'prod', { phases: { load: true, models: false } });
      const planned = await mdl('plan', '--target', 'dev');
      assert.is(planned.code, 0, planned.stderr);
      assert.match(planned.stdout, /silver\.by_key[\s\S]*1 added/);
      assert.is((await mdl('publish', '--target', 'dev')).code, 0);
      assert.equal(await rows(project, 'silver__dev.by_key'), ['(1,a,1)', '(2,b,1)']);
      const differs = await mdl('diff', '--target', 'dev');
      assert.match(differs.stdout, /size/);
    },
  ));

test.run();
