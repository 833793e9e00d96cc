import { mdl, sideBySide, timed } from './setup.js';

const columns = 'id int primary key, customer text, price numeric, paid boolean, ordered_at timestamptz';

/** Postgres to Postgres with all the bookkeeping, against two psql joined by a pipe into a plain table of the same columns. */
export async function measurePostgres(bench, quick) {
  const rows = quick ? 1_000_000 : 5_000_000;
  const psql = (...statements) =>
    timed('psql', [bench.url, '-q', ...statements.flatMap((statement) => ['-c', statement])]);
  await psql(
    'create schema shop',
    `create table shop.orders (${columns})`,
    `insert into shop.orders select i, 'customer ' || i % 5000, (i % 9000) / 100.0, i % 7 > 0, '2025-01-01'::timestamptz + i * interval '1 s' from generate_series(1, ${rows}) i`,
    'vacuum analyze shop.orders',
  );
  bench.write(
    'postgres/medallion.config.ts',
    `import { defineConfig, postgres } from 'medallion';
export default defineConfig({ name: 'from_postgres', database: process.env.DATABASE_URL, sources: { s: postgres({ url: process.env.DATABASE_URL, schema: 'shop' }) }, bronze: { orders: { from: 's.orders' } } });`,
  );
  let memory = 0;
  const ours = async () => {
    const run = await timed(process.execPath, [mdl, 'load', '--json'], {
      cwd: `${bench.dir}/postgres`,
      memory: true,
      env: { ...process.env, DATABASE_URL: bench.url },
    });
    memory = Math.max(memory, run.memory);
    const events = run.output
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line));
    return events.find((event) => event.event === 'load.finished').durationMs;
  };
  const theirs = async () => {
    await psql(
      'drop table if exists plain_orders',
      `create table plain_orders (${columns.replace(' primary key', '')})`,
    );
    const pipe = 'psql "$0" -qc "copy shop.orders to stdout" | psql "$0" -qc "copy plain_orders from stdin"';
    return (await timed('sh', ['-c', pipe, bench.url])).ms;
  };
  const [load, limit] = await sideBySide(quick ? 3 : 5, ours, theirs);
  await psql('drop schema shop cascade', 'drop table plain_orders');
  const rate = (ms) => `${Math.round(rows / ms).toLocaleString('en-US')}k rows/s`;
  const ratio = limit / load;
  return [
    {
      what: `load ${rows / 1e6}M rows, Postgres to Postgres / psql | psql (memory ${Math.round(memory)} MiB)`,
      measured: rate(load),
      limit: rate(limit),
      ratio: ratio.toFixed(2),
      target: '>= 0.8',
      met: ratio >= 0.8 && memory < 200 ? 'yes' : 'no',
    },
  ];
}
