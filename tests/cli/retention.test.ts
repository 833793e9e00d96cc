// in one process
import type postgres from 'postgres';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { loaded } from '../support/load.ts';
import { type TestProject, withProject } from '../support/project.ts';
import { until } from '../support/wait.ts';

const test = suite('retention of runs');

const config = (more: string, history = '') => `import { csv, defineConfig, postgres } from 'medallion';
export default defineConfig({ name: 'loja', database: process.env.DATABASE_URL, layers: { gold: {} }, ${history}
  sources: { f: csv({ dir: 'seeds' }), p: postgres({ url: process.env.DATABASE_URL, schema: 'origem' }) },
  bronze: { ${more} } });`;
const byFile = `t: { from: 'f.t', batchRows: 1000 }`;
const byCursor = `t: { from: 'f.t' }, e: { from: 'p.e', key: 'id', load: 'upsert', cursor: 'at' }`;

/** Runs of the past, `minutes` apart, each with what runs leave behind: all of it failed, and published nothing. */
async function makeHistory(sql: postgres.Sql, runs: number, minutes = 60, project = 'loja'): Promise<void> {
  await sql`
    with made as (
      insert into medallion.runs (project, command, target, status, started_at, finished_at, mdl_version, host, pid, cause)
      select ${project}, 'build', 'default', 'failed', at, at + interval '1 second', '0', 'h', 1, 'schedule hourly'
        from generate_series(${runs}, 1, -1) i, lateral (select now() - i * make_interval(mins => ${minutes}) as at) a
      returning run_id, started_at
    ), events as (
      insert into medallion.run_events (run_id, seq, at, event)
      select run_id, seq, started_at, '{}' from made, generate_series(1, 10) seq
    ), nodes as (
      insert into medallion.run_nodes (run_id, node, kind, status) select run_id, 'gold.g', 'model', 'failed' from made
    ), failures as (
      insert into medallion.test_failures (run_id, test, node, failed_row) select run_id, 't', 'gold.g', '{}' from made
    ), loads as (
      insert into medallion.loads (run_id, project, bronze_table, source, strategy, status)
      select run_id, ${project}, 'bronze.' || name, 'x', 'replace', 'failed' from made, unnest(array['t', 'e']) name
      returning load_id
    ), batches as (
      insert into medallion.load_batches (load_id, batch, first_row, read, bytes) select load_id, 1, 1, 1, 1 from loads
    )
    insert into medallion.rejected_rows (load_id, bronze_table, source, reason) select load_id, 'bronze.t', 'x', 'bad' from loads`;
}

/** All runs that are there began long ago. */
const backdate = (sql: postgres.Sql) => sql`
  update medallion.runs set started_at = started_at - interval '2 years', finished_at = finished_at - interval '2 years',
         published_at = published_at - interval '2 years'`;

const runIds = async (sql: postgres.Sql, project = 'loja') =>
  (
    await sql<
      { id: string }[]
    >`select run_id as id from medallion.runs where project = ${project} order by run_id`
  ).map(({ id }) => Number(id));

/** What is recorded belongs to a run that is there: nothing is left of those that are gone. */
async function requireWhole(sql: postgres.Sql): Promise<void> {
  const left = await sql`
    select 'events' as what from medallion.run_events where run_id not in (select run_id from medallion.runs)
    union all select 'nodes' from medallion.run_nodes where run_id not in (select run_id from medallion.runs)
    union all select 'rejected' from medallion.rejected_rows where load_id not in (select load_id from medallion.loads)`;
  assert.equal([...left], []);
}

const withHistory = (settings: string, work: (project: TestProject) => Promise<void>, history = '') =>
  withProject(
    {
      'medallion.config.ts': config(settings, history),
      'seeds/t.csv': 'id,v\n1,a\n2,b\n',
      'models/gold/g.sql': 'select id from {{ref "bronze.t"}}',
    },
    async (project) => {
      await project.sql.unsafe(
        `create schema origem;
         create table origem.e (id int primary key, at timestamptz);
         insert into origem.e select i, '2024-01-01'::timestamptz + i * interval '1 min' from generate_series(1, 50) i`,
      );
      await work(project);
    },
  );

test('what loads look back at outlives any number of later runs: cursor, fingerprint, and the run that readers see', () =>
  withHistory(byCursor, async (project) => {
    const { sql } = project;
    assert.is((await project.mdl('build')).code, 0);
    const [first] = await runIds(sql);
    await backdate(sql);
    await makeHistory(sql, 300);
    await makeHistory(sql, 30, 60, 'outro');
    const before = await runIds(sql);
    assert.is(before.length, 301);

    const preview = await project.mdl('runs', 'prune', '--keep-runs', '20', '--dry-run', '--json');
    assert.equal(JSON.parse(preview.stdout), { removed: 280, needed: 1, kept: 20, dryRun: true });
    assert.equal(await runIds(sql), before, 'a dry run deletes nothing');
    const { stdout, code } = await project.mdl('runs', 'prune', '--keep-runs', '20');
    assert.is(code, 0);
    assert.match(stdout, 'Deleted 280 runs; 20 kept. 1 older run still needed');

    assert.equal(await runIds(sql), [first, ...before.slice(-20)]);
    assert.is((await runIds(sql, 'outro')).length, 30, 'runs of another project are no concern of this one');
    await requireWhole(sql);
    const made = await sql`select from medallion.run_events where run_id <> ${first!}`;
    assert.is(made.count, 500, '20 runs of ours, 30 of the others');
    assert.ok((await sql`select from medallion.run_events where run_id = ${first!}`).count > 0);
    const shown = JSON.parse((await project.mdl('runs', 'show', String(first), '--json')).stdout);
    assert.is(shown.nodes.length, 3, 'the old run is there whole');

    await sql`insert into origem.e values (51, '2025-01-01')`;
    const loads = (await project.events('load')).filter(({ event }) => event === 'load.finished');
    const load = (node: string) => loads.find((one) => one.node === node)!;
    assert.is(load('bronze.e').read, 2, 'the last one that was read, and the new one: not all 51');
    assert.is(load('bronze.t').status, 'unchanged');
    const last = (await runIds(sql)).at(-1)!;

    // The loads that count now are those of the last run: nothing but the published relations needs the first.
    await project.mdl('runs', 'prune', '--keep-runs', '1');
    assert.equal(await runIds(sql), [first, last]);
    assert.is((await sql`select from medallion.relations where run_id in ${sql([first!, last])}`).count, 3);
  }));

test('an interrupted load can be gone on with, however many runs there were since', () =>
  withProject(
    {
      'medallion.config.ts': config(byFile),
      'seeds/t.csv': `id,v\n${Array.from({ length: 150_000 }, (_, i) => `${i},value number ${i}`).join('\n')}\n`,
    },
    async (project) => {
      const { sql } = project;
      const child = project.spawn('load');
      const ended = new Promise((resolve) => child.on('close', resolve));
      await until(async () => {
        const found = await sql`select from medallion.load_batches`.catch(() => ({ count: 0 }));
        return found.count >= 20;
      });
      child.kill('SIGKILL');
      await ended;
      const [killed] = await runIds(sql);
      await backdate(sql);
      // As a run after it would find and mark it; those runs did not come to this load.
      await sql`update medallion.runs set status = 'crashed'`;
      await sql`update medallion.loads set status = 'interrupted'`;
      await makeHistory(sql, 200);
      await sql`update medallion.loads set bronze_table = 'bronze.other' where run_id <> ${killed!}`;
      const pruned = await project.mdl('runs', 'prune', '--keep-runs', '3');
      assert.is((await runIds(sql)).length, 4, pruned.stdout + pruned.stderr);
      const result = await loaded(project);
      assert.match(result.notices.join(), /Going on after [\d,]+ rows/);
      assert.equal([result.read, result.inserted], [150_000, 150_000]);
    },
  ));

test('a run deletes what is past its time behind it, in portions, once it is so for an hour', () =>
  withHistory(
    byFile,
    async (project) => {
      const { sql } = project;
      assert.is((await project.mdl('build')).code, 0);
      const [first] = await runIds(sql);
      await backdate(sql);
      await makeHistory(sql, 700);
      await project.mdl('build');
      assert.is((await runIds(sql)).length, 1 + 700 + 1 - 500);
      project.write('seeds/t.csv', 'id,v\n3,c\n');
      const { stdout, code } = await project.mdl('build');
      assert.is(code, 0, stdout);
      let now = await runIds(sql);
      // The first one stayed as long as something that readers see was of it.
      assert.equal([now.length, now.includes(first!)], [50, false]);
      await requireWhole(sql);

      await makeHistory(sql, 60, 0);
      await project.mdl('build');
      assert.is((await runIds(sql)).length, 51, 'and the one that readers see');
      await makeHistory(sql, 60, 0);
      await project.mdl('build');
      now = await runIds(sql);
      assert.is(now.length, 51 + 60 + 1, 'what is past its time began within the hour: not yet');
      await sql`update medallion.runs set started_at = started_at - interval '2 hours' where run_id < ${now.at(-50)!}`;
      await project.mdl('build');
      assert.is((await runIds(sql)).length, 51);
    },
    'history: { keepRuns: 50 },',
  ));

test('by days; without a word of it 1,000 runs and 7 days; what is told to keep all keeps all', () =>
  withHistory(byFile, async (project) => {
    const { sql } = project;
    const set = (history: string) => project.write('medallion.config.ts', config(byFile, history));
    const removable = async (...flags: string[]) =>
      JSON.parse((await project.mdl('runs', 'prune', '--dry-run', '--json', ...flags)).stdout).removed;
    assert.is(await removable(), 0, 'nothing was ever built');
    assert.is((await project.mdl('build')).code, 0);
    await makeHistory(sql, 1500, 30);
    assert.is(await removable(), 1500 - 1000, '1,000 runs are more than 7 days of these');
    await sql`update medallion.runs set started_at = now() - (now() - started_at) / 10 where status = 'failed'`;
    assert.is(await removable(), 0, 'all 1,500 are of the last 7 days');
    set('history: { keepDays: 2 },');
    const old = (await sql`select from medallion.runs where started_at < now() - interval '2 days'`).count;
    assert.ok(old > 0);
    assert.is(await removable(), old);
    assert.is(await removable('--keep-runs', '1400'), 1500 - 1400);
    assert.is(await removable('--keep-runs', '10', '--keep-days', '2'), old);
    set('history: { keepRuns: null },');
    assert.is(await removable(), 0);
    for (const flags of [
      ['--keep-runs', '0'],
      ['--keep-days', '1.5'],
    ]) {
      const { code, stderr } = await project.mdl('runs', 'prune', ...flags);
      assert.equal([code, /MDL1004.*from 1\./s.test(stderr)], [2, true], stderr);
    }
    set('history: { keepWeeks: 2 },');
    const wrong = await project.mdl('runs', 'prune');
    assert.match(wrong.stderr, /MDL1003/);
    assert.match(wrong.stderr, /keepDays|keepRuns/);
  }));

test('the latest occurrences of each schedule stay, with their runs; a retry outlives what it retries', () =>
  withHistory(byFile, async (project) => {
    const { sql } = project;
    assert.is((await project.mdl('build')).code, 0);
    await makeHistory(sql, 100);
    await sql`
      insert into medallion.occurrences (project, schedule, due, status, run_id, started_at, finished_at)
      select project, 'rare', started_at, 'succeeded', run_id, started_at, finished_at from medallion.runs
       where status = 'failed' order by run_id limit 8`;
    await sql`
      insert into medallion.occurrences (project, schedule, due, status, started_at, finished_at)
      select 'loja', 'never', now() - i * interval '1 hour', case i when 20 then 'running' else 'missed' end, now() - i * interval '1 hour',
             case when i <> 20 then now() - i * interval '1 hour' end
        from generate_series(1, 20) i`;
    const all = await runIds(sql);
    const newest = all.at(-1)!;
    await sql`update medallion.runs set retry_of = ${all[50]!} where run_id = ${newest}`;
    await project.mdl('runs', 'prune', '--keep-runs', '3');
    const kept = await sql<{ schedule: string; n: number; runs: number }[]>`
      select schedule, count(*)::int as n, count(run_id)::int as runs from medallion.occurrences group by 1 order by 1`;
    assert.equal(
      kept.map((row) => ({ ...row })),
      [
        // The latest, and the one that may still be going on.
        { schedule: 'never', n: 6, runs: 0 },
        { schedule: 'rare', n: 5, runs: 5 },
      ],
    );
    const [retry] = await sql`select retry_of from medallion.runs where run_id = ${newest}`;
    assert.is(retry!.retry_of, null);
    // The one that was built, five of the schedule, three latest.
    assert.is((await runIds(sql)).length, 1 + 5 + 3);
    const status = await project.mdl('runs');
    assert.match(status.stdout, 'failed');
  }));

test.run();
