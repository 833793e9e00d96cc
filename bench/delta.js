import { join } from 'node:path';
import { mdl, median, timed } from './setup.js';

const ways = ['delta', 'swap'];

/** A million rows of which some have changed: published by delta and by swap. What readers are kept out for, and what it takes in all. */
export async function measureDelta(bench, quick) {
  const rows = quick ? 100_000 : 1_000_000;
  const cwd = join(bench.dir, 'delta');
  bench.write(
    'delta/medallion.config.ts',
    `import { defineConfig } from 'medallion'; export default defineConfig({ name: 'delta', database: process.env.DATABASE_URL });`,
  );
  let build = 0;
  const publish = async (way, changed) => {
    bench.write(
      'delta/models/silver/big.sql',
      `/*---
primary_key: id
publish: ${way}
columns: { id: int, n: int, name: text, at: timestamptz }
---*/
select id, case when id <= ${changed} then ${++build} else 0 end as n, 'name of ' || id as name, timestamptz '2026-01-01' + id * interval '1 s' as at
  from generate_series(1, ${rows}) as id`,
    );
    const { output, ms } = await timed(process.execPath, [mdl, 'build', '--json'], {
      cwd,
      env: { ...process.env, DATABASE_URL: bench.url },
    });
    const events = output
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line));
    return { whole: ms, publish: events.find(({ event }) => event === 'publish.finished').durationMs };
  };
  await publish('swap', 0);
  const seconds = (value) => (value < 1000 ? `${Math.round(value)} ms` : `${(value / 1000).toFixed(1)} s`);
  const told = [];
  for (const share of [0.001, 0.01, 0.1, 1]) {
    const times = { delta: [], swap: [] };
    for (let i = 0; i < (quick ? 1 : 3); i++)
      for (const way of ways) {
        const changed = Math.round(rows * share);
        // Twice: the second differs from the first in just these rows.
        await publish(way, changed);
        times[way].push(await publish(way, changed));
      }
    const of = (way, what) => median(times[way].map((time) => time[what]));
    told.push({
      what: `${share * 100}% of ${rows.toLocaleString('en-US')} rows changed: publish by delta / by swap`,
      measured: seconds(of('delta', 'publish')),
      limit: seconds(of('swap', 'publish')),
      ratio: (of('delta', 'publish') / of('swap', 'publish')).toFixed(1),
      target: `whole run ${seconds(of('delta', 'whole'))} / ${seconds(of('swap', 'whole'))}`,
      met: '',
    });
  }
  return told;
}
