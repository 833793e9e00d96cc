import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { mdl, sideBySide, timed } from './setup.js';

const columns = ['id', 'customer', 'product', 'quantity', 'price', 'status', 'ordered_at'];

async function writeCsv(path, rows) {
  const stream = createWriteStream(path);
  stream.write(`${columns.join(',')}\n`);
  for (let i = 0; i < rows; ) {
    let text = '';
    for (const end = Math.min(rows, i + 10_000); i < end; i++)
      text += `${i},C${i % 5000},P${i % 500},${1 + (i % 5)},${(i % 9000) / 100},${i % 7 === 0 ? 'cancelled' : 'delivered'},2025-${String(1 + (i % 12)).padStart(2, '0')}-11\n`;
    if (!stream.write(text)) await once(stream, 'drain');
  }
  stream.end();
  await once(stream, 'finish');
}

/** Loads with all their bookkeeping against psql \copy of the same file into a plain text table of the same server. */
export async function measureLoad(bench, quick) {
  const result = [];
  const sizes = quick ? [1_000_000] : [1_000_000, 10_000_000];
  for (const rows of sizes) {
    const folder = `load-${rows}`;
    bench.write(`${folder}/seeds/.keep`, '');
    const cwd = join(bench.dir, folder);
    const file = join(cwd, 'seeds', 't.csv');
    await writeCsv(file, rows);
    bench.write(
      `${folder}/medallion.config.ts`,
      `import { csv, defineConfig } from 'medallion';
export default defineConfig({ name: 'load_${rows}', database: process.env.DATABASE_URL, sources: { s: csv({ dir: 'seeds' }) }, bronze: { t_${rows}: { from: 's.t', load: process.env.STRATEGY, key: 'id' } } });`,
    );
    const psql = async () => {
      await timed('psql', [
        bench.url,
        '-qc',
        `drop table if exists plain; create table plain (${columns.map((name) => `${name} text`).join(', ')})`,
      ]);
      return (
        await timed('psql', [bench.url, '-qc', `\\copy plain from '${file}' with (format csv, header true)`])
      ).ms;
    };
    for (const strategy of rows === sizes[0] ? ['replace', 'upsert'] : ['replace']) {
      let memory = 0;
      let startMs = 0;
      const load = async () => {
        const run = await timed(process.execPath, [mdl, 'load', '--full-refresh', '--json'], {
          cwd,
          memory: true,
          env: { ...process.env, DATABASE_URL: bench.url, STRATEGY: strategy },
        });
        memory = Math.max(memory, run.memory);
        const finished = run.output
          .split('\n')
          .filter(Boolean)
          .map((line) => JSON.parse(line))
          .find((event) => event.event === 'load.finished');
        startMs = run.ms - finished.durationMs;
        return finished.durationMs;
      };
      const [ours, theirs] = await sideBySide(rows > 2_000_000 ? 1 : 3, load, psql);
      const rate = (ms) => `${Math.round(rows / ms).toLocaleString('en-US')}k rows/s`;
      const ratio = theirs / ours;
      const target = strategy === 'replace' ? 0.8 : 0;
      result.push({
        what: `load ${rows / 1e6}M rows, ${strategy} / psql \\copy (memory ${Math.round(memory)} MiB, plus ${Math.round(startMs)} ms to start)`,
        measured: rate(ours),
        limit: rate(theirs),
        ratio: ratio.toFixed(2),
        target: target ? `>= ${target}` : '-',
        met: !target ? '-' : ratio >= target && memory < 200 ? 'yes' : 'no',
      });
    }
  }
  return result;
}
