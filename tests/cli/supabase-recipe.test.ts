// core, pooled: runs on every server, and through a transaction pooler
// in one process
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { demoProject } from '../support/demo.ts';
import { withProject } from '../support/project.ts';
import { sleepingBackends } from '../support/wait.ts';

const test = suite('supabase-recipe');

/** The files that a page shows. */
function filesOf(page: string): Record<string, string> {
  const text = readFileSync(new URL(`../../${page}`, import.meta.url), 'utf8');
  const blocks = [...text.matchAll(/^```\w+ (\S+\.\w+)\n([\s\S]*?)^```$/gm)];
  return Object.fromEntries(blocks.map(([, file, content]) => [file!, content!]));
}

test('the recipe: a role that is no superuser builds, each user sees their own, the API is told', async () => {
  const project = await demoProject(filesOf('docs/supabase.md'), Number.POSITIVE_INFINITY);
  const { sql } = project;
  const database = project.url.split('/').at(-1);
  // As Supabase's `postgres`: no superuser, and allowed to configure PostgREST; each DDL is watched by an event trigger.
  const role = `mdl_test_${randomBytes(4).toString('hex')}`;
  await sql.unsafe(`
    create role ${role} login createrole;
    grant create on database ${database} to ${role};
    grant usage on schema auth to ${role};
    grant authenticator to ${role} with admin option;
    grant set on parameter pgrst.db_schemas to ${role};
    create function public.pgrst_ddl_watch() returns event_trigger language plpgsql as $$ begin notify pgrst, 'reload schema'; end $$;
    create event trigger pgrst_ddl_watch on ddl_command_end execute function public.pgrst_ddl_watch();
    alter role medallion in database ${database} set role = ${role}`);
  /** What PostgREST would get for a request. */
  const asked = async (as: string, claims: unknown, query: string): Promise<string> => {
    const reserved = await sql.reserve();
    try {
      await reserved.unsafe(`begin read only; set local role ${as}`);
      await reserved`select set_config('request.jwt.claims', ${JSON.stringify(claims)}, true)`;
      const rows = await reserved.unsafe(query);
      return rows.map((row) => Object.values(row).join(' ')).join(', ');
    } catch (error) {
      return (error as Error).message;
    } finally {
      await reserved.unsafe('rollback');
      reserved.release();
    }
  };
  try {
    const first = await project.mdl('build');
    assert.is(first.code, 0, first.stdout);
    assert.match(first.stdout, 'PostgREST exposes public, graphql_public, gold.');
    const [customer] =
      await sql`select id_cliente as id, count(*)::int as n from gold.minhas_compras group by 1 limit 1`;
    for (let publish = 1; publish <= 2; publish++) {
      const own = { role: 'authenticated', app_metadata: { id_cliente: customer!.id } };
      const mine = 'select min(id_cliente), max(id_cliente), count(*) from gold.minhas_compras';
      assert.is(await asked('authenticated', own, mine), `${customer!.id} ${customer!.id} ${customer!.n}`);
      assert.is(await asked('authenticated', {}, 'select count(*) from gold.minhas_compras'), '0');
      assert.is(await asked('anon', {}, 'select count(*) from gold.minhas_compras'), '0');
      assert.is(await asked('anon', {}, 'select count(*) from gold.vendas_por_mes'), '36');
      assert.match(await asked('anon', {}, 'select * from silver.clientes'), 'permission denied');
      assert.ok(
        Number(await asked('service_role', {}, 'select count(*) from gold.minhas_compras')) > customer!.n,
      );
      assert.ok(Number(await asked('service_role', {}, 'select count(*) from silver.clientes')) > 1000);
      if (publish === 1) assert.is((await project.mdl('run')).code, 0);
    }
    const doctor = await project.mdl('doctor');
    assert.is(doctor.code, 0, doctor.stdout);
    assert.match(doctor.stdout, 'PostgREST exposes gold');
    await sql.unsafe(
      `alter default privileges for role ${role} in schema gold grant all on tables to authenticated`,
    );
    assert.match(
      (await project.mdl('doctor')).stdout,
      /warn {2}default privileges of the schema gold give authenticated delete, insert, truncate, update on every relation/,
    );
  } finally {
    await sql.unsafe(
      `alter role medallion in database ${database} reset role; drop event trigger pgrst_ddl_watch`,
    );
    await sql.unsafe(`drop owned by ${role} cascade; drop role ${role}`);
    await project.close();
  }
});

test('parameters for other clients may stay in the address; a connection is kept as long as the run needs it', () =>
  withProject(
    {
      'medallion.config.ts': `export default { name: 'p', database: process.env.DATABASE_URL + '?pgbouncer=true&connection_limit=1&max_lifetime=1' };`,
      'models/silver/slow.sql': 'select pg_sleep(8) is null as slow',
    },
    async (project) => {
      const first = project.mdl('build');
      await sleepingBackends(project.sql);
      // Longer than the address lets a connection live.
      await project.sql`select pg_sleep(1.5)`;
      const second = await project.mdl('build', '--no-wait');
      assert.is(second.code, 1, second.stdout);
      assert.match(second.stdout + second.stderr, 'MDL5001');
      const { code, stdout } = await first;
      assert.is(code, 0, stdout);
    },
  ));

test.run();
