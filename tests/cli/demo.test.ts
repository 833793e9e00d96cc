import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Event, openProject } from 'medallion';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { testProject } from '../support/project.ts';

const test = suite('demo');
const root = fileURLToPath(new URL('../..', import.meta.url));

async function run(dir: string) {
  const events: Event[] = [];
  const outcome = await build(await openProject({ dir }), { emit: (event) => events.push(event) });
  assert.is(
    outcome.status,
    'succeeded',
    JSON.stringify(
      events.filter((event) => 'error' in event && event.error),
      null,
      1,
    ),
  );
  return { outcome, loads: events.filter((event) => event.event === 'load.finished') };
}

test('the shop: built twice, counted, and nothing new the second time', async () => {
  const project = await testProject({});
  process.env.DATABASE_URL = project.url;
  try {
    await project.sql.unsafe(
      `do $$ begin create role anon nologin; exception when duplicate_object or unique_violation then null; end $$`,
    );
    await project.sql.unsafe(
      `do $$ begin create role authenticated nologin; exception when duplicate_object or unique_violation then null; end $$`,
    );
    const first = await run(root);
    assert.equal(
      first.loads
        .map(({ node, read, inserted, rejected }) => `${node} ${read} ${inserted} ${rejected}`)
        .sort(),
      ['bronze.clientes 5000 5000 0', 'bronze.pedidos 100000 99400 0', 'bronze.produtos 500 500 0'],
    );
    const second = await run(root);
    for (const load of second.loads) {
      assert.is(load.status, 'unchanged');
      assert.is(load.inserted + load.updated, 0);
      assert.is(load.read, load.inserted + load.updated + load.unchanged + load.rejected);
    }
    assert.is(second.outcome.counts.testsFailed, 0);
    assert.equal([second.outcome.counts.models, second.outcome.counts.unchanged], [0, 12]);
    assert.ok(first.outcome.counts.testsWarned >= 3, 'the dirt is warned of');
    const [row] = await project.sql`
      select (select count(*)::int from gold.vendas_por_mes) as months,
             (select sum(receita) from gold.vendas_por_mes) = (select receita from gold.resumo) as same,
             (select count(*)::int from silver.pedidos where id_cliente is null) > 100 as orphans,
             has_table_privilege('anon', 'gold.vendas_por_mes', 'select') as anon,
             has_table_privilege('anon', 'silver.pedidos', 'select') as silver,
             (select count(distinct segmento)::int from gold.clientes_rfm) as segments`;
    assert.equal(
      { ...row },
      { months: 36, same: true, orphans: true, anon: true, silver: false, segments: 6 },
    );
  } finally {
    await project.close();
  }
});

test('one changed order is one updated row', async () => {
  const project = await testProject({});
  process.env.DATABASE_URL = project.url;
  const dir = mkdtempSync(join(tmpdir(), 'mdl-demo-'));
  try {
    cpSync(join(root, 'seeds'), join(dir, 'seeds'), { recursive: true });
    const config = readFileSync(join(root, 'medallion.config.ts'), 'utf8').replace(/ {2}grants:.*\n/, '');
    for (const [path, text] of [
      ['medallion.config.ts', config],
      ['seeds/pedidos.csv', readFileSync(join(root, 'seeds/pedidos.csv'), 'utf8')],
    ] as const)
      project.write(path, text);
    for (const name of ['clientes', 'produtos'])
      project.write(`seeds/${name}.csv`, readFileSync(join(root, `seeds/${name}.csv`)));
    await run(project.dir);
    project.write(
      'seeds/pedidos.csv',
      project.read('seeds/pedidos.csv').replace(/^(PED000004,.*),[^,\n]*$/m, '$1,em mãos'),
    );
    const { loads } = await run(project.dir);
    const changed = loads.find(({ node }) => node === 'bronze.pedidos')!;
    assert.equal(
      [changed.read, changed.inserted, changed.updated, changed.unchanged, changed.rejected],
      [100_000, 0, 1, 99_999, 0],
    );
    assert.is(
      (await project.sql`select row_version from bronze.pedidos where id_pedido = 'PED000004'`)[0]!
        .row_version,
      2,
    );
  } finally {
    rmSync(dir, { recursive: true, force: true });
    await project.close();
  }
});

test('birdstrikes: public data that nobody here made', async () => {
  const project = await testProject({});
  process.env.DATABASE_URL = project.url;
  try {
    const { loads } = await run(join(root, 'examples', 'birdstrikes'));
    assert.equal(loads.map(({ node, inserted }) => `${node} ${inserted}`).sort(), [
      'bronze.airports 3376',
      'bronze.birdstrikes 10000',
      'bronze.zipcodes 42049',
    ]);
    assert.is(
      (await project.sql`select sum(strikes)::int as strikes from gold.strikes_by_state`)[0]!.strikes,
      10_000,
    );
  } finally {
    await project.close();
  }
});

test('the seeds are what their generator writes', () => {
  const hash = () =>
    ['clientes', 'produtos', 'pedidos'].map((name) =>
      createHash('sha256')
        .update(readFileSync(join(root, 'seeds', `${name}.csv`)))
        .digest('hex'),
    );
  const before = hash();
  execFileSync(process.execPath, ['--import', 'jiti/register', 'seeds/generate.ts'], { cwd: root });
  assert.equal(hash(), before);
});

test.run();
