// core: runs on every server
import postgres from 'postgres';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Told, type Versions, withVersions } from '../support/faults/versions.ts';
import { until } from '../support/wait.ts';

/** What other sessions do to a run: limits, locks in the wrong order, conflicting writes, relations that are altered under it. */
const test = suite('faults: what others do');
const counts = { timeouts: 0, hostile: 0, retried: 0, alterations: 0, reads: 0 };
test.after(() => console.log(`measured: ${JSON.stringify(counts)}`));

const database = (versions: Versions) => versions.project.url.split('/').at(-1)!;
const sqlstates = ({ events }: Told) =>
  events.flatMap((event) =>
    'error' in event && event.error?.postgres ? [event.error.postgres.sqlstate] : [],
  );

test('statement_timeout of the database ends a load, a model and a test at once; the publish sets its own', () =>
  withVersions(`threads: 2, retries: 2, retryDelay: '1 ms'`, async (versions) => {
    const { sql } = versions.project;
    for (const phase of ['copy', 'batch', 'model', 'audit', 'publish'] as const) {
      await sql.unsafe(`alter database ${database(versions)} set statement_timeout = '1s'`);
      const told = await versions.during(phase, () =>
        phase === 'publish'
          ? sql`select pg_sleep(0.9)`
          : until(async () => (await versions.waiting()).length === 0),
      );
      await sql.unsafe(`alter database ${database(versions)} reset statement_timeout`);
      counts.timeouts++;
      assert.is(told.outcome.status, phase === 'publish' ? 'succeeded' : 'failed', phase);
      assert.equal(
        sqlstates(told).slice(0, 1),
        phase === 'publish' ? [] : phase === 'audit' ? sqlstates(told).slice(0, 1) : ['57014'],
        phase,
      );
      assert.is(
        told.events.filter(({ event }) => event === 'node.retried').length,
        0,
        'what is too slow is so again',
      );
      await versions.endsWell(told);
    }
  }));

test('a deadlock with a hostile client: the model is tried again', () =>
  withVersions(`threads: 2, retries: 5, retryDelay: '1 ms'`, async (versions) => {
    const { project } = versions;
    await project.sql.unsafe(`
      create function public.wait() returns bool language plpgsql volatile as $$ begin perform pg_advisory_xact_lock_shared(4712); return true; end $$`);
    project.write(
      'models/silver/u.sql',
      project.read('models/silver/u.sql').replace(`public.gate('model')`, 'public.wait()'),
    );
    const hostile = postgres(project.url, { max: 1, onnotice: () => {} });
    let retried = 0;
    // Which of the two is ended is Postgres's choice.
    for (let round = 0; retried === 0; round++) {
      assert.ok(round < 20);
      versions.raise();
      let told: Promise<Told> | undefined;
      await hostile
        .begin(async (tx) => {
          await tx`set local deadlock_timeout = '20s'`;
          await tx`select pg_advisory_xact_lock(4712)`;
          told = versions.build();
          await until(async () => {
            const [row] =
              await project.sql`select from pg_locks where locktype = 'advisory' and objid = 4712 and not granted`;
            return row !== undefined;
          });
          await tx.unsafe('lock table bronze.u in access exclusive mode');
        })
        .catch((error: unknown) => assert.is((error as { code: string }).code, '40P01'));
      const ended = await told!;
      counts.hostile++;
      retried += sqlstates(ended).filter((state) => state === '40P01').length;
      assert.is(ended.outcome.status, 'succeeded', ended.errors);
      await versions.endsWell(ended);
    }
    counts.retried += retried;
    await hostile.end();
  }));

test('a hostile client that takes its locks on published tables in the reverse order fails no build, and no build fails it', () =>
  withVersions('threads: 2', async (versions) => {
    const hostile = postgres(versions.project.url, { max: 2, onnotice: () => {} });
    let going = true;
    const attacks = [0, 1].map(async () => {
      for (; going; counts.hostile++)
        await hostile.begin(async (tx) => {
          await tx.unsafe('lock table gold.g in access share mode; lock table silver.u in access share mode');
          await tx.unsafe('select pg_sleep(random() / 50)');
          await tx.unsafe('lock table silver.r in access share mode');
        });
    });
    const failed = Promise.all(attacks);
    try {
      for (let round = 0; round < 3; round++) {
        versions.raise();
        const told = await versions.build();
        assert.is(told.outcome.status, 'succeeded', told.errors);
        assert.is(await versions.published(), versions.version);
      }
    } finally {
      going = false;
    }
    await failed;
    await hostile.end();
  }));

test('a database that is serializable by default, and somebody who writes the same rows: a run is read committed, and waits', () =>
  withVersions(`threads: 2, retries: 3, retryDelay: '1 ms'`, async (versions) => {
    const { sql } = versions.project;
    await sql.unsafe(
      `alter database ${database(versions)} set default_transaction_isolation = 'serializable'`,
    );
    const writer = postgres(versions.project.url, { max: 1, onnotice: () => {} });
    let told: Promise<Told> | undefined;
    versions.raise();
    await writer.begin(async (tx) => {
      await tx.unsafe(`update bronze.u set v = '-1' where id = '7'`);
      told = versions.build();
      await until(async () => {
        const [row] = await sql`
          select from pg_locks l join pg_stat_activity a using (pid)
           where not l.granted and a.application_name like 'mdl-run:%' and a.datname = current_database()`;
        return row !== undefined;
      });
    });
    const ended = await told!;
    await writer.end();
    counts.hostile++;
    assert.equal(sqlstates(ended), []);
    assert.is(ended.outcome.status, 'succeeded', ended.errors);
    await versions.endsWell(ended);
  }));

const alterations: readonly [name: string, alter: string, status: 'succeeded' | 'failed', mend: string][] = [
  [
    'a view is put on a published table',
    'create view public.theirs as select id from silver.r',
    'succeeded',
    'select id from public.theirs',
  ],
  [
    'a column is added to a published table',
    'alter table silver.r add column theirs int',
    'succeeded',
    'alter table silver.r drop column theirs',
  ],
  [
    'a published table is renamed',
    'alter table silver.u rename to theirs',
    'failed',
    'alter table silver.theirs rename to u',
  ],
  [
    'an index is put on a published table',
    'create index theirs on silver.r (v)',
    'succeeded',
    `select 1 / (to_regclass('silver.theirs') is not null)::int`,
  ],
  ['a staged table is dropped', 'drop table mdl_stage_loja_silver.r', 'failed', ''],
  ['a staged table is renamed', 'alter table mdl_stage_loja_silver.r rename to theirs', 'failed', ''],
  ['a staged column is renamed', 'alter table mdl_stage_loja_silver.r rename v to theirs', 'failed', ''],
];
test('relations that are altered in mid build', () =>
  withVersions('threads: 2', async (versions) => {
    const { sql } = versions.project;
    for (const [name, alter, status, mend] of alterations) {
      const told = await versions.during('model', async () => {
        await until(
          async () =>
            (
              await sql`select from pg_class where relname = 'r' and relnamespace = to_regnamespace('mdl_stage_loja_silver')`
            ).count === 1,
        );
        await sql.unsafe(alter);
      });
      counts.alterations++;
      assert.is(told.outcome.status, status, `${name}: ${told.errors}`);
      await sql.unsafe(mend);
      await versions.endsWell(told);
    }
  }));

test('the schema of a layer is dropped in mid build: nothing is published, and the next build makes it again', () =>
  withVersions('threads: 2', async (versions) => {
    const { sql } = versions.project;
    const told = await versions.during('model', () =>
      sql.unsafe('drop view gold.g; drop materialized view gold.m; drop schema gold'),
    );
    counts.alterations++;
    assert.is(told.outcome.status, 'failed');
    assert.equal([...(await sql`select distinct v from silver.r union select v from silver.u`)], [{ v: 1 }]);
    const again = await versions.build();
    assert.is(again.outcome.status, 'succeeded', again.errors);
    assert.is(await versions.published(), 2);
  }));

const heldMs = Number(process.env.MDL_READER_MS ?? 2000);
test(`a lock that is kept for ${heldMs} ms, against deltas too: MDL4303, nothing lost, and others go on reading`, () =>
  withVersions(`threads: 2, publishTimeout: '${heldMs} ms'`, async (versions) => {
    const reader = postgres(versions.project.url, { max: 1, onnotice: () => {} });
    const others = postgres(versions.project.url, { max: 2, onnotice: () => {} });
    let going = true;
    let longestMs = 0;
    const reading = Promise.all(
      [0, 1].map(async () => {
        for (; going; counts.reads++) {
          const started = performance.now();
          await others`select count(*) from silver.r join silver.u using (id)`;
          longestMs = Math.max(longestMs, performance.now() - started);
        }
      }),
    );
    try {
      await reader.begin(async (tx) => {
        await tx`lock table silver.r in share mode`;
        versions.raise();
        const told = await versions.build();
        assert.is(told.outcome.error?.code, 'MDL4303');
        assert.is(await versions.published(), 1);
      });
    } finally {
      going = false;
      await reading;
    }
    console.log(`measured: others read for ${Math.round(longestMs)} ms at most while a publish waited`);
    await Promise.all([reader.end(), others.end()]);
    const told = await versions.build();
    assert.is(told.outcome.status, 'succeeded');
    await versions.endsWell(told);
  }));

test('a run that lost its lock while another took its place: it publishes nothing, and spoils nothing of the other', () =>
  withVersions(`threads: 2, retries: 5, retryDelay: '50 ms'`, async (versions) => {
    const { sql } = versions.project;
    let second: Promise<Told> | undefined;
    const waitsForLock = async () => {
      const { count } = await sql`
        select from pg_locks join pg_stat_activity a using (pid) where not granted and a.application_name like 'mdl-lock:%' and a.datname = current_database()`;
      return count === 1;
    };
    const first = await versions.during('model', async (pid) => {
      versions.raise();
      second = versions.build();
      await until(waitsForLock);
      await sql`
        select pg_terminate_backend(a.pid) from pg_stat_activity a
         where a.datname = current_database() and a.application_name like 'mdl-lock:%' and a.wait_event_type is distinct from 'Lock'`;
      // It ends the sessions of the first, and comes to wait in its place.
      await until(async () => (await versions.waiting()).some((waiting) => waiting !== pid));
    });
    const told = await second!;
    assert.is(told.outcome.status, 'succeeded', told.errors);
    assert.is(first.outcome.status, 'failed');
    assert.is(await versions.published(), versions.version);
    await versions.endsWell(told);
  }));

test.run();
