import { spawn } from 'node:child_process';
import { chownSync, closeSync, existsSync, openSync, readFileSync, rmSync } from 'node:fs';
import { connect as connectSocket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import postgres from 'postgres';
import { MedallionError } from '../../errors/index.js';
import { errorCode } from '../postgres-error.js';
import { type Cluster, clusterUrl, prepareCluster } from './cluster.js';

/** Whether something accepts connections on the cluster's socket. */
export function isRunning(cluster: Cluster): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connectSocket(join(cluster.socketDir, `.s.PGSQL.${cluster.port}`));
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

/**
 * Starts the server, after initdb where it has no data yet. A crash or a stale pid file of before is recovered from.
 * @throws MedallionError MDL2101, MDL2102 with the last lines of the server's log
 */
export async function startServer(cluster: Cluster): Promise<void> {
  const native = await prepareCluster(cluster);
  const running = serverPid(cluster);
  if (running === undefined) launch(cluster, native);
  await waitUntilReady(cluster);
}

/** In a session of its own: Ctrl-C in the terminal of one command must not stop the server under the others. */
function launch(cluster: Cluster, native: string): void {
  rmSync(join(cluster.data, 'postmaster.pid'), { force: true });
  const log = openSync(cluster.log, 'a');
  if (cluster.user.isOther) chownSync(cluster.log, cluster.user.uid, cluster.user.gid);
  const child = spawn(
    join(native, 'bin', 'postgres'),
    ['-D', cluster.data, '-k', cluster.socketDir, '-p', String(cluster.port)],
    {
      detached: true,
      stdio: ['ignore', log, log],
      cwd: cluster.data,
      env: { ...process.env, LC_ALL: 'C' },
      ...(cluster.user.isOther && { uid: cluster.user.uid, gid: cluster.user.gid }),
    },
  );
  child.on('error', () => {});
  child.unref();
  closeSync(log);
}

/** The server's process, if the pid file tells of one that really is a Postgres on this folder (numbers are used again). */
function serverPid(cluster: Cluster): number | undefined {
  let pid: number;
  try {
    pid = Number(readFileSync(join(cluster.data, 'postmaster.pid'), 'utf8').split('\n')[0]);
  } catch {
    return undefined;
  }
  if (!Number.isInteger(pid) || pid <= 0) return undefined;
  try {
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    return command.includes('postgres') && command.includes(cluster.data) ? pid : undefined;
  } catch {
    if (existsSync('/proc/self')) return undefined;
  }
  try {
    process.kill(pid, 0);
    return pid;
  } catch {
    return undefined;
  }
}

/** Recovery after a crash can take a while; a server that ended has said why in its log. */
async function waitUntilReady(cluster: Cluster): Promise<void> {
  const deadline = Date.now() + 60_000;
  for (let tries = 0; Date.now() < deadline; tries++) {
    if (await acceptsSessions(cluster)) return;
    if (tries > 100 && serverPid(cluster) === undefined) break;
    await sleep(5);
  }
  const lines = existsSync(cluster.log)
    ? readFileSync(cluster.log, 'utf8').trimEnd().split('\n').slice(-5)
    : [];
  throw new MedallionError('MDL2102', {
    message: `The embedded Postgres does not start. Its log (${cluster.log}) ends with:\n${lines.join('\n')}`,
  });
}

async function acceptsSessions(cluster: Cluster): Promise<boolean> {
  if (!(await isRunning(cluster))) return false;
  const sql = postgres(clusterUrl(cluster, 'postgres'), { max: 1, fetch_types: false, onnotice: () => {} });
  try {
    await sql`select 1`;
    return true;
  } catch {
    return false;
  } finally {
    await sql.end({ timeout: 1 });
  }
}

/** Stops the server: sessions are ended, a checkpoint is written, nothing is lost. Returns when it is gone. */
export async function stopServer(cluster: Cluster): Promise<boolean> {
  const pid = serverPid(cluster);
  if (pid === undefined) return false;
  process.kill(pid, 'SIGINT');
  for (let waited = 0; waited < 60_000 && serverPid(cluster) !== undefined; waited += 5) await sleep(5);
  return true;
}

/** Creates a database unless it is there. */
export async function ensureDatabase(cluster: Cluster, database: string): Promise<void> {
  const sql = postgres(clusterUrl(cluster, 'postgres'), { max: 1, fetch_types: false, onnotice: () => {} });
  try {
    const found = await sql`select from pg_database where datname = ${database}`;
    if (found.count === 0) await sql`create database ${sql(database)} template template0`;
  } catch (error) {
    if (errorCode(error) !== '42P04') throw error;
  } finally {
    await sql.end({ timeout: 1 });
  }
}
