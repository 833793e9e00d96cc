import { join } from 'node:path';
import postgres from 'postgres';
import { mdl, sideBySide, timed, timeRow } from './setup.js';

const threads = 4;

/** 100 models in ten layers of ten; each reads two of the layer below. */
function models() {
  const list = [];
  for (let layer = 0; layer < 10; layer++) {
    for (let i = 0; i < 10; i++) {
      const name = `m${layer}_${i}`;
      const parents = layer === 0 ? [] : [`m${layer - 1}_${i}`, `m${layer - 1}_${(i + 3) % 10}`];
      const from = (reference) =>
        parents.length === 0
          ? `generate_series(1, 20000) as id`
          : `${reference(parents[0])} a join ${reference(parents[1])} b using (id)`;
      const select = (reference) =>
        parents.length === 0
          ? `select id::int as id, (id * ${i + 1} % 1000)::int as n from ${from(reference)}`
          : `select id, (a.n + b.n) % 1000 as n from ${from(reference)}`;
      list.push({ name, parents, select });
    }
  }
  return list;
}

/** The same statements by hand: on as many connections, each model as soon as its parents are there. */
async function byHand(url, list) {
  const sql = postgres(url, { max: threads, onnotice: () => {} });
  await sql.unsafe('drop schema if exists hand CASCADE; create schema hand');
  await Promise.all(Array.from({ length: threads }, () => sql`select pg_sleep(0.01)`));
  const started = performance.now();
  const done = new Map();
  for (const { name, parents, select } of list) {
    done.set(
      name,
      Promise.all(parents.map((parent) => done.get(parent))).then(() =>
        sql.begin(async (tx) => {
          await tx.unsafe(`create table hand.${name} as ${select((parent) => `hand.${parent}`)}`);
          await tx.unsafe(`alter table hand.${name} add primary key (id)`);
          await tx.unsafe(`analyze hand.${name}`);
        }),
      ),
    );
  }
  await Promise.all(done.values());
  const ms = performance.now() - started;
  await sql.end();
  return ms;
}

/** A graph of 100 models against its statements run by hand. */
export async function measureBuild(bench, quick) {
  const list = models();
  bench.write(
    'dag/medallion.config.ts',
    `import { defineConfig } from 'medallion'; export default defineConfig({ name: 'dag', database: process.env.DATABASE_URL, threads: ${threads} });`,
  );
  for (const { name, select } of list)
    bench.write(
      `dag/models/silver/${name}.sql`,
      `/*---\nprimary_key: id\n---*/\n${select((parent) => `{{ref "silver.${parent}"}}`).replace('% 1000', '% 1000 + {{var "build"}}')}`,
    );
  const cwd = join(bench.dir, 'dag');
  let builds = 0;
  /** Every row differs from those of the build before, or nothing would be built. */
  const build = async () => {
    const vars = ['--vars', `build=${++builds}`];
    const { output } = await timed(process.execPath, [mdl, 'build', '--json', ...vars], {
      cwd,
      env: { ...process.env, DATABASE_URL: bench.url },
    });
    const events = output
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line));
    const at = (name) => Date.parse(events.find(({ event }) => event === name).time);
    return at('publish.finished') - at('run.started');
  };
  await build();
  const [ours, hand] = await sideBySide(quick ? 3 : 5, build, () => byHand(bench.url, list));
  return [timeRow('build and publish 100 models / their statements by hand', ours, hand, 1.15)];
}
