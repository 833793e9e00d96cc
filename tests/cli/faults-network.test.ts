// core: runs on every server
import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { connect, type Transaction } from '../../dist/database/connect.js';
import { openProxy, type ServerProxy } from '../support/faults/proxy.ts';
import { type OwnServer, ownServer } from '../support/faults/server.ts';
import { phases, withVersions } from '../support/faults/versions.ts';
import { until } from '../support/wait.ts';

/** The way to the server: cut, closed by halves, silent for a while, and not there when it is wanted again. */
const test = suite('faults: the way to the server');
let server: OwnServer;
let proxy: ServerProxy;
let broken = 0;

test.before(async () => {
  server = await ownServer();
  proxy = await openProxy(server.port);
  process.env.MDL_TEST_MDL_URL = proxy.url;
});
test.after(async () => {
  await proxy.close();
  await server.close();
  console.log(`measured: the way to the server was broken ${broken} times`);
});

test('cut in each phase: each is tried again', () =>
  withVersions(`threads: 2, retries: 3, retryDelay: '10 ms'`, async (versions) => {
    for (const phase of phases) {
      const told = await versions.during(phase, async () => proxy.cut());
      broken++;
      assert.is(told.outcome.status, 'succeeded', `${phase}: ${told.errors}`);
      await versions.endsWell(told);
    }
  }));

const goneIn: Readonly<Record<string, (tx: Transaction, lose: () => void) => Promise<unknown>>> = {
  'a savepoint': (tx, lose) =>
    tx.savepoint((inner) => {
      setTimeout(lose, 100);
      return inner.unsafe('select pg_sleep(60)');
    }),
  'a savepoint that has something else to do': (tx, lose) =>
    tx.savepoint(async (inner) => {
      await inner.unsafe('select 1');
      lose();
      await sleep(100);
      throw new Error('its own');
    }),
  'a transaction, behind its last statement': async (tx, lose) => {
    await tx.unsafe('select 1');
    lose();
    await sleep(100);
  },
};
for (const [where, work] of Object.entries(goneIn))
  test(`a connection is lost in ${where}: nothing is sent to it, and the next one serves`, async () => {
    for (const lose of [proxy.halfClose, proxy.cut]) {
      const sql = connect({ url: proxy.url, max: 1, applicationName: 'test', settings: 'none' });
      const error = await sql
        .begin((tx) => work(tx, lose))
        .then(
          () => undefined,
          (cause) => cause as Error & { code: string },
        );
      assert.match(String(error?.code), /^(CONNECTION_CLOSED|ECONNRESET)$/);
      // What would be sent now would end the process.
      await sleep(50);
      await until(async () => (await sql`select 1 as one`.catch(() => [])).length === 1);
      await sql.end({ timeout: 0 });
    }
  });

test('cut while the publish is committed: the next attempt waits for it, and publishes nothing twice', () =>
  withVersions(`threads: 2, retries: 3, retryDelay: '10 ms'`, async (versions) => {
    const { sql } = versions.project;
    await sql.unsafe(`create table public.published (at int); create function public.count_publish() returns trigger language plpgsql as
      $$ begin insert into public.published values (1); return new; end $$;
      create trigger counted after update of published_at on medallion.runs for each row execute function public.count_publish()`);
    const told = await versions.during('commit', async (pid) => {
      // The server would end the publish if it heard of it, a second later: before the next attempt, where the machine is slow.
      const [backend] = await sql<
        { client_port: number }[]
      >`select client_port from pg_stat_activity where pid = ${pid}`;
      proxy.cut(backend!.client_port);
      await until(async () => {
        const { count } = await sql`
          select from pg_locks join pg_stat_activity a using (pid)
           where locktype = 'transactionid' and not granted and pid <> ${pid} and a.datname = current_database()`;
        return count > 0;
      });
    });
    proxy.cut();
    broken++;
    assert.is(told.outcome.status, 'succeeded', told.errors);
    const of = (name: string) => told.events.filter(({ event }) => event === name).length;
    assert.equal([of('publish.retried'), of('publish.finished')], [1, 1]);
    assert.is((await sql`select from public.published`).count, 1);
    await versions.endsWell(told);
  }));

test('closed by halves, without retries', () =>
  withVersions('threads: 2', async (versions) => {
    for (const phase of ['copy', 'model'] as const) {
      const told = await versions.during(phase, async () => proxy.halfClose());
      broken++;
      assert.is(told.outcome.status, 'failed', phase);
      await versions.endsWell(told);
    }
  }));

test('silent for a while: nobody notices', () =>
  withVersions('threads: 2', async (versions) => {
    for (const phase of ['copy', 'publish'] as const) {
      const told = await versions.during(phase, async () => setTimeout(proxy.stall(), 300));
      broken++;
      assert.is(told.outcome.status, 'succeeded', `${phase}: ${told.errors}`);
      await versions.endsWell(told);
    }
  }));

test('what was sent before a cut goes on in the server: a retry does not wait for it, nor build beside it', () =>
  withVersions(`threads: 2, retries: 5, retryDelay: '10 ms'`, async (versions) => {
    const told = await versions.during('model', async (pid) => {
      proxy.cut();
      await until(async () => (await versions.waiting()).some((waiting) => waiting !== pid));
      await until(async () => !(await versions.waiting()).includes(pid));
    });
    broken++;
    assert.is(told.outcome.status, 'succeeded', told.errors);
    await versions.endsWell(told);
  }));

test('cut, and refused until the server is there again', () =>
  withVersions(`threads: 2, retries: 8, retryDelay: '10 ms'`, async (versions) => {
    const told = await versions.during('model', async () => {
      const letIn = proxy.refuse();
      proxy.cut();
      setTimeout(letIn, 200);
    });
    broken++;
    assert.is(told.outcome.status, 'succeeded', told.errors);
    await versions.endsWell(told);
  }));

test.run();
