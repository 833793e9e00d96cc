// in one process
import { randomBytes } from 'node:crypto';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { notificationsOf } from '../support/notifications.ts';
import type { TestProject } from '../support/project.ts';
import { createRoles, supabaseRoles } from '../support/roles.ts';
import { withShop } from '../support/shop.ts';

const test = suite('postgrest');

const config = (postgrest = `postgrest: { schemas: ['public'] },`, gold = 'expose: true') =>
  `import { csv, defineConfig } from 'medallion';
export default defineConfig({ name: 'loja', database: process.env.DATABASE_URL, sources: { loja: csv({ dir: 'seeds' }) },
  ${postgrest} layers: { silver: {}, gold: { ${gold} } }, grants: { gold: { select: ['anon'] } } });`;

async function built(project: TestProject): Promise<string> {
  const { code, stdout } = await project.mdl('build');
  assert.is(code, 0, stdout);
  return stdout;
}

/** The list of exposed schemas as PostgREST reads it: that of the database wins over that of all databases. */
async function exposed(project: TestProject, role = 'authenticator'): Promise<string | undefined> {
  const [row] = await project.sql`
    select substr(x, strpos(x, '=') + 1) as list
      from pg_db_role_setting s, unnest(setconfig) x
     where setrole = ${role}::regrole and x like 'pgrst.db\\_schemas=%'
       and setdatabase in (0, (select oid from pg_database where datname = current_database()))
     order by setdatabase desc limit 1`;
  return row?.list;
}

test('a layer with expose is added to the list at the first publish, and PostgREST told when a publish commits that changed shape', () =>
  withShop({ 'medallion.config.ts': config() }, async (project) => {
    await createRoles(project.sql, ...supabaseRoles);
    const told = await notificationsOf(project, 'pgrst');
    assert.match(await built(project), 'PostgREST exposes public, gold.');
    assert.is(await exposed(project), 'public, gold');
    assert.equal(await told(), ['reload config', 'reload schema']);
    assert.not.match(await built(project), 'PostgREST');
    project.write('seeds/people.csv', 'id,name,age\n7,Eva,50\n');
    await built(project);
    assert.equal(await told(), [], 'the same shape, other rows');

    project.write('models/gold/names.sql', 'select name from {{ref "silver.people"}}');
    await built(project);
    assert.equal(await told(), ['reload schema'], 'a new relation');
    project.write('models/gold/names.sql', 'select name, 1 as one from {{ref "silver.people"}}');
    await built(project);
    assert.equal(await told(), ['reload schema'], 'a new column');
    project.write('models/gold/names.sql', 'select name, 1::bigint as one from {{ref "silver.people"}}');
    await built(project);
    assert.equal(await told(), ['reload schema'], 'another type');
    project.write(
      'models/gold/names.sql',
      '/*---\nprimary_key: name\n---*/\nselect name, 1::bigint as one from {{ref "silver.people"}}',
    );
    await built(project);
    assert.equal(await told(), ['reload schema'], 'a key');
    project.write(
      'models/gold/names.sql',
      '/*---\nprimary_key: name\nmaterialized: view\n---*/\nselect name, 1::bigint as one from {{ref "silver.people"}}',
    );
    await built(project);
    await built(project);
    assert.equal(await told(), ['reload schema'], 'a view, once');
    project.write(
      'models/gold/names.sql',
      '/*---\ntests: [ { row_count: { min: 1000 } } ]\n---*/\nselect 1 as x',
    );
    assert.is((await project.mdl('build')).code, 1);
    assert.equal(await told(), [], 'nothing was published');
  }));

test('what others exposed stays, in the list where it is: of this database, else of all', () =>
  withShop({ 'medallion.config.ts': config('') }, async (project) => {
    await createRoles(project.sql, ...supabaseRoles);
    const { sql } = project;
    const database = project.url.split('/').at(-1);
    await sql.unsafe(
      `alter role authenticator in database ${database} set pgrst.db_schemas = ' theirs,public '`,
    );
    await built(project);
    assert.is(await exposed(project), 'theirs, public, gold');
    await sql.unsafe(`alter role authenticator in database ${database} set pgrst.db_schemas = 'gold'`);
    await built(project);
    assert.is(await exposed(project), 'gold', 'nothing is missing');

    const everywhere = `mdl_test_${randomBytes(4).toString('hex')}`;
    await sql.unsafe(
      `create role ${everywhere} nologin; alter role ${everywhere} set pgrst.db_schemas = 'public'`,
    );
    try {
      project.write('medallion.config.ts', config(`postgrest: { role: '${everywhere}' },`));
      await built(project);
      assert.is(await exposed(project, everywhere), 'public, gold');
      const settings =
        await sql`select setdatabase::int from pg_db_role_setting where setrole = ${everywhere}::regrole`;
      assert.equal([...settings], [{ setdatabase: 0 }]);
    } finally {
      await sql.unsafe(`drop role ${everywhere}`);
    }
  }));

test('without a list in the database nothing is hidden: the others have to be named first', () =>
  withShop({ 'medallion.config.ts': config('') }, async (project) => {
    await createRoles(project.sql, ...supabaseRoles);
    const told = await notificationsOf(project, 'pgrst');
    assert.match(
      await built(project),
      /gold cannot be exposed yet[\s\S]*postgrest: \{ schemas: \['public'\] \}/,
    );
    assert.is(await exposed(project), undefined);
    assert.equal(await told(), ['reload schema']);
    project.write('medallion.config.ts', config(`postgrest: { schemas: [] },`));
    await built(project);
    assert.is(await exposed(project), 'gold');
    assert.equal(await told(), ['reload config', 'reload schema'], 'another list, the same shapes');
  }));

test('without PostgREST, or without expose, nothing is set and nobody is told', () =>
  withShop(
    { 'medallion.config.ts': config(`postgrest: { role: 'no_such_role', schemas: [] },`) },
    async (project) => {
      await createRoles(project.sql, ...supabaseRoles);
      const told = await notificationsOf(project, 'pgrst');
      assert.not.match(await built(project), 'PostgREST');
      project.write('medallion.config.ts', config(undefined, ''));
      assert.not.match(await built(project), 'PostgREST');
      assert.equal(await told(), []);
      assert.is(await exposed(project), undefined);
    },
  ));

test('without the right to expose a schema the publish goes on, and the statement is told', () =>
  withShop({ 'medallion.config.ts': config() }, async (project) => {
    await createRoles(project.sql, ...supabaseRoles);
    const { sql } = project;
    const database = project.url.split('/').at(-1);
    const role = `mdl_test_${randomBytes(4).toString('hex')}`;
    await sql.unsafe(`create role ${role} login; grant create on database ${database} to ${role}`);
    const told = await notificationsOf(project, 'pgrst');
    await sql.unsafe(`alter role medallion in database ${database} set role = ${role}`);
    try {
      const output = await built(project);
      assert.match(output, 'PostgREST does not expose gold: permission denied');
      assert.match(
        output,
        `alter role "authenticator" in database "${database}" set pgrst.db_schemas = 'public, gold'; notify pgrst, 'reload config';`,
      );
      assert.equal(await told(), ['reload schema']);
      assert.is((await sql`select count(*)::int as n from gold.ages`)[0]!.n, 3);
    } finally {
      await sql.unsafe(`alter role medallion in database ${database} reset role`);
      await sql.unsafe(`drop owned by ${role} cascade; drop role ${role}`);
    }
  }));

test('a name that cannot stand in the list is refused, and an unknown setting gets the nearest', () =>
  withShop({ 'medallion.config.ts': config(`postgrest: { schemas: ['a,b'] },`) }, async (project) => {
    assert.match(
      (await project.mdl('compile')).stderr,
      /postgrest\.schemas\[0\]: must be the name of a schema/,
    );
    project.write('medallion.config.ts', config(`postgrest: { schema: ['a'] },`));
    assert.match((await project.mdl('compile')).stderr, /unknown setting "schema"[\s\S]*schemas/);
  }));

test.run();
