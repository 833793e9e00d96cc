import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
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

/** Where an embedded server lives. */
export interface Cluster {
  readonly user: ServerUser;
  /** Holds `data`, `server.log`, and what coordinates the commands that share the server. */
  readonly home: string;
  readonly data: string;
  readonly log: string;
  /** The folder of the unix socket: short, because a socket's path has at most 107 bytes. */
  readonly socketDir: string;
  readonly port: number;
}

const port = 5432;

/**
 * The cluster of a project: in `.medallion/postgres`, or, where the server's user cannot enter the project's folder
 * (a checkout in /root), in /var/lib/medallion.
 */
export function clusterOf(projectDir: string): Cluster {
  const user = serverUser();
  const inside = join(projectDir, '.medallion', 'postgres');
  const name = createHash('sha256').update(inside).digest('hex').slice(0, 12);
  const home = canTraverse(projectDir, user) ? inside : join('/var/lib/medallion', name);
  return {
    user,
    home,
    data: join(home, 'data'),
    log: join(home, 'server.log'),
    socketDir: `/tmp/mdl-${name}`,
    port,
  };
}

/**
 * A connection string for psql and for postgres.js. postgres.js does not decode a socket folder in a URL, unless the URL names several hosts: then it takes the
 * decoded list as one path. So the folder is named twice, and `prepareSocketDir` makes the path that the list spells lead to the same socket.
 */
export function clusterUrl(cluster: Cluster, database: string): string {
  const host = encodeURIComponent(cluster.socketDir);
  return `postgres://medallion@${host},${host}/${encodeURIComponent(database)}`;
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
  prepareSocketDir(cluster);
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
    '-A',
    'peer',
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
    writeFileSync(join(fresh, 'pg_hba.conf'), 'local all all peer map=medallion\n');
    const names = new Set(['root', user.name, userInfo().username]);
    writeFileSync(
      join(fresh, 'pg_ident.conf'),
      [...names].map((name) => `medallion "${name}" medallion\n`).join(''),
    );
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
