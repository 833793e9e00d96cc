// A server of the test's own, of the version that the test runs on: one that may be crashed, stopped and filled up.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chownSync, closeSync, mkdirSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import postgres from 'postgres';
import { nativeFolder } from '../../../dist/database/embedded/binaries.js';
import { serverUser } from '../../../dist/database/embedded/os-user.js';
import { until } from '../wait.ts';

export interface OwnServer {
  /** By TCP, on the loopback address. */
  readonly port: number;
  readonly url: string;
  /** Waits until it takes connections. */
  start(): Promise<void>;
  /** `fast` ends sessions and writes everything down, `immediate` is as a crash. */
  stop(mode: 'fast' | 'immediate'): Promise<void>;
  close(): Promise<void>;
}

const user = serverUser();
const identity = user.isOther ? { uid: user.uid, gid: user.gid } : {};

/**
 * Makes and starts a server, and has the test's projects made there.
 * @param given an empty folder for its data, the write-ahead log excepted; default: one in /tmp
 */
export async function ownServer(given?: string): Promise<OwnServer> {
  const home = given ?? mkdtempSync('/tmp/mdl-own-');
  if (user.isOther) chownSync(home, user.uid, user.gid);
  // Without room for its log a server ends itself; what is to be met is one that goes on, and refuses.
  const wal = `${home}-wal`;
  mkdirSync(wal);
  if (user.isOther) chownSync(wal, user.uid, user.gid);
  const copies = `${home}-programs`;
  if (process.env.MDL_TEST_SERVER !== 'debian-15') mkdirSync(copies);
  const bin =
    process.env.MDL_TEST_SERVER === 'debian-15'
      ? '/usr/lib/postgresql/15/bin'
      : join(nativeFolder(user, copies), 'bin');
  const data = join(home, 'data');
  execFileSync(
    join(bin, 'initdb'),
    [
      '-D',
      data,
      '-U',
      'medallion',
      '-A',
      'trust',
      '-E',
      'UTF8',
      '--locale=C',
      '--no-sync',
      '--wal-segsize=1',
      '--waldir',
      wal,
    ],
    { ...identity, cwd: home, stdio: 'ignore', env: { ...process.env, LC_ALL: 'C' } },
  );
  const port = await freePort();
  const url = `postgres://medallion@127.0.0.1:${port}/postgres`;
  const args = ['listen_addresses=127.0.0.1', `port=${port}`, 'unix_socket_directories='];
  let child: ChildProcess | undefined;
  const server: OwnServer = {
    port,
    url,
    async start() {
      const log = openSync(`${home}.log`, 'a');
      child = spawn(join(bin, 'postgres'), ['-D', data, ...args.flatMap((setting) => ['-c', setting])], {
        ...identity,
        cwd: home,
        stdio: ['ignore', log, log],
        env: { ...process.env, LC_ALL: 'C' },
      });
      closeSync(log);
      await untilReady(url);
    },
    async stop(mode) {
      const ended = new Promise((resolve) => child!.once('exit', resolve));
      child!.kill(mode === 'fast' ? 'SIGINT' : 'SIGQUIT');
      await ended;
      child = undefined;
    },
    async close() {
      if (child) await server.stop('immediate');
      for (const left of [data, wal, copies, `${home}.log`, ...(given === undefined ? [home] : [])])
        rmSync(left, { recursive: true, force: true });
    },
  };
  await server.start();
  process.env.MDL_TEST_URL = url;
  process.env.MDL_TEST_MDL_URL = url;
  return server;
}

/** A server that recovers, or is about to be there, says so: then it is asked again. */
export async function untilReady(url: string): Promise<void> {
  await until(async () => {
    const sql = postgres(url, { max: 1, onnotice: () => {}, connect_timeout: 5, fetch_types: false });
    const isReady = await sql`select 1`.then(
      () => true,
      () => false,
    );
    // A connection that has failed has ended; the driver would write its farewell to a socket that is gone.
    if (isReady) await sql.end();
    return isReady;
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}
