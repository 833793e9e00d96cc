// in one process
import { build, openProject } from 'medallion';
import postgres from 'postgres';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { testProject } from '../support/project.ts';
import { sleepingBackends } from '../support/wait.ts';

const test = suite('database');
const model = {
  'medallion.config.ts': `export default { name: 'loja', database: process.env.DATABASE_URL };`,
  'models/silver/a.sql': 'select 1 as x',
};

test('a newer medallion schema is refused: MDL2005', async () => {
  const project = await testProject(model);
  try {
    assert.is((await project.mdl('build')).code, 0);
    await project.sql`insert into medallion.schema_versions (version) values (99)`;
    const { code, stdout } = await project.mdl('build');
    assert.is(code, 1);
    assert.match(stdout, 'MDL2005');
  } finally {
    await project.close();
  }
});

test('without the right to create schemas: MDL2003, with the statement that helps', async () => {
  const project = await testProject(model);
  const role = `poor_${Math.random().toString(36).slice(2, 10)}`;
  try {
    await project.sql.unsafe(
      `create role ${role} login; create schema medallion; alter schema medallion owner to ${role}`,
    );
    process.env.DATABASE_URL = `${project.url}?options=${encodeURIComponent(`-c role=${role}`)}`;
    const sql = postgres(process.env.DATABASE_URL, { max: 1, onnotice: () => {} });
    const asRole = (await sql`select current_user as me`)[0]!.me;
    await sql.end();
    if (asRole !== role) {
      // The driver did not pass the option on: the role is set for the database instead.
      await project.sql.unsafe(
        `alter role medallion in database ${project.url.split('/').at(-1)} set role = ${role}`,
      );
      process.env.DATABASE_URL = project.url;
    }
    const outcome = await build(await openProject({ dir: project.dir }));
    assert.is(outcome.status, 'failed');
    assert.is(outcome.error!.code, 'MDL2003', String(outcome.error));
    assert.match(outcome.error!.hint, 'grant create on database');
  } finally {
    await project.sql
      .unsafe(`alter role medallion in database ${project.url.split('/').at(-1)} reset role`)
      .catch(() => {});
    await project.close();
    const admin = postgres(process.env.MDL_TEST_URL!, { max: 1, onnotice: () => {} });
    await admin.unsafe(`drop role if exists ${role}`).catch(() => {});
    await admin.end();
  }
});

test('a connection that is lost in mid build: MDL2006, and the next build succeeds', async () => {
  const project = await testProject({
    ...model,
    'models/silver/slow.sql': 'select 1 as x from pg_sleep(60)',
  });
  try {
    const building = project.mdl('build');
    for (const pid of await sleepingBackends(project.sql))
      await project.sql`select pg_terminate_backend(${pid})`;
    const { code, stdout } = await building;
    assert.is(code, 1);
    assert.match(stdout, 'MDL2006');
    project.write('models/silver/slow.sql', 'select 1 as x');
    assert.is((await project.mdl('build')).code, 0);
  } finally {
    await project.close();
  }
});

test('a reader that keeps its lock: the publish waits, other readers do not, and it goes through in the end', async () => {
  const project = await testProject(model);
  process.env.DATABASE_URL = project.url;
  try {
    assert.is((await build(await openProject({ dir: project.dir }))).status, 'succeeded');
    project.write('models/silver/a.sql', 'select 2 as x');
    const reader = postgres(project.url, { max: 1, onnotice: () => {} });
    let release = () => {};
    const held = reader.begin(async (tx) => {
      await tx`select * from silver.a`;
      await new Promise<void>((resolve) => (release = resolve));
    });
    let retries = 0;
    let ended = false;
    const building = build(await openProject({ dir: project.dir }), {
      emit: (event) => void (event.event === 'publish.retried' && retries++),
    });
    void building.finally(() => (ended = true));
    while (retries < 20) {
      assert.not(ended, 'the build did not wait for the reader');
      const started = Date.now();
      await project.sql`select * from silver.a`;
      assert.ok(Date.now() - started < 5000);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    release();
    await held;
    assert.is((await building).status, 'succeeded');
    await reader.end();
  } finally {
    await project.close();
  }
});

test('an aborted publish says so and changes nothing', async () => {
  const project = await testProject(model);
  process.env.DATABASE_URL = project.url;
  try {
    assert.is((await build(await openProject({ dir: project.dir }))).status, 'succeeded');
    const before = (await project.sql`select 'silver.a'::regclass::oid as oid`)[0]!.oid;
    project.write('models/silver/a.sql', 'select 2 as x');
    const stop = new AbortController();
    const reader = postgres(project.url, { max: 1, onnotice: () => {} });
    await reader.begin(async (tx) => {
      await tx`select * from silver.a`;
      const outcome = await build(await openProject({ dir: project.dir }), {
        signal: stop.signal,
        emit: (event) => void (event.event === 'publish.retried' && stop.abort()),
      });
      assert.is(outcome.status, 'interrupted');
      assert.is(outcome.error!.code, 'MDL5002');
    });
    await reader.end();
    assert.is((await project.sql`select 'silver.a'::regclass::oid as oid`)[0]!.oid, before);
  } finally {
    await project.close();
  }
});

test('a reader that keeps its lock for longer than publishTimeout: MDL4303, nothing published', async () => {
  const project = await testProject({
    ...model,
    'medallion.config.ts': `export default { name: 'loja', database: process.env.DATABASE_URL, publishTimeout: '1 s' };`,
  });
  try {
    assert.is((await project.mdl('build')).code, 0);
    project.write('models/silver/a.sql', 'select 2 as x');
    const reader = postgres(project.url, { max: 1, onnotice: () => {} });
    await reader.begin(async (tx) => {
      await tx`select * from silver.a`;
      const { code, stdout } = await project.mdl('build');
      assert.is(code, 1);
      assert.match(stdout, 'MDL4303');
      assert.match(stdout, 'readers still see run 1');
    });
    await reader.end();
  } finally {
    await project.close();
  }
});

test('an index of others that has the name of ours: MDL4304, nothing published', async () => {
  const project = await testProject({
    ...model,
    'models/silver/a.sql': '/*---\nprimary_key: x\n---*/\nselect 1 as x',
  });
  try {
    await project.sql.unsafe(
      'create schema silver; create table silver.other (x int); create index a_pkey on silver.other (x)',
    );
    const { code, stdout } = await project.mdl('build');
    assert.is(code, 1);
    assert.match(stdout, /MDL4304 Publishing failed: relation "a_pkey" already exists/);
    assert.is((await project.sql`select to_regclass('silver.a') as a`)[0]!.a, null);
  } finally {
    await project.close();
  }
});

test('a server that runs out of disk: MDL2008, nothing published, and the next build goes on', async () => {
  const project = await testProject({
    'medallion.config.ts': `export default { name: 'disk', database: process.env.DATABASE_URL };`,
    'models/silver/a.sql': 'select g, md5(g::text) as m from generate_series(1, 200000) g order by 2',
  });
  const database = project.url.split('/').at(-1);
  try {
    await project.sql.unsafe(
      `alter database ${database} set temp_file_limit = '1MB'; alter database ${database} set work_mem = '64kB'`,
    );
    const { code, stdout } = await project.mdl('build');
    assert.is(code, 1);
    assert.match(
      stdout,
      /MDL2008 The server ran out of something while silver\.a was built: .*temp_file_limit/,
    );
    await project.sql.unsafe(`alter database ${database} reset temp_file_limit`);
    assert.is((await project.mdl('build')).code, 0);
  } finally {
    await project.close();
  }
});

test('two projects in one database leave each other alone', async () => {
  const one = await testProject({
    'medallion.config.ts': `export default { name: 'one', database: process.env.DATABASE_URL };`,
    'models/silver/a.sql': 'select 1 as x',
  });
  try {
    assert.is((await one.mdl('build')).code, 0);
    one.write('medallion.config.ts', `export default { name: 'two', database: process.env.DATABASE_URL };`);
    const { code, stdout } = await one.mdl('build');
    assert.is(code, 1);
    assert.match(stdout, 'MDL4302');
  } finally {
    await one.close();
  }
});

test.run();
