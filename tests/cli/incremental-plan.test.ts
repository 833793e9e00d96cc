// in one process
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Event } from '../../dist/index.js';
import { builtNodes, builtRun } from '../support/built.ts';
import { withProject } from '../support/project.ts';

const test = suite('incremental: plans and kills');

const lastYear = new Date().getUTCFullYear() - 1;
const files = {
  'medallion.config.ts': `import { csv, defineConfig } from 'medallion';
export default defineConfig({ name: 'loja', database: process.env.DATABASE_URL, sources: { s: csv({ dir: 'seeds' }) },
  bronze: { orders: { from: 's.orders' } } });`,
  'seeds/orders.csv': 'id,at,amount\n1,2019-05-05,10\n2,2020-05-05,20\n',
  'models/silver/Órders "x".sql': `/*---
materialized: incremental
incremental: { strategy: time_range, time_column: 'Dátà "y"', grain: year, begin: '2019-01-01' }
primary_key: id
---*/
select id::int as id, at::date as "Dátà ""y""", amount::int as amount from {{ref "bronze.orders"}}`,
  'models/gold/lines.sql': `/*---
foreign_keys: [ { columns: id, references: 'silver.Órders "x"' } ]
---*/
select id, amount from {{ref 'silver.Órders "x"'}}`,
};
const name = 'silver.Órders "x"';

test('a plan keeps new rows and intervals until it is published', () =>
  withProject(files, async (project) => {
    const done = async () =>
      (await project.sql`select extract(year from ends_at)::int as year from medallion.intervals`).map(
        ({ year }) => year,
      );
    const amounts = async () =>
      (await project.sql`select amount from silver."Órders ""x""" order by 1`).map(({ amount }) => amount);
    await builtNodes(project);
    await project.sql`update medallion.intervals set ends_at = '2020-01-01Z'`;
    project.write('seeds/orders.csv', 'id,at,amount\n1,2019-05-05,11\n2,2020-05-05,21\n3,2021-05-05,30\n');
    const told: Event[] = [];
    const { status, nodes, failures } = await builtRun(project, {
      command: 'plan',
      plan: { samples: 3 },
      emit: (event) => told.push(event),
    });
    assert.is(status, 'succeeded', failures);
    assert.is(nodes[name]!.how, 'delta 1 2 0', 'the latest year that was filled is filled again');
    const made = told.find((event) => event.event === 'plan.made');
    const planned = made?.event === 'plan.made' ? made.models : [];
    assert.equal(
      planned.map(({ node, how, schema, rows }) => ({ node, how, schema, rows })),
      [
        {
          ...{ node: name, how: 'delta', schema: [] },
          rows: { before: 2, after: 3, added: 1, removed: 0, changed: 2 },
        },
        {
          ...{ node: 'gold.lines', how: 'swap', schema: [] },
          rows: { before: 2, after: 3, added: 3, removed: 2, changed: null },
        },
      ],
    );
    assert.equal([await amounts(), await done()], [[10, 20], [2020]]);

    const { code, stdout } = await project.mdl('publish');
    assert.is(code, 0, stdout);
    assert.equal([await amounts(), await done()], [[11, 21, 30], [lastYear + 1]]);
    const [key] =
      await project.sql`select confrelid::regclass::text as onto from pg_constraint where conrelid = 'gold.lines'::regclass`;
    assert.is(key!.onto, 'silver."Órders ""x"""');
    assert.equal(await builtNodes(project), {}, 'nothing is due, and nobody altered anything');
  }));

test('a killed build leaves its intervals unrecorded, and the next one fills them', () =>
  withProject(files, async (project) => {
    await builtNodes(project);
    await project.sql`update medallion.intervals set ends_at = '2020-01-01Z'`;
    project.write('seeds/orders.csv', 'id,at,amount\n1,2019-05-05,10\n2,2020-05-05,20\n3,2020-06-05,30\n');
    // A reader of a table that is swapped keeps the publish waiting.
    const reader = await project.sql.reserve();
    await reader.unsafe('begin; select from gold.lines');
    const child = project.spawn('build', '--json');
    let out = '';
    child.stdout!.on('data', (chunk) => (out += chunk));
    const ended = new Promise<void>((resolve) => child.on('close', () => resolve()));
    while (!out.includes('publish.retried')) await new Promise((resolve) => setTimeout(resolve, 5));
    child.kill('SIGKILL');
    await ended;
    await reader.unsafe('rollback');
    reader.release();
    const ends = () => project.sql`select ends_at from medallion.intervals`;
    assert.is((await ends())[0]!.ends_at.toISOString(), '2020-01-01T00:00:00.000Z');
    assert.is((await project.sql`select from silver."Órders ""x"""`).count, 2);
    const built = await builtNodes(project);
    assert.is(built[name]!.how, 'delta 1 0 0');
    assert.is(built[name]!.filled[0]!.from.slice(0, 4), '2019');
    assert.is((await ends())[0]!.ends_at.getUTCFullYear(), lastYear + 1);
    assert.equal(await builtNodes(project), {});
  }));

test.run();
