// A project whose every published row carries the number of its build, and that can be made to wait anywhere: what breaks meanwhile must leave one number.
import { build, type Event, openProject, type RunOptions, type RunOutcome } from 'medallion';
import type postgres from 'postgres';
import * as assert from 'uvu/assert';
import { everyRowAccountedFor } from '../load.ts';
import { type TestProject, testProject } from '../project.ts';
import { hold, until } from '../wait.ts';

const rows = 300;

function rowsOf(version: number): string {
  return `id,v\n${Array.from({ length: rows }, (_, i) => `${i},${version}`).join('\n')}\n`;
}

const files = (settings: string) => ({
  'medallion.config.ts': `import { csv, defineConfig } from 'medallion';
export default defineConfig({ name: 'loja', database: process.env.DATABASE_URL, sources: { s: csv({ dir: 'seeds' }) },
  bronze: { r: { from: 's.r', batchRows: 50 }, u: { from: 's.u', key: 'id', load: 'upsert', batchRows: 50 } }, ${settings} });`,
  'seeds/r.csv': rowsOf(1),
  'seeds/u.csv': rowsOf(1),
  'models/silver/r.sql': `/*---
primary_key: id
columns: { id: int, v: { type: int, tests: [ { expression: "public.gate('audit')" } ] } }
---*/
select id, v from {{ref "bronze.r"}}`,
  'models/silver/u.sql': `/*---
primary_key: id
foreign_keys: [ { columns: id, references: silver.r } ]
columns: { id: int, v: int }
---*/
select id, v from {{ref "bronze.u"}} where public.gate('model')`,
  'models/silver/w.sql': `/*---
primary_key: id
publish: delta
columns: { id: int, v: int }
---*/
select id, v from {{ref "silver.u"}}`,
  'models/gold/m.sql': `/*---
materialized: materialized_view
primary_key: v
---*/
select v, count(*)::int as rows from {{ref "silver.w"}} where public.gate_refresh() group by 1`,
  'models/gold/g.sql': `/*---
materialized: view
---*/
select r.v as r, u.v as u, count(*)::int as rows from {{ref "silver.r"}} r join {{ref "silver.u"}} u using (id) group by 1, 2`,
});

/** Where a run can be made to wait: rows of a COPY under way, a batch before its commit, a model, a test, the publish while it holds its locks or refreshes. */
export const phases = ['copy', 'batch', 'model', 'audit', 'publish', 'refresh'] as const;
/** `commit`: the publish has done all, and is not committed yet. */
export type Phase = (typeof phases)[number] | 'commit';

const gates = `
create table public.armed (phase text);
create function public.gate(reached text) returns bool language plpgsql volatile as $$
  begin
    if exists (select from public.armed where phase = reached) then perform pg_advisory_xact_lock_shared(4711); end if;
    return true;
  end $$;
create function public.gate_refresh() returns bool language plpgsql volatile as $$
  begin
    return not exists (select from pg_locks where relation = to_regclass('gold.m') and mode = 'ExclusiveLock' and pid = pg_backend_pid()) or public.gate('refresh');
  end $$;
create function public.gate_row() returns trigger language plpgsql as $$
  begin perform public.gate(tg_argv[0]); return new; end $$;
create function public.gate_load() returns event_trigger language plpgsql as $$
  declare made text;
  begin
    for made in select object_identity from pg_event_trigger_ddl_commands() where object_type = 'table' and schema_name = 'mdl_load_loja' loop
      execute format('create trigger gate before insert on %s for each row when (new.id = ''120'') execute function public.gate_row(''copy'')', made);
    end loop;
  end $$;
create event trigger gate_load on ddl_command_end when tag in ('CREATE TABLE') execute function public.gate_load();
create function public.ungate() returns event_trigger language plpgsql as $$
  declare moved record;
  begin
    for moved in select t.tgrelid::regclass as bronze from pg_event_trigger_ddl_commands() d join pg_trigger t on t.tgrelid = d.objid and t.tgname = 'gate'
                  where d.schema_name = 'bronze' loop
      execute format('drop trigger gate on %s', moved.bronze);
    end loop;
  end $$;
create event trigger ungate on ddl_command_end when tag in ('ALTER TABLE') execute function public.ungate();`;
const gatesOfHistory = `
create trigger gate before insert on medallion.load_batches for each row when (new.batch = 4) execute function public.gate_row('batch');
create trigger gate before insert or update on medallion.relations for each row when (new.schema_name = 'silver') execute function public.gate_row('publish');
create constraint trigger gate_commit after insert or update on medallion.relations deferrable initially deferred for each row
  when (new.schema_name = 'silver') execute function public.gate_row('commit');`;

export interface Told {
  readonly outcome: RunOutcome;
  readonly events: readonly Event[];
  /** Every error that was told of, for the message of a test that fails. */
  readonly errors: string;
}

export interface Versions {
  readonly project: TestProject;
  /** What the seeds have. */
  readonly version: number;
  /** Changes every row of every seed. */
  raise(): void;
  /** Builds in this process. */
  build(options?: RunOptions): Promise<Told>;
  /** Builds the next version, does something to it while it waits in a phase, and lets it go on; what has come of it. */
  during(phase: Phase, work: (pid: number) => Promise<unknown>, options?: RunOptions): Promise<Told>;
  /** The backends that wait in a phase. */
  waiting(): Promise<readonly number[]>;
  /** What readers see: one build, whole. */
  published(): Promise<number>;
  /** Published data is that of the outcome; the next build succeeds, and leaves nothing but its data and a history that is true. */
  endsWell(told: { readonly outcome: Pick<RunOutcome, 'status' | 'runId'> }): Promise<void>;
}

/** @param settings more of the configuration */
export async function withVersions(
  settings: string,
  work: (versions: Versions) => Promise<void>,
): Promise<void> {
  const project = await testProject(files(settings), { crashes: true });
  const { sql } = project;
  let version = 1;
  let seen = 1;
  const versions: Versions = {
    project,
    get version() {
      return version;
    },
    raise() {
      version++;
      for (const seed of ['r', 'u']) project.write(`seeds/${seed}.csv`, rowsOf(version));
    },
    async build(options) {
      process.env.DATABASE_URL = process.env.MDL_TEST_MDL_URL!.replace(
        /postgres$/,
        project.url.split('/').at(-1)!,
      );
      const events: Event[] = [];
      const outcome = await build(await openProject({ dir: project.dir }), {
        ...options,
        emit: (event) => void events.push(event),
      });
      const errors = events.flatMap((event) =>
        'error' in event && event.error
          ? [
              `${event.event}: ${event.error.code} ${event.error.message} ${event.error.postgres?.sqlstate ?? ''}`,
            ]
          : [],
      );
      return { outcome, events, errors: errors.join('\n') };
    },
    async waiting() {
      const found = await sql<{ pid: number }[]>`
        select pid from pg_locks where locktype = 'advisory' and objid = 4711 and not granted
           and database = (select oid from pg_database where datname = current_database())`;
      return found.map(({ pid }) => pid);
    },
    async during(phase, disturb, options) {
      versions.raise();
      await sql`insert into public.armed values (${phase})`;
      const release = await hold(sql);
      const told = versions.build(options);
      let pids: readonly number[] = [];
      await until(async () => {
        pids = await versions.waiting();
        return pids.length > 0;
      });
      await disturb(pids[0]!);
      await recovered(sql);
      await sql`delete from public.armed`;
      await release().catch(() => {});
      return told;
    },
    async published() {
      const [row, ...more] = await sql<
        { r: number; u: number; rows: number }[]
      >`select r, u, rows from gold.g union select v, v, rows from gold.m`;
      assert.equal([row?.rows, more.length], [rows, 0], 'all of one build');
      assert.is(row!.r, row!.u, 'a mix of builds');
      return row!.r;
    },
    async endsWell({ outcome }) {
      const published = await versions.published();
      assert.is(published, outcome.status === 'succeeded' ? version : seen, `after ${outcome.status}`);
      const again = await versions.build();
      assert.is(again.outcome.status, 'succeeded', `the next build: ${again.errors}`);
      assert.is(await versions.published(), version);
      seen = version;
      await leavesNothing(sql);
      // A run that began, and whose end could not be written down any more, has crashed.
      if (outcome.runId !== null) {
        const [run] = await sql<
          { status: string }[]
        >`select status from medallion.runs where run_id = ${outcome.runId}`;
        assert.ok(
          [outcome.status, 'crashed'].includes(run!.status),
          `the history says ${run!.status} of a run that ${outcome.status}`,
        );
      }
      await everyRowAccountedFor(project);
    },
  };
  try {
    await sql.unsafe(gates);
    const { outcome } = await versions.build();
    assert.is(outcome.status, 'succeeded', String(outcome.error));
    await sql.unsafe(gatesOfHistory);
    await work(versions);
  } finally {
    await project.close();
  }
}

/** A pool whose connections were lost: none that is lost is left in it. */
export async function recovered(sql: postgres.Sql): Promise<void> {
  await until(async () => {
    const asked = await Promise.allSettled(Array.from({ length: 8 }, () => sql`select 1`));
    return asked.every(({ status }) => status === 'fulfilled');
  });
}

/** Nothing of a run is left: no schema of its own, no session, no run that seems to go on. */
export async function leavesNothing(sql: postgres.Sql): Promise<void> {
  const schemas =
    await sql`select nspname from pg_namespace where nspname like 'mdl_stage%' or nspname like 'mdl_trash%'`;
  assert.equal([...schemas], []);
  const tables =
    await sql`select relname from pg_class where relkind = 'r' and relnamespace = to_regnamespace('mdl_load_loja')`;
  assert.equal([...tables], []);
  const running = await sql`select run_id from medallion.runs where status = 'running'`;
  assert.equal([...running], []);
  const loads = await sql`select load_id from medallion.loads where status = 'running'`;
  assert.equal([...loads], []);
  await until(async () => {
    // A pooler's idle connections keep the name of whoever used them last.
    const sessions = await sql`
      select from pg_stat_activity where datname = current_database() and (application_name like 'mdl-run:%' or application_name like 'mdl-lock:%')
         and (state <> 'idle' or ${process.env.MDL_TEST_MDL_URL === process.env.MDL_TEST_URL})`;
    return sessions.count === 0;
  });
}
