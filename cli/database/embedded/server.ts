import { type ChildProcess, spawn } from 'node:child_process';
import { chownSync, closeSync, existsSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect as connectSocket, createServer, type Socket } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import postgres from 'postgres';
import { MedallionError } from '../../errors/index.js';
import { errorCode } from '../postgres-error.js';
import { nativeFolder } from './binaries.js';
import { type Cluster, clusterUrl, loopbackPort, portFile, prepareCluster, socketPort } from './cluster.js';

const pidFile = (cluster: Cluster) => join(cluster.data, 'postmaster.pid');
const socketFile = (cluster: Cluster) => join(cluster.socketDir, `.s.PGSQL.${socketPort}`);

/** Whether the cluster's server runs, on data that are still there. */
export async function isRunning(cluster: Cluster): Promise<boolean> {
  if (cluster.transport === 'socket')
    return existsSync(pidFile(cluster)) && accepts(connectSocket(socketFile(cluster)));
  const port = loopbackPort(cluster);
  // After a crash the port may be another program's: only our own server takes the password.
  return port !== 0 && (await accepts(connectSocket(port, '127.0.0.1'))) && acceptsSessions(cluster);
}

function accepts(socket: Socket): Promise<boolean> {
  return new Promise((resolve) => {
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
  if (running === undefined) await launch(cluster, native);
  await waitUntilReady(cluster);
}

/** In a session of its own: Ctrl-C in the terminal of one command must not stop the server under the others. */
async function launch(cluster: Cluster, native: string): Promise<void> {
  rmSync(pidFile(cluster), { force: true });
  if (cluster.transport === 'socket') await endOrphan(cluster);
  const log = openSync(cluster.log, 'a');
  try {
    if (cluster.user.isOther) chownSync(cluster.log, cluster.user.uid, cluster.user.gid);
    if (cluster.transport === 'socket')
      spawnAs(cluster, join(native, 'bin', 'postgres'), log, [
        ...['-D', cluster.data, '-k', cluster.socketDir, '-p', String(socketPort)],
      ]).unref();
    else await launchOnLoopback(cluster, native, log);
  } finally {
    closeSync(log);
  }
}

/** Through pg_ctl, which on Windows gives up the administrator's rights that Postgres refuses to run with. */
async function launchOnLoopback(cluster: Cluster, native: string, log: number): Promise<void> {
  const port = await freePort();
  const noSocket = process.platform === 'win32' ? '' : ` -c unix_socket_directories=''`;
  const options = `-c listen_addresses=127.0.0.1 -c port=${port}${noSocket}`;
  await pgCtl(cluster, native, log, ['start', '-W', '-D', cluster.data, '-o', options]);
  writeFileSync(portFile(cluster), String(port));
}

async function pgCtl(
  cluster: Cluster,
  native: string,
  log: number | 'ignore',
  args: string[],
): Promise<void> {
  const child = spawnAs(cluster, join(native, 'bin', 'pg_ctl'), log, args);
  await new Promise((resolve) => child.once('exit', resolve));
}

function spawnAs(cluster: Cluster, program: string, log: number | 'ignore', args: string[]): ChildProcess {
  const { user } = cluster;
  const child = spawn(program, args, {
    detached: true,
    windowsHide: true,
    stdio: ['ignore', log, log],
    cwd: cluster.data,
    env: { ...process.env, LC_ALL: 'C' },
    ...(user.isOther && { uid: user.uid, gid: user.gid }),
  });
  // That it did not start is told by `waitUntilReady`, with the log.
  child.on('error', () => {});
  return child;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

/** The server's process, if the pid file tells of one that really is a Postgres on this folder (numbers are used again). */
function serverPid(cluster: Cluster): number | undefined {
  let pid: number;
  try {
    pid = firstNumber(pidFile(cluster));
  } catch {
    return undefined;
  }
  return isServer(cluster, pid) ? pid : undefined;
}

function firstNumber(file: string): number {
  return Number(readFileSync(file, 'utf8').split('\n')[0]);
}

/** Whether a process is a Postgres on the cluster's folder. */
function isServer(cluster: Cluster, pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    return command.includes('postgres') && command.includes(cluster.data);
  } catch {
    if (existsSync('/proc/self')) return false;
  }
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Somebody deleted the folder under its server, which holds the socket until it notices: it has nothing left to lose. */
async function endOrphan(cluster: Cluster): Promise<void> {
  const lock = `${socketFile(cluster)}.lock`;
  if (!existsSync(lock)) return;
  const pid = firstNumber(lock);
  if (!isServer(cluster, pid)) return;
  process.kill(pid, 'SIGQUIT');
  for (let waited = 0; waited < 10_000 && isServer(cluster, pid); waited += 5) await sleep(5);
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
    hint: lines.some((line) => line.includes('No space left on device'))
      ? 'The disk is full: make room, then run the command again.'
      : undefined,
  });
}

/** Whether it lets us in, and is the server of this folder. */
async function acceptsSessions(cluster: Cluster): Promise<boolean> {
  if (cluster.transport === 'socket' && !(await isRunning(cluster))) return false;
  if (cluster.transport === 'loopback' && loopbackPort(cluster) === 0) return false;
  const sql = connectAsOwner(cluster);
  try {
    const [row] = await sql<{ folder: string }[]>`select current_setting('data_directory') as folder`;
    return resolve(row!.folder) === resolve(cluster.data);
  } catch {
    return false;
  } finally {
    await sql.end({ timeout: 1 });
  }
}

function connectAsOwner(cluster: Cluster) {
  // Seconds: on the loopback address, another program may hold our port of before and never answer.
  const patience = { connect_timeout: 5 };
  return postgres(clusterUrl(cluster, 'postgres'), {
    max: 1,
    fetch_types: false,
    onnotice: () => {},
    ...patience,
  });
}

/** Stops the server: sessions are ended, a checkpoint is written, nothing is lost. Returns when it is gone. */
export async function stopServer(cluster: Cluster): Promise<boolean> {
  const pid = serverPid(cluster);
  if (pid === undefined) return false;
  if (cluster.transport === 'socket') process.kill(pid, 'SIGINT');
  else
    await pgCtl(cluster, nativeFolder(cluster.user, '/var/lib/medallion'), 'ignore', [
      'stop',
      '-m',
      'fast',
      '-W',
      '-D',
      cluster.data,
    ]);
  for (let waited = 0; waited < 60_000 && serverPid(cluster) !== undefined; waited += 5) await sleep(5);
  return true;
}

/** Creates a database unless it is there. */
export async function ensureDatabase(cluster: Cluster, database: string): Promise<void> {
  const sql = connectAsOwner(cluster);
  try {
    const found = await sql`select from pg_database where datname = ${database}`;
    if (found.count === 0) await sql`create database ${sql(database)} template template0`;
  } catch (error) {
    if (errorCode(error) !== '42P04') throw error;
  } finally {
    await sql.end({ timeout: 1 });
  }
}
