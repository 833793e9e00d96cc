// core, pooled: runs on every server, and through a transaction pooler
// in one process
import { randomBytes } from 'node:crypto';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { supabaseEndpoint } from '../../dist/database/supabase.js';
import { type TestProject, withProject } from '../support/project.ts';
import { createRoles, supabaseRoles } from '../support/roles.ts';
import { withShop } from '../support/shop.ts';

const test = suite('doctor');
const isPooled = process.env.MDL_TEST_MDL_URL !== process.env.MDL_TEST_URL;

const config = (more: string) => `import { csv, defineConfig } from 'medallion';
export default defineConfig({ name: 'loja', database: process.env.DATABASE_URL, sources: { loja: csv({ dir: 'seeds' }) }, ${more} });`;

/** What doctor says, by status; fails when a check does. */
async function doctor(project: TestProject): Promise<Record<'ok' | 'warn', string>> {
  const { code, stdout } = await project.mdl('doctor', '--json');
  assert.is(code, 0, stdout);
  const checks: { status: string; what: string; fix?: string }[] = JSON.parse(stdout);
  const told = (status: string) =>
    checks
      .filter((check) => check.status === status)
      .map(({ what, fix }) => `${what} -> ${fix ?? ''}`)
      .join('\n');
  return { ok: told('ok'), warn: told('warn') };
}

/** Something set for the database of a project, for the connections that are made from then on. */
const setInDatabase = (project: TestProject, what: string) =>
  project.sql.unsafe(`alter role medallion in database ${project.url.split('/').at(-1)} ${what}`);

test('the ways to Supabase are known by host and port', () => {
  for (const [url, endpoint] of [
    ['postgresql://postgres:p@db.abcdefghijklmnopqrst.supabase.co:5432/postgres', 'direct'],
    ['postgres://postgres:p@db.abcdefghijklmnopqrst.supabase.co/postgres', 'direct'],
    ['postgres://postgres:p@db.abcdefghijklmnopqrst.supabase.co:6543/postgres', 'dedicated pooler'],
    ['postgres://postgres.abc:p%40@aws-0-sa-east-1.pooler.supabase.com:5432/postgres', 'session pooler'],
    [
      'postgres://postgres.abc:p@aws-1-eu-west-1.pooler.supabase.com/postgres?sslmode=require',
      'session pooler',
    ],
    ['postgres://postgres.abc:p@aws-0-sa-east-1.pooler.supabase.com:6543/postgres', 'transaction pooler'],
    ['postgres://u:p@db.example.com:6543/postgres', undefined],
    ['postgres://u:p@pooler.supabase.com.example.com:5432/postgres', undefined],
    ['postgres://medallion@%2Ftmp%2Fx,%2Ftmp%2Fx/db', undefined],
  ] as const)
    assert.is(supabaseEndpoint(url), endpoint, url);
});

test('an address of Supabase that cannot be reached says which to take', () =>
  withProject(
    {
      'medallion.config.ts': `export default { name: 'x', database: 'postgres://postgres:s3cret@db.abcdefghijklmnopqrst.supabase.co:1/postgres' };`,
    },
    async (project) => {
      const { code, stdout } = await project.mdl('doctor');
      assert.is(code, 1);
      assert.match(stdout, /MDL2001[\s\S]*fix: Without the IPv4 add-on[\s\S]*session pooler/);
      assert.not.match(stdout, 's3cret');
    },
  ));

test('a pooler is told, and what it cannot do', () =>
  withShop({}, async (project) => {
    const { ok, warn } = await doctor(project);
    if (isPooled)
      assert.match(warn, /a pooler stands between: .*prepared statements.* -> nothing has to be done/);
    else assert.not.match(warn, 'pooler');
    assert.match(ok, 'a build takes up to 8 connections, which the server has');
  }));

test('the time limit of the server is told, and held off by statementTimeout, also while waiting for another run', () =>
  withShop(
    {
      'models/silver/slow.sql': 'select pg_sleep(1.2) is null as slow',
    },
    async (project) => {
      await setInDatabase(project, `set statement_timeout = '700ms'`);
      try {
        assert.match(
          (await doctor(project)).warn,
          /ends statements of medallion after 700ms.*statementTimeout: '1h'/,
        );
        const { code, stdout } = await project.mdl('build');
        assert.is(code, 1);
        assert.match(stdout, /statement timeout[\s\S]*statementTimeout: '1h'/);
        project.write('medallion.config.ts', config(`statementTimeout: '1min'`));
        const { ok, warn } = await doctor(project);
        assert.match(ok, 'statements may take 1min');
        assert.not.match(warn, 'ends statements');
        const two = await Promise.all([project.mdl('build'), project.mdl('build')]);
        assert.equal(
          two.map((run) => run.code),
          [0, 0],
          two.map((run) => run.stdout).join('\n'),
        );
      } finally {
        await setInDatabase(project, 'reset statement_timeout');
      }
    },
  ));

test('too few connections for the threads are told', () =>
  withShop({}, async (project) => {
    const database = project.url.split('/').at(-1);
    await project.sql.unsafe(`alter database ${database} connection limit 8`);
    await project.sql`select 1`;
    const { warn } = await doctor(project);
    assert.match(
      warn,
      /a build takes up to 8 connections \(threads: 4\), and only [0-7] are free -> lower threads/,
    );
    project.write('medallion.config.ts', config('threads: 64'));
    assert.match((await doctor(project)).warn, 'up to 68 connections (threads: 64)');
  }));

test('what PostgREST serves, and who can read it', () =>
  withShop(
    { 'medallion.config.ts': config(`layers: { silver: {}, gold: { expose: true } }`) },
    async (project) => {
      const { sql } = project;
      await createRoles(sql, ...supabaseRoles);
      const database = project.url.split('/').at(-1);
      const unset = (await doctor(project)).warn;
      assert.match(unset, /gold cannot be exposed: .*postgrest: \{ schemas: \['public'\] \}/);
      assert.match(unset, /gold is exposed, and no role may read it -> grants: \{ gold: /);

      const nobody = `mdl_test_${randomBytes(4).toString('hex')}`;
      await sql.unsafe(`create role ${nobody} nologin`);
      try {
        const layers = `layers: { silver: {}, gold: { expose: true } }, postgrest: { schemas: ['public'] }`;
        project.write(
          'medallion.config.ts',
          config(`${layers}, grants: { gold: { select: ['${nobody}'] } }`),
        );
        const before = await doctor(project);
        assert.match(before.ok, 'the next build exposes gold to PostgREST');
        assert.match(
          before.warn,
          `authenticator cannot become any of the roles that may read it: ${nobody} -> grant "${nobody}" to "authenticator";`,
        );
        await sql.unsafe(`grant ${nobody} to authenticator`);
        assert.is((await project.mdl('build')).code, 0);
        const after = await doctor(project);
        assert.match(after.ok, 'PostgREST exposes gold');
        assert.not.match(after.warn, /gold|authenticator/);
        project.write(
          'medallion.config.ts',
          config(`layers: { silver: {}, gold: {} }, grants: { gold: { select: ['${nobody}'] } }`),
        );
        assert.match(
          (await doctor(project)).warn,
          `PostgREST exposes gold, whose layer does not say expose -> expose: true on the layer, or: alter role "authenticator" in database "${database}" set pgrst.db_schemas = 'public'; notify pgrst, 'reload config';`,
        );
        project.write(
          'medallion.config.ts',
          config(`${layers.replace('schemas', "role: 'no_such', schemas")}`),
        );
        assert.match((await doctor(project)).warn, /the role no_such does not exist: no PostgREST serves/);
      } finally {
        await sql.unsafe(`revoke ${nobody} from authenticator; drop owned by ${nobody}; drop role ${nobody}`);
      }
    },
  ));

test('ways around row-level security are told', () =>
  withShop(
    {
      'medallion.config.ts': config(`grants: { gold: { select: ['anon'], insert: ['anon'] } }`),
      'models/gold/own.sql': '/*---\nrls: { select: id = 1 }\n---*/\nselect id from {{ref "silver.people"}}',
      'models/gold/around.sql': '/*---\nmaterialized: view\n---*/\nselect id from {{ref "gold.own"}}',
      'models/gold/kept.sql':
        '/*---\nmaterialized: materialized_view\n---*/\nselect id from {{ref "gold.own"}}',
      'models/gold/through.sql':
        '/*---\nmaterialized: view\nsecurity_invoker: true\n---*/\nselect id from {{ref "gold.own"}}',
    },
    async (project) => {
      await createRoles(project.sql, ...supabaseRoles);
      const { warn } = await doctor(project);
      assert.match(warn, 'anon may write every row of gold.ages');
      assert.not.match(warn, 'row of gold.own');
      assert.match(warn, 'the view gold.around shows all rows of gold.own, whatever their rls says');
      assert.match(
        warn,
        'the materialized view gold.kept shows all rows of gold.own, whatever their rls says',
      );
      assert.not.match(warn, 'gold.through shows');
    },
  ));

test.run();
