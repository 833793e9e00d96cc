// core: runs on every server
// in one process
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { TestProject } from '../support/project.ts';
import { asRole, createRoles, supabaseRoles } from '../support/roles.ts';
import { withShop } from '../support/shop.ts';

const test = suite('grants');

const config = (grants: string, bronze = '') => `import { csv, defineConfig } from 'medallion';
export default defineConfig({ name: 'loja', database: process.env.DATABASE_URL, sources: { loja: csv({ dir: 'seeds' }) },
  ${bronze} grants: ${grants} });`;

async function built(project: TestProject): Promise<void> {
  const { code, stdout } = await project.mdl('build');
  assert.is(code, 0, stdout);
}

/** What each of Supabase's roles may do with a relation: the first letters of select, insert, update, delete. */
async function rightsOn(project: TestProject, relation: string): Promise<Record<string, string>> {
  const rows = await project.sql`
    select role, (select coalesce(string_agg(left(r, 1), '' order by place), '')
                    from unnest(array['select', 'insert', 'update', 'delete']) with ordinality as x (r, place)
                   where has_table_privilege(role, ${relation}, r)) as rights
      from unnest(array['anon', 'authenticated', 'service_role']) as role`;
  return Object.fromEntries(rows.map((row) => [row.role, row.rights]));
}

test('each role may do what the configuration and the model say, and nothing else, after every publish', () =>
  withShop(
    {
      'medallion.config.ts': config(
        `{ gold: { select: ['anon', 'authenticated'] }, silver: { select: ['service_role'], insert: ['service_role'], update: ['service_role'], delete: ['service_role'] } }`,
      ),
      'models/gold/notes.sql':
        '/*---\ngrants: { insert: [ authenticated ], delete: [ service_role ] }\n---*/\nselect 1 as id',
    },
    async (project) => {
      await createRoles(project.sql, ...supabaseRoles);
      for (let publish = 1; publish <= 2; publish++) {
        await built(project);
        assert.equal(await rightsOn(project, 'gold.ages'), {
          anon: 's',
          authenticated: 's',
          service_role: '',
        });
        assert.equal(await rightsOn(project, 'gold.notes'), {
          anon: 's',
          authenticated: 'si',
          service_role: 'd',
        });
        assert.equal(await rightsOn(project, 'silver.people'), {
          anon: '',
          authenticated: '',
          service_role: 'siud',
        });
      }
      const { sql } = project;
      assert.is(await asRole(sql, 'anon', 'select people from gold.ages order by bucket'), '1 1 1');
      assert.is(await asRole(sql, 'anon', 'delete from gold.ages'), 'denied');
      assert.is(await asRole(sql, 'anon', 'select id from silver.people'), 'denied');
      assert.is(await asRole(sql, 'authenticated', 'insert into gold.notes values (2)'), '1 rows');
      assert.is(
        await asRole(sql, 'service_role', 'delete from gold.notes where id = 1'),
        'denied',
        'it may not read',
      );
      assert.is(await asRole(sql, 'service_role', 'delete from gold.notes'), '1 rows');
      assert.is(await asRole(sql, 'service_role', 'update silver.people set age = 1'), '3 rows');
    },
  ));

test('what the configuration takes back is withdrawn at the next publish; what others gave stays', () =>
  withShop(
    { 'medallion.config.ts': config(`{ gold: { select: ['anon', 'authenticated'], update: ['anon'] } }`) },
    async (project) => {
      await createRoles(project.sql, ...supabaseRoles);
      await built(project);
      await project.sql`grant insert on gold.ages to anon`;
      await project.sql`grant select on gold.ages to service_role`;
      project.write('medallion.config.ts', config(`{ gold: { select: ['authenticated'] } }`));
      assert.equal((await rightsOn(project, 'gold.ages')).anon, 'siu');
      await built(project);
      assert.equal(await rightsOn(project, 'gold.ages'), {
        anon: 'i',
        authenticated: 's',
        service_role: 's',
      });
    },
  ));

test('rights that an mdl of before recorded as roles that may select are withdrawn as well', () =>
  withShop({ 'medallion.config.ts': config(`{ gold: { select: ['anon'] } }`) }, async (project) => {
    await createRoles(project.sql, ...supabaseRoles);
    await built(project);
    await project.sql`update medallion.relations set owned = owned || '{"grants": ["anon"]}' where node = 'gold.ages'`;
    project.write('medallion.config.ts', config('{}'));
    await built(project);
    assert.equal(await rightsOn(project, 'gold.ages'), { anon: '', authenticated: '', service_role: '' });
  }));

for (const load of ['replace', 'append', 'upsert']) {
  test(`bronze tables that are loaded with ${load} have the rights of the configuration, also when the source did not change`, () => {
    const bronze = `bronze: { people: { from: 'loja.people', key: 'id', load: '${load}' } },`;
    return withShop(
      { 'medallion.config.ts': config(`{ bronze: { select: ['anon', 'service_role'] } }`, bronze) },
      async (project) => {
        await createRoles(project.sql, ...supabaseRoles);
        await built(project);
        await project.sql`grant select on bronze.people to authenticated`;
        assert.equal(await rightsOn(project, 'bronze.people'), {
          anon: 's',
          authenticated: 's',
          service_role: 's',
        });
        project.write(
          'medallion.config.ts',
          config(`{ bronze: { select: ['service_role'], update: ['service_role'] } }`, bronze),
        );
        await built(project);
        const now = { anon: '', authenticated: 's', service_role: 'su' };
        assert.equal(await rightsOn(project, 'bronze.people'), now);
        await project.sql`revoke all on bronze.people from service_role`;
        project.write('seeds/people.csv', 'id,name,age\n9,Eva,20\n');
        await built(project);
        assert.equal(await rightsOn(project, 'bronze.people'), now);
        assert.ok((await asRole(project.sql, 'service_role', 'select id from bronze.people')).includes('9'));
      },
    );
  });
}

test('everyone: the role public', () =>
  withShop({ 'medallion.config.ts': config(`{ gold: { select: ['public'] } }`) }, async (project) => {
    await createRoles(project.sql, 'anon');
    await built(project);
    await built(project);
    assert.is(await asRole(project.sql, 'anon', 'select people from gold.ages order by bucket'), '1 1 1');
  }));

test.run();
