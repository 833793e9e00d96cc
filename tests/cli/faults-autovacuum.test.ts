// core: runs on every server
import postgres from 'postgres';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type OwnServer, ownServer } from '../support/faults/server.ts';
import { withVersions } from '../support/faults/versions.ts';
import { withProject } from '../support/project.ts';
import { until } from '../support/wait.ts';

/** The server vacuums what others have written; its locks are not given up to somebody who waits for a moment only. */
const test = suite('faults: autovacuum');
let server: OwnServer;
let met = 0;

test.before(async () => {
  server = await ownServer();
  const sql = postgres(server.url, { max: 1, onnotice: () => {} });
  await sql`alter system set autovacuum_naptime = '1s'`;
  await sql`alter system set deadlock_timeout = '300ms'`;
  await sql`select pg_reload_conf()`;
  await sql.end();
});
test.after(async () => {
  await server.close();
  console.log(`measured: ${met} builds met a vacuum of the server's own`);
});

/** So slow that it would take an hour, and due at once. */
const slowly =
  'autovacuum_vacuum_threshold = 0, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_cost_delay = 100, autovacuum_vacuum_cost_limit = 1';

const isVacuumed = async (sql: postgres.Sql, name: string) =>
  (
    await sql`
      select from pg_stat_activity a join pg_locks l using (pid)
       where a.backend_type = 'autovacuum worker' and l.relation = ${name}::regclass and l.mode = 'ShareUpdateExclusiveLock' and l.granted`
  ).count > 0;

test('a table that is being vacuumed is published, and nobody who reads it waits; one that a killed run has left is dropped; bronze gets a column', () =>
  withVersions(`threads: 2, publishTimeout: '5 s'`, async (versions) => {
    const { project } = versions;
    const { sql } = project;
    const other = postgres(project.url, { max: 1, onnotice: () => {} });
    const isMet = async (name: string) => {
      await sql.unsafe(`alter table ${name} set (${slowly})`);
      await sql.unsafe(`do $$ begin for i in 1..200 loop update ${name} set v = v; end loop; end $$`);
      await until(() => isVacuumed(sql, name));
      met++;
    };
    for (const publish of ['swap', 'delta']) {
      await isMet('silver.r');
      project.write(
        'models/silver/r.sql',
        project
          .read('models/silver/r.sql')
          .replace(/publish: \w+|primary_key: id/, (line) =>
            line.startsWith('publish') ? `publish: ${publish}` : `publish: ${publish}\n${line}`,
          ),
      );
      versions.raise();
      let going = true;
      let longestMs = 0;
      const reading = (async () => {
        while (going) {
          const started = performance.now();
          await other`select count(*) from silver.r`;
          longestMs = Math.max(longestMs, performance.now() - started);
        }
      })();
      const told = await versions.build().finally(() => {
        going = false;
      });
      await reading;
      assert.is(told.outcome.status, 'succeeded', told.errors);
      assert.is(await versions.published(), versions.version);
      await sql`alter table silver.r reset (autovacuum_vacuum_cost_delay, autovacuum_vacuum_cost_limit)`;
      console.log(`measured: with publish: ${publish} others read for ${Math.round(longestMs)} ms at most`);
      await versions.endsWell(told);
    }
    await other.end();
    await sql`create schema mdl_stage_loja_silver`;
    await sql`comment on schema mdl_stage_loja_silver is 'medallion:stage:loja'`;
    await sql`create table mdl_stage_loja_silver.r as select i as id, 0 as v from generate_series(1, 300) i`;
    await isMet('mdl_stage_loja_silver.r');
    await isMet('bronze.u');
    versions.raise();
    project.write(
      'seeds/u.csv',
      project.read('seeds/u.csv').replace(/$/gm, ',1').replace('v,1', 'v,w').replace(/\n,1$/, '\n'),
    );
    const told = await versions.build();
    assert.is(told.outcome.status, 'succeeded', told.errors);
    await versions.endsWell(told);
  }));

test('a materialized view that is being vacuumed is refreshed, and replaced', () =>
  withProject(
    {
      'medallion.config.ts': `import { defineConfig } from 'medallion';
export default defineConfig({ name: 'loja', database: process.env.DATABASE_URL, publishTimeout: '5 s' });`,
      'models/silver/t.sql':
        '/*---\nprimary_key: id\n---*/\nselect i as id, 0 as v from generate_series(1, {{var "rows"}}) i',
      'models/gold/m.sql':
        '/*---\nmaterialized: materialized_view\nprimary_key: id\ndescription: "its \'words\'"\n---*/\nselect id, v from {{ref "silver.t"}}',
    },
    async ({ sql, mdl, read, write }) => {
      const build = async (rows: number) => {
        const { code, stdout } = await mdl('build', '--vars', `rows=${rows}`);
        assert.is(code, 0, stdout);
        assert.is((await sql`select from gold.m`).count, rows);
        const [row] = await sql`select obj_description('gold.m'::regclass) as words`;
        assert.is(row!.words, "its 'words'");
      };
      await build(12_000);
      for (const change of ['refreshed', 'replaced']) {
        await sql.unsafe(`alter materialized view gold.m set (${slowly})`);
        await sql`update silver.t set v = v + 1`;
        await sql`refresh materialized view concurrently gold.m`;
        await until(() => isVacuumed(sql, 'gold.m'));
        met++;
        if (change === 'replaced')
          write('models/gold/m.sql', read('models/gold/m.sql').replace('id, v', 'id, v, 1 as more'));
        await build(change === 'replaced' ? 12_002 : 12_001);
      }
    },
  ));

test.run();
