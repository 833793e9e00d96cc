// in one process
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { builtNodes, builtRun } from '../support/built.ts';
import { type TestProject, withProject } from '../support/project.ts';

const test = suite('incremental by time');

const config = `import { csv, defineConfig } from 'medallion';
export default defineConfig({ name: 'loja', database: process.env.DATABASE_URL, sources: { s: csv({ dir: 'seeds' }) },
  bronze: { orders: { from: 's.orders' } } });`;
const orders = (...rows: string[]) => `id,at,amount\n${rows.join('\n')}\n`;

/** Grains of a year: what is missing does not depend on the hour at which the test runs. */
const thisYear = new Date().getUTCFullYear();
const model = (more = '', key = 'primary_key: id') => `/*---
materialized: incremental
incremental: { strategy: time_range, time_column: at, grain: year, begin: '2019-01-01'${more} }
${key}
---*/
select id::int as id, at::timestamptz as at, amount::int as amount
from {{ref "bronze.orders"}}
where at::timestamptz >= {{from}} and at::timestamptz < {{to}}`;

const rowsOf = async ({ sql }: TestProject, table = 'silver.orders') =>
  [...(await sql.unsafe(`select id, amount from ${table} order by 1, 2`))].map(
    ({ id, amount }) => `${id} ${amount}`,
  );
const done = async ({ sql }: TestProject) =>
  [
    ...(await sql`select extract(year from starts_at at time zone 'UTC')::int as a, extract(year from ends_at at time zone 'UTC')::int as b
                    from medallion.intervals where node = 'silver.orders' order by 1`),
  ].map(({ a, b }) => `${a} ${b}`);
const years = (filled: readonly { from: string; to: string }[]) =>
  filled.map(({ from, to }) => `${from.slice(0, 4)} ${to.slice(0, 4)}`);

const last = thisYear - 1;
const base = [
  ...['1,2018-06-01T00:00Z,1', '2,2019-01-01T00:00Z,2', '3,2020-12-31T23:59Z,3', '4,2021-05-05T00:00Z,4'],
  ...[`5,${last}-05-05T00:00Z,5`, `6,${thisYear}-01-01T00:00Z,6`, '7,,7'],
];

test('missing intervals are filled, the latest are filled again, older ones when they are asked for', () =>
  withProject(
    {
      'medallion.config.ts': config,
      'seeds/orders.csv': orders(...base),
      'models/silver/orders.sql': model(),
    },
    async (project) => {
      const first = await builtNodes(project);
      assert.equal(years(first['silver.orders']!.filled), [`2019 ${thisYear}`]);
      assert.equal(
        await rowsOf(project),
        ['2 2', '3 3', '4 4', '5 5'],
        'from begin to the last year that has ended',
      );
      assert.equal(await done(project), [`2019 ${thisYear}`]);
      assert.equal(await builtNodes(project), {});

      project.write(
        'seeds/orders.csv',
        orders(
          ...base.map((row) => row.replace('05-05T00:00Z,5', '05-05T00:00Z,55')),
          `8,${last}-12-31T12:00Z,8`,
          '9,2020-02-29T00:00Z,9',
        ),
      );
      const late = await builtNodes(project);
      assert.equal(years(late['silver.orders']!.filled), [`${last} ${thisYear}`]);
      assert.is(late['silver.orders']!.how, 'delta 1 1 0');
      assert.equal(await rowsOf(project), ['2 2', '3 3', '4 4', '5 55', '8 8']);

      const asked = await builtNodes(project, { from: '2020-02-01', to: '2020-03-01' });
      assert.is(asked['silver.orders']!.reason, '--from 2020-02-01 --to 2020-03-01');
      assert.equal(years(asked['silver.orders']!.filled), ['2020 2021', `${last} ${thisYear}`]);
      assert.is(asked['silver.orders']!.how, 'delta 1 0 0');
      assert.equal(await done(project), [`2019 ${thisYear}`]);

      await project.sql`delete from silver.orders where id = 4`;
      await project.sql`update silver.orders set amount = 0 where id in (2, 3)`;
      await project.sql`update medallion.intervals set ends_at = '2020-01-01Z'`;
      await project.sql`insert into medallion.intervals (project, node, starts_at, ends_at) values ('loja', 'silver.orders', '2023-01-01Z', ${`${thisYear}-01-01Z`})`;
      const missing = await builtNodes(project);
      assert.is(missing['silver.orders']!.reason, '3 years are missing');
      assert.equal(years(missing['silver.orders']!.filled), ['2020 2023', `${last} ${thisYear}`]);
      assert.is(missing['silver.orders']!.how, 'delta 1 1 0');
      assert.equal(await rowsOf(project), ['2 0', '3 3', '4 4', '5 55', '8 8', '9 9']);
      assert.equal(await done(project), [`2019 ${thisYear}`]);

      project.write('models/silver/orders.sql', model().replace('2019-01-01', '2018-01-01'));
      assert.is((await builtNodes(project))['silver.orders']!.reason, '1 year is missing');
      assert.equal((await rowsOf(project))[0], '1 1');
      assert.equal(await done(project), [`2018 ${thisYear}`]);

      await builtNodes(project, { fullRefresh: true });
      assert.equal(await rowsOf(project), ['1 1', '2 2', '3 3', '4 4', '5 55', '8 8', '9 9']);
    },
  ));

test('without a key all rows of an interval are replaced, unless they are the same; the year that goes on counts if it is to', () =>
  withProject(
    {
      'medallion.config.ts': config,
      'seeds/orders.csv': orders(...base, '5,2021-05-05T00:00Z,5'),
      'models/silver/orders.sql': model(', allow_partials: true, lookback: 0', ''),
    },
    async (project) => {
      const first = await builtNodes(project);
      assert.equal(years(first['silver.orders']!.filled), [`2019 ${thisYear + 1}`]);
      assert.equal(await done(project), [`2019 ${thisYear}`], 'what goes on is not done');
      assert.equal(await rowsOf(project), ['2 2', '3 3', '4 4', '5 5', '5 5', '6 6']);
      const forced = await builtNodes(project, { force: true });
      assert.equal(years(forced['silver.orders']!.filled), [`${thisYear} ${thisYear + 1}`]);
      assert.is(forced['silver.orders']!.how, 'same');
      project.write('seeds/orders.csv', orders(...base, `8,${thisYear}-01-01T00:00Z,8`));
      assert.is((await builtNodes(project))['silver.orders']!.how, 'delta 2 0 1');
      assert.equal(await rowsOf(project), ['2 2', '3 3', '4 4', '5 5', '5 5', '6 6', '8 8']);
    },
  ));

test('a failing test publishes no interval; a row that has moved into one that is not filled again is found', () =>
  withProject(
    {
      'medallion.config.ts': config,
      'seeds/orders.csv': orders(...base),
      'models/silver/orders.sql': model(', lookback: 0').replace(
        '---*/',
        'tests: [ { expression: amount < 9 } ]\n---*/',
      ),
    },
    async (project) => {
      await builtNodes(project);
      await project.sql`update medallion.intervals set ends_at = '2021-01-01Z'`;
      project.write('seeds/orders.csv', orders(...base, '9,2022-01-01T00:00Z,9'));
      assert.match((await builtRun(project)).failures, /amount < 9: 1 /);
      assert.equal(await done(project), ['2019 2021']);
      assert.equal(await rowsOf(project), ['2 2', '3 3', '4 4', '5 5']);

      project.write(
        'seeds/orders.csv',
        orders(...base.map((row) => row.replace('2020-12-31', '2021-12-31'))),
      );
      assert.match((await builtRun(project)).failures, /primary key \(id\): 1 .*"id":"3"/);
      await builtNodes(project, { from: '2020-01-01' });
      assert.equal(await rowsOf(project), ['2 2', '3 3', '4 4', '5 5']);
      assert.equal(await done(project), [`2019 ${thisYear}`]);
    },
  ));

test('days are those of the time zone, also where the clocks skip midnight, whatever the type of the column', () => {
  const daily = (type: string) => `/*---
materialized: incremental
incremental: { strategy: time_range, time_column: at, grain: day, begin: '2018-11-03', time_zone: America/Sao_Paulo, lookback: 0 }
primary_key: id
columns: { id: int, at: ${type}, amount: int }
---*/
select id, ${type === 'timestamptz' ? 'at::timestamptz' : `(at::timestamptz at time zone 'America/Sao_Paulo')::${type}`} as at, amount from {{ref "bronze.orders"}}`;
  return withProject(
    {
      'medallion.config.ts': config,
      'seeds/orders.csv': orders(
        ...[
          '1,2018-11-03T03:00Z,1',
          '2,2018-11-04T02:59:59Z,1',
          '3,2018-11-04T03:00Z,1',
          '4,2018-11-05T01:59Z,1',
          '5,2018-11-05T02:00Z,1',
        ],
      ),
      'models/silver/a.sql': daily('timestamptz'),
      'models/silver/b.sql': daily('timestamp'),
      'models/silver/c.sql': daily('date'),
    },
    async (project) => {
      await builtNodes(project);
      project.write(
        'seeds/orders.csv',
        orders(
          ...[
            '1,2018-11-03T03:00Z,2',
            '2,2018-11-04T02:59:59Z,2',
            '3,2018-11-04T03:00Z,2',
            '4,2018-11-05T01:59Z,2',
            '5,2018-11-05T02:00Z,2',
          ],
        ),
      );
      const changed = await builtNodes(project, { from: '2018-11-04 12:00', to: '2018-11-05' });
      for (const table of ['silver.a', 'silver.b', 'silver.c']) {
        assert.equal(await rowsOf(project, table), ['1 1', '2 1', '3 2', '4 2', '5 1'], table);
        assert.equal(changed[table]!.filled, [
          { from: '2018-11-04 01:00:00-02:00:00', to: '2018-11-05 00:00:00-02:00:00' },
        ]);
      }
    },
  );
});

test('a timestamptz that becomes a local time is one of the time zone, whatever the zone of the session', () =>
  withProject(
    {
      'medallion.config.ts': config,
      'seeds/orders.csv': orders(
        ...['1,2024-11-24T12:00-03,1', '2,2024-11-24T23:30-03,1', '3,2024-11-25T12:00-03,1'],
      ),
      'models/silver/orders.sql': `/*---
materialized: incremental
incremental: { strategy: time_range, time_column: at, grain: day, begin: '2024-11-20', time_zone: America/Sao_Paulo, lookback: 0 }
primary_key: id
columns: { id: int, at: timestamp, was: timestamptz, day: date, amount: int }
tests: [ { expression: at = was and day = was::date } ]
---*/
select id, at::timestamptz as at, at::timestamptz as was, at::timestamptz::date as day, amount from {{ref "bronze.orders"}}
where at::timestamptz >= {{from}} and at::timestamptz < {{to}}`,
    },
    async (project) => {
      await builtNodes(project);
      const local = async () => [
        ...(await project.sql`select id || ' ' || at || ' ' || day as row from silver.orders order by id`),
      ];
      const expected = [
        { row: '1 2024-11-24 12:00:00 2024-11-24' },
        { row: '2 2024-11-24 23:30:00 2024-11-24' },
        { row: '3 2024-11-25 12:00:00 2024-11-25' },
      ];
      assert.equal(await local(), expected, 'as a whole');
      for (const from of ['2024-11-24', '2024-11-25']) {
        const to = from === '2024-11-24' ? '2024-11-25' : '2024-11-26';
        const again = await builtNodes(project, { from, to });
        assert.is(again['silver.orders']!.how, 'same', from);
      }
      await project.sql`update silver.orders set amount = 0`;
      const filled = await builtNodes(project, { from: '2024-11-24', to: '2024-11-25' });
      assert.is(filled['silver.orders']!.how, 'delta 0 2 0');
      assert.equal(await local(), expected, 'on top');
      const tested = await project.mdl('test', 'silver.orders');
      assert.is(tested.code, 0, tested.stdout);
    },
  ));

test('a time_column that is none, --from and --to that are wrong', () =>
  withProject(
    {
      'medallion.config.ts': config,
      'seeds/orders.csv': orders(...base),
      'models/silver/orders.sql': model().replace('at::timestamptz as at', 'at'),
      'models/gold/other.sql': 'select 1 as n',
    },
    async (project) => {
      const fails = async (pattern: RegExp, options?: Parameters<typeof builtRun>[1]) =>
        assert.match((await builtRun(project, options)).failures, pattern);
      await fails(/^MDL4012 .*is no date, timestamp or timestamptz/);
      project.write('models/silver/orders.sql', model().replace('as at,', 'as came,'));
      await fails(/^MDL4012 .*the select has no column "at"/);
      const hourly = (column: string, zone: string) =>
        model(`, time_zone: ${zone}`)
          .replace('grain: year', 'grain: hour')
          .replace('at::timestamptz as at', `at::${column} as at`);
      for (const column of ['timestamp', 'date']) {
        project.write('models/silver/orders.sql', hourly(column, 'America/New_York'));
        await fails(
          /^MDL4012 .*"at", the time_column, has no time zone: where the clocks of America\/New_York/,
        );
      }
      project.write('models/silver/orders.sql', hourly('timestamptz', 'America/New_York'));
      await builtNodes(project);
      project.write('models/silver/orders.sql', hourly('timestamp', 'UTC'));
      await builtNodes(project);
      await fails(/^MDL1004 --from: "2024" is no point in time/, { from: '2024' });
      await fails(/^MDL1004 --to: "2024-02-30" is no point/, { to: '2024-02-30' });
      await fails(/^MDL1004 .*is not before/, { from: '2024-02-02', to: '2024-02-02' });
      const others = { from: '2024-02-02T06:00+03', to: '2024-02-02 03:30Z', select: ['gold.other'] };
      await fails(/^MDL1004 .*none is filled by time/, others);
      await fails(/^MDL1004 .*--full-refresh builds all/, { from: '2024-02-02', fullRefresh: true });
      const { code, stdout } = await project.mdl('build', '--from', 'yesterday');
      assert.is(code, 2);
      assert.match(stdout, /--from: "yesterday" is no point in time[\s\S]*2024-01-31/);
    },
  ));

test.run();
