// Postgres servers for the tests: private folders, unix sockets, nothing that outlives the run.
import { execFileSync, spawn } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, mkdtempSync, openSync, rmSync, symlinkSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const debian = '/usr/lib/postgresql/15/bin';

/** @returns {Promise<{ list: { name: string, url: string }[], stop(): Promise<void> }>} */
export async function startServers(temporary) {
  const { acquireEmbedded, resetEmbedded } = await import('../../dist/database/embedded/index.js');
  const projectDir = join(temporary, 'embedded');
  // The server's own user must be able to enter.
  execFileSync('chmod', ['755', temporary]);
  mkdirSync(projectDir);
  const embedded = await acquireEmbedded({ projectDir, database: 'postgres' });
  const list = [{ name: 'embedded-18', url: embedded.url('postgres') }];
  const second = existsSync(debian) ? await startDebian(temporary) : undefined;
  if (second) list.push({ name: 'debian-15', url: second.url });
  return {
    list,
    async stop() {
      await second?.stop();
      await embedded.release();
      await resetEmbedded(projectDir);
    },
  };
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
  return {
    url: `postgres://medallion@${host},${host}/postgres`,
    async stop() {
      child.kill('SIGINT');
      await new Promise((resolve) => (child.exitCode === null ? child.once('exit', resolve) : resolve()));
      rmSync(home, { recursive: true, force: true });
      rmSync(`${home},`, { recursive: true, force: true });
    },
  };
}
