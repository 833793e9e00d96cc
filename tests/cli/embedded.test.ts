import { execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import postgres from 'postgres';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  acquireEmbedded,
  embeddedStatus,
  keepEmbedded,
  resetEmbedded,
  stopEmbedded,
} from '../../dist/database/embedded/index.js';
import { failsWith } from '../support/assertions.ts';

const test = suite('embedded postgres');
const modulePath = fileURLToPath(new URL('../../dist/database/embedded/index.js', import.meta.url));
const mdl = fileURLToPath(new URL('../../dist/mdl.js', import.meta.url));

async function inFolder(work: (dir: string) => Promise<void>, name = 'project ção'): Promise<void> {
  const parent = mkdtempSync(join(tmpdir(), 'mdl-embedded-'));
  chmodSync(parent, 0o755);
  const dir = join(parent, name);
  mkdirSync(dir, { recursive: true });
  try {
    await work(dir);
  } finally {
    await stopEmbedded(dir);
    await resetEmbedded(dir);
    rmSync(parent, { recursive: true, force: true });
  }
}

async function ask(url: string, statement = 'select 1 as one'): Promise<unknown[]> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    return [...(await sql.unsafe(statement))];
  } finally {
    await sql.end();
  }
}

test('a folder that was deleted under its running server is made anew', () =>
  inFolder(async (dir) => {
    const { url } = await keepEmbedded({ projectDir: dir, database: 'loja' });
    await ask(url, 'create table t as select 1 as one');
    rmSync((await embeddedStatus(dir)).home, { recursive: true });
    const again = await keepEmbedded({ projectDir: dir, database: 'loja' });
    assert.equal(await ask(again.url), [{ one: 1 }]);
    assert.equal(await ask(again.url, `select to_regclass('t') as t`), [{ t: null }]);
  }));

test('a project for Supabase builds here unchanged: its roles and auth functions are made', () =>
  inFolder(async (dir) => {
    writeFileSync(
      join(dir, 'medallion.config.ts'),
      `export default { name: 'loja', layers: { gold: {} }, grants: { gold: { select: ['authenticated', 'service_role'] } } };`,
    );
    mkdirSync(join(dir, 'models/gold'), { recursive: true });
    const users = ['11111111-1111-1111-1111-111111111111', '22222222-2222-2222-2222-222222222222'];
    writeFileSync(
      join(dir, 'models/gold/own.sql'),
      `/*---\nrls: { select: { to: authenticated, using: owner = auth.uid() } }\n---*/\nselect unnest('{${users}}'::uuid[]) as owner`,
    );
    const { DATABASE_URL: _, ...env } = process.env;
    for (let run = 1; run <= 2; run++) execFileSync(process.execPath, [mdl, 'build'], { cwd: dir, env });
    const server = await acquireEmbedded({ projectDir: dir, database: 'loja' });
    const seen = (role: string) =>
      ask(
        server.url('loja'),
        `set role ${role}; set request.jwt.claims = '{"sub": "${users[0]}"}'; select owner from gold.own`,
      ).then((results) => results.at(-1));
    assert.equal([...((await seen('authenticated')) as unknown[])], [{ owner: users[0] }]);
    assert.is(((await seen('service_role')) as unknown[]).length, 2);
    await server.release();
  }));

test('starts, is shared, stops with the last one; psql and postgres.js take its URL', () =>
  inFolder(async (dir) => {
    const first = await acquireEmbedded({ projectDir: dir, database: 'loja' });
    const second = await acquireEmbedded({ projectDir: dir, database: 'other' });
    assert.is((await embeddedStatus(dir)).users, 2);
    await ask(first.url('loja'), 'create table t as select 42 as x');
    assert.match(
      execFileSync('psql', [first.url('loja'), '-Atc', 'select x, current_user from t'], {
        encoding: 'utf8',
      }),
      '42|medallion',
    );
    await first.release();
    assert.ok((await embeddedStatus(dir)).running);
    await second.release();
    assert.not((await embeddedStatus(dir)).running);
    const again = await acquireEmbedded({ projectDir: dir, database: 'loja' });
    assert.equal(await ask(again.url('loja'), 'select x from t'), [{ x: 42 }]);
    assert.equal(
      await ask(
        again.url('loja'),
        `select current_setting('listen_addresses') as l, current_setting('fsync') as f`,
      ),
      [{ l: '', f: 'on' }],
    );
    await again.release();
  }));

test('where there is no unix socket: the loopback address with a password that only its owner can read', () =>
  inFolder(async (dir) => {
    const first = await acquireEmbedded({ projectDir: dir, database: 'loja', transport: 'loopback' });
    const second = await acquireEmbedded({ projectDir: dir, database: 'loja' });
    const url = first.url('loja');
    assert.is(second.url('loja'), url);
    const { password, port } = new URL(url);
    assert.match(password, /^[0-9a-f]{48}$/);
    const settings = `select current_setting('listen_addresses') as l, current_setting('unix_socket_directories') as s`;
    assert.equal(await ask(url, settings), [{ l: '127.0.0.1', s: '' }]);
    assert.match(
      execFileSync('psql', [url, '-Atc', 'select current_user'], { encoding: 'utf8' }),
      'medallion',
    );
    const refused = await ask(url.replace(password, 'guessed')).catch((error: Error) => error.message);
    assert.match(String(refused), /password authentication failed/);
    const home = (await embeddedStatus(dir)).home;
    assert.is(statSync(join(home, 'password')).mode & 0o777, 0o600);
    await first.release();
    await second.release();
    assert.not((await embeddedStatus(dir)).running);

    // The port of before may be another program's by now.
    const other = createServer().listen(Number(port), '127.0.0.1');
    try {
      assert.not((await embeddedStatus(dir)).running);
      const again = await acquireEmbedded({ projectDir: dir, database: 'loja' });
      assert.is.not(again.url('loja'), url);
      assert.equal(await ask(again.url('loja')), [{ one: 1 }]);
      await again.release();
    } finally {
      other.close();
    }
  }));

test('several processes at once', () =>
  inFolder(async (dir) => {
    const script = `import { acquireEmbedded } from ${JSON.stringify(modulePath)};
      const server = await acquireEmbedded({ projectDir: process.argv[1], database: 'loja' }); await new Promise((r) => setTimeout(r, Math.random() * 300)); await server.release();`;
    const codes = await Promise.all(
      Array.from(
        { length: 6 },
        () =>
          new Promise((resolve) =>
            spawn(process.execPath, ['--input-type=module', '-e', script, dir], { stdio: 'inherit' }).on(
              'close',
              resolve,
            ),
          ),
      ),
    );
    assert.equal(codes, [0, 0, 0, 0, 0, 0]);
    assert.not((await embeddedStatus(dir)).running);
  }));

test('db start keeps it, db url prints where, db stop stops it', () =>
  inFolder(async (dir) => {
    const { url } = await keepEmbedded({ projectDir: dir, database: 'loja' });
    const server = await acquireEmbedded({ projectDir: dir, database: 'loja' });
    await server.release();
    assert.equal(await ask(url), [{ one: 1 }]);
    assert.ok(await stopEmbedded(dir));
    assert.not(await stopEmbedded(dir));
  }));

function serverPid(dir: string): number {
  return Number(readFileSync(join(dir, '.medallion/postgres/data/postmaster.pid'), 'utf8').split('\n')[0]);
}

test('recovers from a crash, and from a pid file whose number another process has', () =>
  inFolder(async (dir) => {
    const { url } = await keepEmbedded({ projectDir: dir, database: 'loja' });
    await ask(url, 'create table t as select 7 as x');
    const pid = serverPid(dir);
    process.kill(pid, 'SIGKILL');
    while (existsSync(`/proc/${pid}`)) await new Promise((resolve) => setTimeout(resolve, 10));
    const server = await acquireEmbedded({ projectDir: dir, database: 'loja' });
    assert.equal(await ask(server.url('loja'), 'select x from t'), [{ x: 7 }]);
    await server.release();
    await stopEmbedded(dir);
    writeFileSync(
      join(dir, '.medallion/postgres/data/postmaster.pid'),
      `${process.pid}\n${join(dir, '.medallion/postgres/data')}\n1\n5432\n\n\n  1 1\nready\n`,
    );
    const again = await acquireEmbedded({ projectDir: dir, database: 'loja' });
    assert.equal(await ask(again.url('loja'), 'select x from t'), [{ x: 7 }]);
    await again.release();
  }));

test('a command that was killed holds the server no longer than the next command runs', () =>
  inFolder(async (dir) => {
    const script = `import { acquireEmbedded } from ${JSON.stringify(modulePath)};
      await acquireEmbedded({ projectDir: process.argv[1], database: 'loja' }); process.stdout.write('ready'); setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script, dir], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await new Promise((resolve) => child.stdout.once('data', resolve));
    child.kill('SIGKILL');
    await new Promise((resolve) => child.on('close', resolve));
    assert.ok((await embeddedStatus(dir)).running);
    const server = await acquireEmbedded({ projectDir: dir, database: 'loja' });
    await server.release();
    assert.not((await embeddedStatus(dir)).running);
  }));

test('a long path, and a folder that the server cannot enter', async () => {
  await inFolder(async (dir) => {
    const server = await acquireEmbedded({ projectDir: dir, database: 'loja' });
    assert.equal(await ask(server.url('loja')), [{ one: 1 }]);
    await server.release();
  }, 'a-long-name/'.repeat(14));
  await inFolder(async (dir) => {
    chmodSync(dir, 0o700);
    const server = await acquireEmbedded({ projectDir: dir, database: 'loja' });
    assert.equal(await ask(server.url('loja')), [{ one: 1 }]);
    await server.release();
  }, 'private');
});

test('reset refuses while a command uses it; data of another major is told apart', () =>
  inFolder(async (dir) => {
    const server = await acquireEmbedded({ projectDir: dir, database: 'loja' });
    await failsWith('MDL5001', () => resetEmbedded(dir));
    await server.release();
    writeFileSync(join(dir, '.medallion/postgres/data/PG_VERSION'), '17\n');
    const error = await failsWith('MDL2102', () => acquireEmbedded({ projectDir: dir, database: 'loja' }));
    assert.match(error.message, 'made by Postgres 17');
    assert.match(error.hint, 'mdl db reset');
  }));

test('mdl db: url, psql, status, reset; MDL2103 where another database is configured', () =>
  inFolder(async (dir) => {
    writeFileSync(
      join(dir, 'medallion.config.ts'),
      `export default { name: 'loja', database: process.env.OTHER };`,
    );
    const db = (...args: string[]) =>
      execFileSync(process.execPath, [mdl, 'db', ...args], {
        cwd: dir,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'pipe'],
      });
    assert.match(db('psql', '--', '-Atc', 'select 40 + 2'), '42');
    assert.match(db('status'), 'Not running');
    assert.equal(await ask(db('url').trim()), [{ one: 1 }]);
    assert.match(db('status'), 'Running');
    assert.throws(() => db('reset'), /--yes/);
    assert.match(db('reset', '--yes'), 'is gone');
    assert.throws(
      () =>
        execFileSync(process.execPath, [mdl, 'db', 'start'], {
          cwd: dir,
          encoding: 'utf8',
          stdio: 'pipe',
          env: { ...process.env, OTHER: 'postgres://x/y' },
        }),
      /MDL2103/,
    );
  }));

test.run();
