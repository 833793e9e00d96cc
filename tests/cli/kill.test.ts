// core, pooled: runs on every server
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { leavesNothing } from '../support/faults/versions.ts';
import { everyRowAccountedFor } from '../support/load.ts';
import { testProject } from '../support/project.ts';
import { until } from '../support/wait.ts';

const test = suite('SIGKILL');

function rowsOf(version: number): string {
  return `id,v\n${Array.from({ length: 6000 }, (_, i) => `${i},${version}`).join('\n')}\n`;
}

/** On each of the servers; `MDL_KILLS=200 node tests/run.js kill` for a longer proof. */
const kills = Number(process.env.MDL_KILLS ?? 20);

test(`${kills} kills at random moments of a build: published data is whole each time, the next build succeeds`, async () => {
  const project = await testProject({
    'medallion.config.ts': `import { csv, defineConfig } from 'medallion';
export default defineConfig({ name: 'loja', database: process.env.DATABASE_URL, sources: { s: csv({ dir: 'seeds' }) },
  bronze: { r: { from: 's.r', batchRows: 500 }, u: { from: 's.u', key: 'id', load: 'upsert', batchRows: 500 } } });`,
    'seeds/r.csv': rowsOf(0),
    'seeds/u.csv': rowsOf(0),
    'models/silver/r.sql':
      '/*---\nprimary_key: id\ncolumns: { id: int, v: int }\n---*/\nselect id, v from {{ref "bronze.r"}}',
    'models/silver/u.sql':
      '/*---\nprimary_key: id\nforeign_keys: [ { columns: id, references: silver.r } ]\ncolumns: { id: int, v: int }\n---*/\nselect id, v from {{ref "bronze.u"}}',
    'models/silver/w.sql':
      '/*---\nprimary_key: id\npublish: delta\ncolumns: { id: int, v: int }\n---*/\nselect id, v from {{ref "bronze.r"}}',
    'models/gold/m.sql':
      '/*---\nmaterialized: materialized_view\nprimary_key: v\n---*/\nselect v, count(*) as rows from {{ref "silver.w"}} group by v',
    'models/gold/g.sql':
      '/*---\nmaterialized: view\n---*/\nselect r.v as r, u.v as u, count(*) as rows from {{ref "silver.r"}} r join {{ref "silver.u"}} u using (id) group by 1, 2',
  });
  const published = async () =>
    [
      ...(await project.sql`select r, u, rows::int as rows from gold.g union select v, v, rows::int from gold.m`),
    ].map((row) => [row.r, row.u, row.rows]);
  try {
    let runMs = 0;
    const lastRun = async () => {
      const [row] = await project.sql<{ id: number; ms: number }[]>`
        select run_id::int as id, extract(epoch from finished_at - started_at)::float8 * 1000 as ms
          from medallion.runs order by run_id desc limit 1`;
      return row!;
    };
    const buildWell = async () => {
      const { code, stdout } = await project.mdl('build');
      assert.is(code, 0, stdout);
      runMs = (await lastRun()).ms;
    };
    await buildWell();
    let seen = 0;
    let killed = 0;
    // A build that ended before its kill came counts for nothing.
    for (let round = 1; killed < kills; round++) {
      assert.ok(round < 4 * kills, `${killed} of ${round} builds were killed`);
      project.write('seeds/r.csv', rowsOf(round));
      project.write('seeds/u.csv', rowsOf(round));
      const before = await lastRun();
      const child = project.spawn('build');
      const ended = new Promise<void>((resolve) => child.on('close', () => resolve()));
      // Starting takes longer than the run itself: every fifth is killed anywhere, the others once they have begun.
      if (round % 5 !== 1)
        await until(async () => child.exitCode !== null || (await lastRun()).id > before.id);
      await new Promise((resolve) => setTimeout(resolve, Math.random() * runMs));
      if (child.exitCode === null) killed++;
      child.kill('SIGKILL');
      await ended;
      const now = await published();
      assert.is(now.length, 1, `round ${round}: ${JSON.stringify(now)}`);
      const [r, u, rows] = now[0]!;
      assert.is(rows, 6000);
      assert.is(r, u, 'one build, not a mix');
      assert.ok(r >= seen && r <= round);
      seen = r;
      if (round % 5 === 0) {
        await buildWell();
        assert.equal(await published(), [[round, round, 6000]]);
        await leavesNothing(project.sql);
        seen = round;
      }
    }
    await buildWell();
    await everyRowAccountedFor(project);
    const statuses = await project.sql<{ status: string; runs: number }[]>`
      select status, count(*)::int as runs from medallion.runs group by 1 order by 1`;
    const runs = new Map(statuses.map((row) => [row.status, row.runs]));
    assert.equal(
      [...runs.keys()].filter((status) => !['crashed', 'succeeded'].includes(status)),
      [],
    );
    // One that is killed before it has said that it begins, or behind its end, is no crash.
    assert.ok(runs.get('crashed')! > kills / 2, `${runs.get('crashed')} of ${kills} are told of`);
    console.log(
      `measured: ${kills} kills, ${runs.get('crashed')} runs crashed, ${runs.get('succeeded')} succeeded`,
    );
  } finally {
    await project.close();
  }
});

test.run();
