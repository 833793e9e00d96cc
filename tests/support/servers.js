// Postgres servers for the tests: private folders, unix sockets, nothing that outlives the run.
import { execFileSync, spawn } from 'node:child_process';
import {
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import postgres from 'postgres';

const debian = '/usr/lib/postgresql/15/bin';
const pgbouncer = '/usr/sbin/pgbouncer';

/** Nothing here has to outlast a crash of the machine: each test makes and drops a database, which would wait for the disk each time. */
const settings = { fsync: 'off', full_page_writes: 'off', checkpoint_timeout: '1h', max_wal_size: '8GB' };

/**
 * `url` is the server's own; `mdlUrl`, where it differs, is what mdl connects to.
 * @returns {Promise<{ list: { name: string, url: string, mdlUrl?: string }[], pooled?: { name: string, url: string, mdlUrl: string }, stop(): Promise<void> }>}
 */
export async function startServers(temporary) {
  const { acquireEmbedded, resetEmbedded } = await import('../../dist/database/embedded/index.js');
  const projectDir = join(temporary, 'embedded');
  // The server's own user must be able to enter.
  execFileSync('chmod', ['755', temporary]);
  mkdirSync(projectDir);
  const embedded = await acquireEmbedded({ projectDir, database: 'postgres' });
  const list = [{ name: 'embedded-18', url: embedded.url('postgres') }];
  await set(embedded.url('postgres'));
  const second = existsSync(debian) ? await startDebian(temporary) : undefined;
  if (second) list.push({ name: 'debian-15', url: second.url });
  const pooler = second && existsSync(pgbouncer) ? await startPooler(second) : undefined;
  return {
    list,
    ...(pooler && { pooled: { name: 'pgbouncer-15', url: second.url, mdlUrl: pooler.mdlUrl } }),
    async stop() {
      await pooler?.stop();
      await second?.stop();
      await embedded.release();
      await resetEmbedded(projectDir);
    },
  };
}

async function set(url) {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  // The socket is there before the server is.
  for (let tries = 0; tries < 200; tries++)
    if (
      await sql`select`.then(
        () => true,
        () => sleep(25),
      )
    )
      break;
  for (const [name, value] of Object.entries(settings))
    await sql.unsafe(`alter system set ${name} = '${value}'`);
  await sql`select pg_reload_conf()`;
  await sql.end();
}

async function startDebian(temporary) {
  const asRoot = userInfo().uid === 0;
  const uid = asRoot ? Number(execFileSync('id', ['-u', 'postgres'])) : undefined;
  const gid = asRoot ? Number(execFileSync('id', ['-g', 'postgres'])) : undefined;
  const home = mkdtempSync('/tmp/mdl15-');
  if (asRoot) chownSync(home, uid, gid);
  const identity = asRoot ? { uid, gid } : {};
  execFileSync(
    join(debian, 'initdb'),
    [
      '-D',
      join(home, 'data'),
      '-U',
      'medallion',
      '-A',
      'trust',
      '-E',
      'UTF8',
      '--locale=C.UTF-8',
      '--no-sync',
    ],
    { ...identity, cwd: home, stdio: 'ignore' },
  );
  const log = openSync(join(temporary, 'debian.log'), 'a');
  const child = spawn(
    join(debian, 'postgres'),
    ['-D', join(home, 'data'), '-k', home, '-c', 'listen_addresses=', '-c', 'max_connections=100'],
    { ...identity, cwd: home, stdio: ['ignore', log, log] },
  );
  // See clusterUrl(): one URL that psql and postgres.js both understand.
  mkdirSync(join(`${home},`, '/tmp'), { recursive: true });
  symlinkSync(home, `${home},${home}`);
  for (let tries = 0; tries < 200 && !existsSync(join(home, '.s.PGSQL.5432')); tries++) await sleep(25);
  const host = encodeURIComponent(home);
  const url = `postgres://medallion@${host},${host}/postgres`;
  await set(url);
  return {
    home,
    identity,
    url,
    async stop() {
      child.kill('SIGINT');
      await new Promise((resolve) => (child.exitCode === null ? child.once('exit', resolve) : resolve()));
      rmSync(home, { recursive: true, force: true });
      rmSync(`${home},`, { recursive: true, force: true });
    },
  };
}

/** A transaction pooler in front of a server: no session state, as Supabase's on port 6543. */
async function startPooler({ home, identity }) {
  const port = await freePort();
  const settings = `[databases]
* = host=${home} port=5432 user=medallion
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
max_client_conn = 400
default_pool_size = 20
log_connections = 0
log_disconnections = 0
`;
  const file = join(home, 'pgbouncer.ini');
  writeFileSync(file, settings);
  const child = spawn(pgbouncer, ['-q', file], { ...identity, cwd: home, stdio: 'ignore' });
  await sleep(300);
  return {
    mdlUrl: `postgres://medallion@127.0.0.1:${port}/postgres`,
    async stop() {
      child.kill('SIGTERM');
      await new Promise((resolve) => (child.exitCode === null ? child.once('exit', resolve) : resolve()));
    },
  };
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
