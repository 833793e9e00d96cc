// core: runs on every server
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type postgres from 'postgres';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type OwnServer, ownServer, untilReady } from '../support/faults/server.ts';
import { type Phase, recovered, withVersions } from '../support/faults/versions.ts';
import { until } from '../support/wait.ts';

/** A server that crashes, and one that is started again, in the middle of a run. It is the test's own: every session of it is lost. */
const test = suite('faults: the server goes away');
let server: OwnServer;
let broken = 0;

test.before(async () => {
  server = await ownServer();
});
test.after(async () => {
  await server.close();
  console.log(`measured: ${broken} times the server went away`);
});

/**
 * A backend that dies takes every session with it: the server cannot trust its shared memory any more. It may take a moment until it notices, and answers until then:
 * a session of our own tells.
 * @returns whether there was such a backend
 */
const crash = async (pid: number): Promise<boolean> => {
  const session = await bareSession();
  const isThere = wasKilled(pid);
  // One that was just ending by itself takes nobody with it.
  if (isThere) await Promise.race([once(session, 'close'), sleep(10_000)]);
  session.destroy();
  await untilReady(server.url);
  return isThere;
};

/** A backend that has been begun and waits to be told more; without the driver, which may write to a socket that is gone. */
async function bareSession(): Promise<Socket> {
  const socket = connect(server.port, '127.0.0.1');
  socket.on('error', () => {});
  await once(socket, 'connect');
  // SSLRequest: whatever the answer is, there is somebody who gives it.
  socket.write(Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]));
  await once(socket, 'data');
  return socket;
}

function wasKilled(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGKILL');
  } catch (cause) {
    // It has ended while the session was opened that tells of it.
    if ((cause as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw cause;
  }
}

const restart = (mode: 'fast' | 'immediate') => async () => {
  await server.stop(mode);
  await server.start();
};

/** How many models the latest run has ended, as far as the disk knows. */
async function endedModels(sql: postgres.Sql): Promise<number> {
  const { count } = await sql`
    select from medallion.run_nodes where kind = 'model' and run_id = (select max(run_id) from medallion.runs)`;
  return count;
}

const breaks: readonly [
  name: string,
  what: (pid: number) => Promise<unknown>,
  retries: number,
  phases: Phase[],
][] = [
  ['SIGKILL of a backend', crash, 0, ['copy', 'model', 'refresh']],
  ['SIGKILL of a backend', crash, 10, ['batch', 'audit', 'publish']],
  ['an immediate restart', restart('immediate'), 10, ['copy', 'model']],
  ['a fast restart', restart('fast'), 0, ['batch', 'publish']],
  ['a fast restart', restart('fast'), 10, ['model', 'publish']],
];
for (const [name, what, retries, phases] of breaks)
  test(`${name} in ${phases.join(', ')}, with ${retries} retries`, () =>
    withVersions(`threads: 2, retries: ${retries}, retryDelay: '10 ms'`, async (versions) => {
      for (const phase of phases) {
        const told = await versions.during(phase, async (pid) => {
          // What has not come to the disk yet is lost, and with it the run.
          if (phase === 'model') await until(async () => (await endedModels(versions.project.sql)) === 1);
          await what(pid);
        });
        broken++;
        // What was in the stage may not have been on the disk: a crash in the publish is final.
        const goesOn = retries > 0 && !(phase === 'publish' && what === crash);
        assert.is(told.outcome.status, goesOn ? 'succeeded' : 'failed', `${phase}: ${told.errors}`);
        if (!goesOn) assert.is(told.outcome.error?.code ?? 'MDL2006', 'MDL2006');
        await versions.endsWell(told);
      }
    }));

/** More with `MDL_KILLS=200 node tests/run.js faults-server`. */
const kills = Number(process.env.MDL_KILLS ?? 3);
test(`SIGKILL of ${kills} backends of a run at random moments`, () =>
  withVersions('threads: 2', async (versions) => {
    const { sql } = versions.project;
    let buildMs = 500;
    for (let killed = 0; killed < kills; ) {
      versions.raise();
      const started = performance.now();
      let isOver = false;
      const building = versions.build().finally(() => {
        isOver = true;
      });
      await new Promise((resolve) => setTimeout(resolve, Math.random() * buildMs));
      const backends = await sql<{ pid: number }[]>`
        select pid from pg_stat_activity where datname = current_database() and application_name like 'mdl-%' order by random() limit 1`;
      if (backends[0] && !isOver && (await crash(backends[0].pid))) {
        killed++;
        broken++;
      }
      const told = await building;
      if (!backends[0]) buildMs = performance.now() - started;
      await recovered(sql);
      // A crash that came behind the commit of the publish: readers have the new build, and the run could not say so any more.
      const isPublished = (await versions.published()) === versions.version;
      await versions.endsWell({
        outcome: { ...told.outcome, status: isPublished ? 'succeeded' : told.outcome.status },
      });
    }
  }));

test.run();
