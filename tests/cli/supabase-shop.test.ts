// in one process
import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { demoProject } from '../support/demo.ts';
import { residentMemory } from '../support/memory.ts';
import { startPostgrest } from '../support/postgrest/server.ts';
import type { TestProject } from '../support/project.ts';
import { fingerprint } from '../support/supabase.ts';

/** `MDL_TEST_ORDERS=1000000` measures what the default only shows. */
const orders = Number(process.env.MDL_TEST_ORDERS ?? 100_000);
const test = suite('supabase: the shop');
const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

/** The seed, and its orders of known customers again and again under other ids, until there are enough. */
function ordersCsv(): string {
  const [header, ...seed] = read('seeds/pedidos.csv').trimEnd().split('\n');
  const customers = new Set(
    read('seeds/clientes.csv')
      .match(/^\s*C\d+/gm)!
      .map((id) => id.trim()),
  );
  const again = seed.filter((line) => customers.has(line.split(',')[1]!.trim()));
  const lines = [...seed];
  const ids = new Set(seed.map((line) => line.split(',')[0]));
  for (let i = 0; ids.size < orders; i++) {
    const line = again[i % again.length]!.replace(',', `-${Math.floor(i / again.length)},`);
    lines.push(line);
    ids.add(line.split(',')[0]);
  }
  return `${[header, ...lines].join('\n')}\n`;
}

/** What the shop keeps in its database: an order once, as the export had it last; the other tables as exported. */
async function fillShop({ sql }: TestProject): Promise<void> {
  await sql.unsafe(`
    create schema loja;
    create table loja.clientes as select row_number() over ()::bigint as linha, b.* from bronze.clientes b;
    create table loja.produtos as select * from bronze.produtos;
    create table loja.pedidos as select * from bronze.pedidos`);
  for (const [table, key] of [
    ['clientes', 'linha'],
    ['produtos', 'id_produto'],
    ['pedidos', 'id_pedido'],
  ])
    await sql.unsafe(
      `alter table loja.${table} drop column load_timestamp, drop column process_id, drop column row_version, add primary key (${key}); analyze loja.${table}`,
    );
}

const columnsOf = async ({ sql }: TestProject, schema: string, table: string) =>
  (
    await sql<{ name: string }[]>`
      select attname as name from pg_attribute where attrelid = ${`${schema}.${table}`}::regclass and attnum > 0 and not attisdropped order by attnum`
  ).map(({ name }) => name);

test(`${orders.toLocaleString('en-US')} orders through a page cap of 1,000: every value arrives, gold is that of the CSV files, memory stays flat`, async () => {
  const fromFiles = await demoProject({ 'seeds/pedidos.csv': ordersCsv() }, Number.POSITIVE_INFINITY);
  const fromApi = await demoProject({}, 1);
  try {
    const first = await fromFiles.mdl('build');
    assert.is(first.code, 0, first.stdout);
    await fillShop(fromFiles);
    const server = await startPostgrest({ url: fromFiles.url, schemas: ['loja'], maxRows: 1000 });
    try {
      const api = `supabase({ url: '${server.url}', key: '${server.keys.secret}', schema: 'loja' })`;
      const config = read('medallion.config.ts')
        .replace('import { csv,', 'import { supabase,')
        .replace(`csv({ dir: 'seeds' })`, api);
      fromApi.write('medallion.config.ts', config);
      const build = fromApi.spawn('build', '--json');
      const memory = residentMemory(build.pid!);
      let output = '';
      build.stdout!.on('data', (chunk) => (output += chunk));
      const code = await new Promise((resolve) => build.on('close', resolve));
      const samples = memory.stop();
      assert.is(code, 0, output);
      const load = output
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line))
        .find(({ event, node }) => event === 'load.finished' && node === 'bronze.pedidos');
      assert.equal([load.read, load.inserted, load.rejected], [orders, orders, 0]);

      for (const table of ['clientes', 'produtos', 'pedidos']) {
        const columns = await columnsOf(fromFiles, 'loja', table);
        assert.equal(
          await fingerprint(fromApi, `bronze.${table}`, columns),
          await fingerprint(fromFiles, `loja.${table}`, columns),
          `bronze.${table}`,
        );
      }
      const gold = await fromFiles.sql<{ name: string }[]>`
        select relname as name from pg_class where relnamespace = 'gold'::regnamespace and relkind in ('r', 'v') order by 1`;
      assert.ok(gold.length >= 9);
      for (const { name } of gold) {
        const columns = (await columnsOf(fromFiles, 'gold', name)).filter(
          (column) => column !== 'data_ingestao',
        );
        assert.equal(
          await fingerprint(fromApi, `gold.${name}`, columns),
          await fingerprint(fromFiles, `gold.${name}`, columns),
          `gold.${name}`,
        );
      }
      const pages = server.requests.filter(({ table }) => table === 'pedidos').length;
      console.log(
        `measured: ${load.read} orders in ${pages} requests, ${Math.round(load.durationMs)} ms: ${Math.round((load.read / load.durationMs) * 1000)} rows/s; resident memory in MiB, by tenths of the time: ${tenths(samples).join(' ')}`,
      );
      // However many orders there are.
      assert.ok(Math.max(...samples) < 350, `${Math.max(...samples)} MiB`);
    } finally {
      await server.close();
    }
  } finally {
    await fromFiles.close();
    await fromApi.close();
  }
});

/** The largest value in each tenth. */
function tenths(samples: readonly number[]): number[] {
  return Array.from({ length: 10 }, (_, i) =>
    Math.round(
      Math.max(...samples.slice((samples.length * i) / 10, Math.max(1, (samples.length * (i + 1)) / 10))),
    ),
  );
}

test.run();
