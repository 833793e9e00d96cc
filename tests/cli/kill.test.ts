// core, pooled: runs on every server
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { testProject } from '../support/project.ts';

const test = suite('SIGKILL');

function rowsOf(version: number): string {
  return `id,v\n${Array.from({ length: 6000 }, (_, i) => `${i},${version}`).join('\n')}\n`;
}

/** On each of the servers. */
const kills = 30;

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
    'models/gold/g.sql':
      '/*---\nmaterialized: view\n---*/\nselect r.v as r, u.v as u, count(*) as rows from {{ref "silver.r"}} r join {{ref "silver.u"}} u using (id) group by 1, 2',
  });
  const published = async () =>
    [...(await project.sql`select r, u, rows::int as rows from gold.g`)].map((row) => [
      row.r,
      row.u,
      row.rows,
    ]);
  try {
    let buildMs = 0;
    const buildWell = async () => {
      const started = Date.now();
      const { code, stdout } = await project.mdl('build');
      assert.is(code, 0, stdout);
      buildMs = Date.now() - started;
    };
    await buildWell();
    let seen = 0;
    let killed = 0;
    // A build that ended before its kill came counts for nothing.
    for (let round = 1; killed < kills; round++) {
      assert.ok(round < 4 * kills, `${killed} of ${round} builds were killed`);
      project.write('seeds/r.csv', rowsOf(round));
      project.write('seeds/u.csv', rowsOf(round));
      const child = project.spawn('build');
      const ended = new Promise<void>((resolve) => child.on('close', () => resolve()));
      await new Promise((resolve) => setTimeout(resolve, 150 + Math.random() * buildMs));
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
        assert.is(
          (
            await project.sql`select from pg_namespace where nspname like 'mdl_stage%' or nspname like 'mdl_trash%'`
          ).count,
          0,
          'no orphan',
        );
        seen = round;
      }
    }
    await buildWell();
    const off =
      await project.sql`select load_id from medallion.loads where status in ('loaded', 'unchanged') and read <> inserted + updated + unchanged + rejected`;
    assert.is(off.count, 0);
    const [statuses] =
      await project.sql`select count(*) filter (where status = 'running')::int as running, count(*) filter (where status = 'crashed')::int as crashed from medallion.runs`;
    assert.is(statuses!.running, 0);
    assert.ok(statuses!.crashed > 0);
  } finally {
    await project.close();
  }
});

test.run();
