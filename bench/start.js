import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { acquireEmbedded } from '../dist/database/embedded/index.js';
import { mdl, sideBySide, timed, timeRow } from './setup.js';

const node = async () => (await timed(process.execPath, ['-e', '0'])).ms;

/** Start-up against a bare Node; the demo project, and one of 1,000 models, built again with nothing changed, the server running. */
export async function measureStart(bench, quick) {
  const times = quick ? 3 : 9;
  const [version, bare] = await sideBySide(
    times,
    async () => (await timed(process.execPath, [mdl, '--version'])).ms,
    node,
  );
  const root = fileURLToPath(new URL('..', import.meta.url));
  const server = await acquireEmbedded({ projectDir: root.replace(/\/$/, ''), database: 'loja' });
  const demo = { cwd: root, env: { ...process.env, DATABASE_URL: '' } };
  const many = { cwd: writeMany(bench, 1000), env: { ...process.env, DATABASE_URL: bench.url } };
  try {
    return [
      timeRow('mdl --version / node -e 0', version, bare, 2),
      await nothingChanged('load', 'load again, nothing changed', demo, times),
      await nothingChanged('build', 'build again, nothing changed', demo, times),
      await nothingChanged('build', 'build again, nothing changed, 1,000 models', many, times),
    ];
  } finally {
    await server.release();
  }
}

/** How much longer than `node -e 0` a command takes that finds nothing to do. */
async function nothingChanged(command, what, options, times) {
  // Files that were written a moment ago are looked at once more.
  await sleep(2100);
  await timed(process.execPath, [mdl, 'build'], options);
  const [again, bare] = await sideBySide(
    times,
    async () => (await timed(process.execPath, [mdl, command], options)).ms,
    node,
  );
  const more = again - bare;
  return {
    what,
    measured: `${Math.round(again)} ms`,
    limit: `${Math.round(bare)} ms`,
    ratio: `+${Math.round(more)} ms`,
    target: '<= +400 ms',
    met: more <= 400 ? 'yes' : 'no',
  };
}

/** Models in ten layers; each reads two of the layer below. */
function writeMany(bench, count) {
  const layer = count / 10;
  bench.write(
    'many/medallion.config.ts',
    `import { defineConfig } from 'medallion'; export default defineConfig({ name: 'many', database: process.env.DATABASE_URL });`,
  );
  for (let i = 0; i < count; i++) {
    const parents = [i - layer, i - layer - (i % layer) + ((i + 3) % layer)];
    const from =
      i < layer
        ? 'generate_series(1, 100) as id'
        : `{{ref "silver.m${parents[0]}"}} join {{ref "silver.m${parents[1]}"}} using (id)`;
    bench.write(`many/models/silver/m${i}.sql`, `/*---\nprimary_key: id\n---*/\nselect id from ${from}`);
  }
  return join(bench.dir, 'many');
}
