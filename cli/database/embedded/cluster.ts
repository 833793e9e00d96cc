import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import {
  appendFileSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { MedallionError } from '../../errors/index.js';
import { nativeFolder } from './binaries.js';
import { canTraverse, type ServerUser, serverUser } from './os-user.js';

const run = promisify(execFile);

/** How the commands of a project reach their server: a unix socket, or, where there is none (Windows), the loopback address with a password. */
export type Transport = 'socket' | 'loopback';

/** Where an embedded server lives. */
export interface Cluster {
  readonly user: ServerUser;
  readonly transport: Transport;
  /** Holds `data`, `server.log`, and what coordinates the commands that share the server. */
  readonly home: string;
  readonly data: string;
  readonly log: string;
  /** The folder of the unix socket: short, because a socket's path has at most 107 bytes. */
  readonly socketDir: string;
}

/** Part of the socket's name. */
export const socketPort = 5432;

/**
 * The cluster of a project: in `.medallion/postgres`, or, where the server's user cannot enter the project's folder
 * (a checkout in /root), in /var/lib/medallion.
 * @param transport for a cluster that is yet to be made; default: what the platform has
 */
export function clusterOf(projectDir: string, transport?: Transport): Cluster {
  const user = serverUser();
  const inside = join(projectDir, '.medallion', 'postgres');
  const name = createHash('sha256').update(inside).digest('hex').slice(0, 12);
  const home = canTraverse(projectDir, user) ? inside : join('/var/lib/medallion', name);
  return {
    user,
    transport: transport ?? transportOf(home),
    home,
    data: join(home, 'data'),
    log: join(home, 'server.log'),
    socketDir: `/tmp/mdl-${name}`,
  };
}

/** The one that the cluster was made for. */
function transportOf(home: string): Transport {
  return process.platform === 'win32' || existsSync(passwordFile({ home })) ? 'loopback' : 'socket';
}

/**
 * A connection string for psql and for postgres.js. postgres.js does not decode a socket folder in a URL, unless the URL names several hosts: then it takes the
 * decoded list as one path. So the folder is named twice, and `prepareSocketDir` makes the path that the list spells lead to the same socket.
 */
export function clusterUrl(cluster: Cluster, database: string): string {
  const path = encodeURIComponent(database);
  if (cluster.transport === 'loopback')
    return `postgres://medallion:${readFileSync(passwordFile(cluster), 'utf8')}@127.0.0.1:${loopbackPort(cluster)}/${path}`;
  const host = encodeURIComponent(cluster.socketDir);
  return `postgres://medallion@${host},${host}/${path}`;
}

/** Made with the cluster; readable for its owner only. */
const passwordFile = (cluster: Pick<Cluster, 'home'>) => join(cluster.home, 'password');

/** Chosen anew at each start. */
export const portFile = (cluster: Cluster) => join(cluster.home, 'port');

/** The port of the last start; 0 before the first. */
export function loopbackPort(cluster: Cluster): number {
  return existsSync(portFile(cluster)) ? Number(readFileSync(portFile(cluster), 'utf8')) : 0;
}

/** Makes the socket's folder, private to the server's user (and root). */
export function prepareSocketDir(cluster: Cluster): void {
  const { socketDir, user } = cluster;
  mkdirSync(socketDir, { recursive: true, mode: 0o700 });
  const owner = statSync(socketDir).uid;
  if (owner !== user.uid) {
    if (owner !== 0 || !user.isOther) {
      throw new MedallionError('MDL2102', {
        message: `${socketDir} belongs to another user (uid ${owner}).`,
        hint: 'Remove the folder; the server makes it anew.',
      });
    }
    chownSync(socketDir, user.uid, user.gid);
  }
  const spelt = `${socketDir},${socketDir}`;
  if (!existsSync(spelt)) {
    mkdirSync(join(spelt, '..'), { recursive: true, mode: 0o700 });
    rmSync(spelt, { force: true });
    symlinkSync(socketDir, spelt);
  }
}

/**
 * The programs of this cluster, and its data folder, made when it is not there.
 * @returns the folder that holds `bin`
 * @throws MedallionError MDL2101, MDL2102
 */
export async function prepareCluster(cluster: Cluster): Promise<string> {
  const { user, home } = cluster;
  mkdirSync(home, { recursive: true, mode: 0o755 });
  if (user.isOther) chownSync(home, user.uid, user.gid);
  const native = nativeFolder(user, '/var/lib/medallion');
  if (!existsSync(join(cluster.data, 'PG_VERSION'))) await initialize(cluster, native);
  await refuseOtherMajor(cluster, native);
  if (cluster.transport === 'socket') prepareSocketDir(cluster);
  return native;
}

/** Into a temporary folder that is renamed when complete: an interrupted initdb leaves nothing half-made. */
async function initialize(cluster: Cluster, native: string): Promise<void> {
  const { user, home, data } = cluster;
  const temporary = mkdtempSync(join(home, 'init-'));
  if (user.isOther) chownSync(temporary, user.uid, user.gid);
  const fresh = join(temporary, 'data');
  const flags = [
    '-U',
    'medallion',
    ...passwordFlags(cluster),
    '-E',
    'UTF8',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--locale=C',
    '--no-sync',
    '--no-instructions',
    '--wal-segsize=16',
  ];
  try {
    await run(join(native, 'bin', 'initdb'), ['-D', fresh, ...flags], {
      cwd: temporary,
      env: { ...process.env, LC_ALL: 'C' },
      ...(user.isOther && { uid: user.uid, gid: user.gid }),
    });
    writeFileSync(join(fresh, 'pg_hba.conf'), logins[cluster.transport]);
    if (cluster.transport === 'socket') writeFileSync(join(fresh, 'pg_ident.conf'), identities(user));
    appendFileSync(join(fresh, 'postgresql.conf'), settings);
    rmSync(data, { recursive: true, force: true });
    renameSync(fresh, data);
  } catch (cause) {
    const said = (cause as { stderr?: string }).stderr?.trim();
    throw new MedallionError('MDL2102', {
      message: `A new database cannot be made in ${data}: ${said || (cause as Error).message}`,
      hint: 'Check that the disk has room and the folder can be written.',
      cause,
    });
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

/** Who may connect: on the socket, the users that run mdl; on the loopback address, whoever can read the password. */
const logins: Readonly<Record<Transport, string>> = {
  socket: 'local all all peer map=medallion\n',
  loopback: 'host all all 127.0.0.1/32 scram-sha-256\n',
};

function passwordFlags(cluster: Cluster): string[] {
  if (cluster.transport === 'socket') return ['-A', 'peer'];
  const file = passwordFile(cluster);
  rmSync(file, { force: true });
  writeFileSync(file, randomBytes(24).toString('hex'), { mode: 0o600 });
  if (cluster.user.isOther) chownSync(file, cluster.user.uid, cluster.user.gid);
  return ['-A', 'scram-sha-256', '--pwfile', file];
}

function identities(user: ServerUser): string {
  const names = new Set(['root', user.name, userInfo().username]);
  return [...names].map((name) => `medallion "${name}" medallion\n`).join('');
}

/** One machine, one user, bulk loads: few checkpoints while loading, and no replication. Durability stays on. */
const settings = `
listen_addresses = ''
max_connections = 100
shared_buffers = 256MB
maintenance_work_mem = 128MB
work_mem = 32MB
max_wal_size = 4GB
checkpoint_completion_target = 0.9
wal_level = minimal
max_wal_senders = 0
search_path = 'public'
timezone = 'UTC'
log_timezone = 'UTC'
`;

async function refuseOtherMajor(cluster: Cluster, native: string): Promise<void> {
  const data = readFileSync(join(cluster.data, 'PG_VERSION'), 'utf8').trim();
  const { stdout } = await versionOf(native);
  const program = /(\d+)/.exec(stdout)?.[1];
  if (program !== data) {
    throw new MedallionError('MDL2102', {
      message: `The data in ${cluster.data} was made by Postgres ${data}; the installed one is ${program}.`,
      hint: 'Install the medallion version that made it to dump the data, or start anew with: npx mdl db reset',
    });
  }
}

function versionOf(native: string): Promise<{ stdout: string }> {
  return run(join(native, 'bin', 'postgres'), ['--version']);
}
