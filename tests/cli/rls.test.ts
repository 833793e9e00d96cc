// core: runs on every server; a pooler changes nothing about policies
// in one process
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { failsWith, place } from '../support/assertions.ts';
import { openFiles } from '../support/files.ts';
import { type TestProject, withProject } from '../support/project.ts';
import { makeSupabase } from '../support/roles.ts';

const test = suite('rls');

const config = (gold = '') => `import { csv, defineConfig } from 'medallion';
export default defineConfig({ name: 'loja', database: process.env.DATABASE_URL, sources: { s: csv({ dir: 'seeds' }) },
  layers: { silver: {}, gold: { ${gold} } }, grants: { silver: { select: ['authenticated'] }, gold: { select: ['anon', 'authenticated'], insert: ['authenticated'], update: ['authenticated'] } } });`;

const notes = (rls: string, more = '') =>
  `/*---\nprimary_key: id\n${rls}\n${more}---*/\nselect id::int, owner, text from {{ref "bronze.notes"}}`;
const own = `rls:
  select: { to: [authenticated], using: owner = auth.uid() }
  insert: { to: authenticated, check: owner = auth.uid() }
`;

/** A project with notes of two users, in a database that has Supabase's roles and `auth.uid()`. */
function withNotes(
  files: Record<string, string>,
  work: (project: TestProject) => Promise<void>,
): Promise<void> {
  return withProject(
    {
      'medallion.config.ts': config(),
      'seeds/notes.csv': 'id,owner,text\n1,ana,a\n2,ana,b\n3,rui,c\n',
      ...files,
    },
    async (project) => {
      await makeSupabase(project.sql);
      await work(project);
    },
  );
}

async function built(project: TestProject, ...args: string[]): Promise<void> {
  const { code, stdout } = await project.mdl('build', ...args);
  assert.is(code, 0, stdout);
}

/** The first column of what a user sees, joined; the message where Postgres refuses. What the statement writes is taken back. */
async function seen(project: TestProject, user: string, statement: string): Promise<string> {
  const role = user === 'anon' ? 'anon' : 'authenticated';
  const sql = await project.sql.reserve();
  try {
    await sql.unsafe(`begin; set local role ${role}; set local request.jwt.claims = '{"sub": "${user}"}'`);
    const rows = await sql.unsafe(statement);
    return rows.map((row) => Object.values(row)[0]).join(' ');
  } catch (error) {
    return (error as Error).message;
  } finally {
    await sql.unsafe('rollback');
    sql.release();
  }
}

const policiesOf = async (project: TestProject, table: string): Promise<string> =>
  (
    await project.sql`
      select coalesce(string_agg(polname, ' ' order by polname), '') || case when relrowsecurity then ' on' else ' off' end as list
        from pg_class c left join pg_policy on polrelid = c.oid where c.oid = ${table}::regclass group by relrowsecurity`
  )[0]!.list;

test('each user sees and writes what the policies allow, after every publish and during it', () =>
  withNotes({ 'models/gold/notes.sql': notes(own) }, async (project) => {
    await built(project);
    const check = async () => {
      assert.is(await seen(project, 'ana', 'select id from gold.notes order by id'), '1 2');
      assert.is(await seen(project, 'rui', 'select id from gold.notes order by id'), '3');
      assert.is(await seen(project, 'anon', 'select id from gold.notes'), '');
      assert.is(await seen(project, 'ana', `insert into gold.notes values (9, 'ana', '') returning id`), '9');
      assert.match(
        await seen(project, 'ana', `insert into gold.notes values (9, 'rui', '')`),
        'violates row-level security policy',
      );
      assert.is(await seen(project, 'ana', 'update gold.notes set id = 7 returning id'), '', 'no policy');
      assert.is(await policiesOf(project, 'gold.notes'), 'mdl_insert mdl_select on');
    };
    await check();
    const counts = new Set<string>();
    let done = false;
    const reading = (async () => {
      while (!done) counts.add(await seen(project, 'ana', 'select count(*) from gold.notes'));
    })();
    await built(project);
    await built(project);
    done = true;
    await reading;
    assert.equal([...counts], ['2'], 'at no moment more, or less, than her own');
    await check();
    const tested = await project.mdl('show', 'gold.notes');
    assert.match(tested.stdout, 'rui', 'the owner reads all');
  }));

test('policies of others are kept beside ours, which go when the model takes them back', () =>
  withNotes({ 'models/gold/notes.sql': notes(own) }, async (project) => {
    await built(project);
    const { sql } = project;
    await sql`create policy theirs on gold.notes for select to anon using (id = 3)`;
    await built(project);
    assert.is(await policiesOf(project, 'gold.notes'), 'mdl_insert mdl_select theirs on');
    project.write('models/gold/notes.sql', notes('rls: { select: { to: [authenticated], using: id = 2 } }'));
    await built(project);
    assert.is(await policiesOf(project, 'gold.notes'), 'mdl_select theirs on');
    assert.is(await seen(project, 'rui', 'select id from gold.notes'), '2');
    project.write('models/gold/notes.sql', notes(''));
    await built(project);
    assert.is(await policiesOf(project, 'gold.notes'), 'theirs on', 'others rely on it');
    assert.is(await seen(project, 'anon', 'select id from gold.notes'), '3');
    await sql`drop policy theirs on gold.notes`;
    await built(project);
    assert.is(await policiesOf(project, 'gold.notes'), ' on', 'it is that of others now');
    await sql`alter table gold.notes disable row level security`;

    project.write('models/gold/notes.sql', notes('rls: true'));
    await built(project);
    assert.is(await seen(project, 'ana', 'select id from gold.notes'), '', 'without policies nobody');
    project.write('models/gold/notes.sql', notes('rls: false'));
    await built(project);
    assert.is(await policiesOf(project, 'gold.notes'), ' off');
  }));

test('the forms of a policy: short ones, lists, all commands, conditions with templates', () =>
  withNotes(
    {
      'macros/mine.hbs': 'owner = auth.uid()',
      'models/gold/notes.sql': notes(`rls:
  all: { to: [authenticated], using: '{{> mine}}', check: text <> 'x' }
  select:
    - id = 3
    - { to: [anon], using: id = {{var "shown" 1}} }
  delete: false
`).replace(
        '{ to: [anon], using: id = {{var "shown" 1}} }',
        `{ to: [anon], using: 'id = {{var "shown" 1}}' }`,
      ),
    },
    async (project) => {
      await built(project);
      assert.is(await policiesOf(project, 'gold.notes'), 'mdl_all mdl_delete mdl_select mdl_select_2 on');
      assert.is(await seen(project, 'ana', 'select id from gold.notes order by id'), '1 2 3');
      assert.is(await seen(project, 'anon', 'select id from gold.notes order by id'), '1 3');
      assert.is(await seen(project, 'rui', `update gold.notes set text = 'y' returning id`), '3');
      assert.match(
        await seen(project, 'rui', `update gold.notes set text = 'x' returning id`),
        'violates row-level security policy',
      );
    },
  ));

const team = (name: string) =>
  `rls: { select: { to: authenticated, using: 'exists (select from ${name} m where m.person = auth.uid() and m.owner = notes.owner)' } }`;
const members = `select 'ana' as person, 'rui' as owner union all values ('leo', 'ana')`;

test('a policy may read another model, which is built first; each may be published without the other', () =>
  withNotes(
    {
      'models/silver/members.sql': members,
      'models/gold/notes.sql': notes(team('{{ref "silver.members"}}')),
    },
    async (project) => {
      const compiled = JSON.parse((await project.mdl('compile', '--json')).stdout);
      const node = compiled.nodes.find(({ name }: { name: string }) => name === 'gold.notes');
      assert.equal(node.parents, ['bronze.notes', 'silver.members']);
      await built(project);
      await built(project);
      assert.is(await seen(project, 'ana', 'select id from gold.notes'), '3');
      await built(project, '--select', 'gold.notes');
      assert.is(await seen(project, 'leo', 'select id from gold.notes order by id'), '1 2');
      project.write('models/silver/members.sql', `select 'leo' as person, 'rui' as owner`);
      await built(project, '--select', 'silver.members');
      assert.is(await seen(project, 'leo', 'select id from gold.notes'), '3');
      assert.is(await seen(project, 'ana', 'select id from gold.notes'), '');
    },
  ));

test('a policy that names a relation of this run by its name in the database is refused where it stands', () =>
  withNotes(
    { 'models/silver/members.sql': members, 'models/gold/notes.sql': notes(team('silver.members')) },
    async (project) => {
      const failed = async () => {
        const { code, stdout } = await project.mdl('build');
        assert.is(code, 1);
        return stdout;
      };
      assert.match(await failed(), /MDL4003.*relation "silver.members" does not exist/);
      project.write('models/gold/notes.sql', notes(''));
      await built(project);
      project.write('models/gold/notes.sql', notes(team('silver.members')));
      project.write('models/silver/members.sql', `/*---\ndescription: Who sees whose\n---*/\n${members}`);
      const stdout = await failed();
      assert.match(stdout, 'a policy reads silver.members by its name in the database');
      assert.match(stdout, 'models/gold/notes.sql:3:');
      assert.match(stdout, '{{ref "silver.members"}}');
      await built(project, '--select', 'gold.notes');
      assert.is(await seen(project, 'ana', 'select id from gold.notes'), '3', 'it stays where it is');
    },
  ));

for (const [using, message, at] of [
  ['ownr = auth.uid()', 'column "ownr" does not exist', '4:28'],
  ['count(*) > 1', 'aggregate functions are not allowed', '4:28'],
  ['owner = = 1', 'syntax error', '4:28'],
  ['id', 'must be type boolean', '4:28'],
] as const) {
  test(`what Postgres refuses in a condition is told at its place: ${using}`, () =>
    withNotes(
      { 'models/gold/notes.sql': notes(`rls:\n  select: { to: [ anon ],  using: '${using}' }\n`) },
      async (project) => {
        const events = await project.events('build');
        const { error } = events.find(
          ({ event, node }) => event === 'model.finished' && node === 'gold.notes',
        )!;
        assert.is(error.code, 'MDL4003', JSON.stringify(error));
        assert.match(error.message, message);
        assert.is(
          `${error.where.file}:${error.where.line}:${error.where.column}`,
          `models/gold/notes.sql:${at}`,
        );
      },
    ));
}

const refused: readonly [front: string, at: string, message: RegExp][] = [
  ['materialized: view\nrls: true', '3:1', /is a view; row-level security is for tables/],
  ['materialized: ephemeral\nrls: { select: true }', '3:1', /is ephemeral; row-level security/],
  ['security_invoker: true', '2:1', /is no view/],
  ['rls: { slect: true }', '2:8', /unknown setting "slect"/],
  ['rls:\n  select: { usng: true }', '3:13', /unknown setting "usng"/],
  ['rls:\n  select:\n    - { using: true, chek: x }', '4:22', /unknown setting "chek"/],
  ['rls: { insert: { using: true } }', '2:18', /unknown setting "using"/],
  ['rls: { select: { to: [anon] } }', '2:8', /rls\.select/],
  ['rls: 3', '2:1', /rls/],
  [`rls: { select: { using: '{{ref "gold.nothing"}}' } }`, '2:18', /nothing/],
  [`rls: { select: { using: '{{nothing "x"}}' } }`, '2:1', /nothing/],
];
for (const [front, at, message] of refused) {
  test(`refused before anything runs: ${front.replaceAll('\n', ' ')}`, async () => {
    let error: unknown;
    try {
      await openFiles({ 'models/gold/a.sql': `/*---\n${front}\n---*/\nselect 1 as id` });
    } catch (cause) {
      error = cause;
    }
    assert.match(String(error), message);
    assert.is(place(error as never), `models/gold/a.sql:${at}`);
  });
}

test('the nearest setting is told, and an ephemeral model cannot be read by a policy', async () => {
  const files = (using: string) => ({
    'models/silver/e.sql': '/*---\nmaterialized: ephemeral\n---*/\nselect 1 as id',
    'models/gold/a.sql': `/*---\nrls: { select: { using: '${using}' } }\n---*/\nselect 1 as id`,
  });
  const error = await failsWith('MDL1202', () => openFiles(files('exists (select from {{ref "silver.e"}})')));
  assert.match(error.message, 'silver.e is ephemeral');
  assert.is(place(error), 'models/gold/a.sql:2:18');
  const near = await failsWith('MDL1202', () =>
    openFiles({ 'models/gold/a.sql': '/*---\nrls: { select: { usin: true } }\n---*/\nselect 1 as id' }),
  );
  assert.match(near.hint!, 'using');
});

test('rls of a layer holds for its tables; a view of it has to say what it does about it', () =>
  withNotes(
    {
      'medallion.config.ts': config(
        `rls: { select: { to: ['authenticated'], using: 'owner = auth.uid()' } }`,
      ),
      'models/gold/notes.sql': notes(''),
      'models/gold/open.sql': '/*---\nrls: false\n---*/\nselect owner from {{ref "gold.notes"}}',
      'models/gold/seen.sql':
        '/*---\nmaterialized: view\nsecurity_invoker: true\n---*/\nselect id from {{ref "gold.notes"}}',
      'models/gold/inlined.sql': '/*---\nmaterialized: ephemeral\n---*/\nselect 1 as id',
    },
    async (project) => {
      for (let publish = 1; publish <= 2; publish++) {
        await built(project);
        assert.is(await seen(project, 'rui', 'select id from gold.notes'), '3');
        assert.is(await seen(project, 'rui', 'select id from gold.seen'), '3');
        assert.is(await seen(project, 'rui', 'select count(*) from gold.open'), '3');
      }
      project.write(
        'models/gold/seen.sql',
        '/*---\nmaterialized: view\n---*/\nselect id from {{ref "gold.notes"}}',
      );
      const { stderr } = await project.mdl('compile');
      assert.match(stderr, /MDL1202.*gold\.seen is a view[\s\S]*security_invoker: true/);
      project.write(
        'models/gold/seen.sql',
        '/*---\nmaterialized: view\nrls: false\n---*/\nselect id from {{ref "gold.notes"}}',
      );
      await built(project);
      assert.is(await seen(project, 'rui', 'select count(*) from gold.seen'), '3', 'the owner reads for all');
      project.write('medallion.config.ts', config('rls: { selct: true }'));
      assert.match((await project.mdl('compile')).stderr, /unknown setting "selct"[\s\S]*select/);
    },
  ));

test('a role that does not exist is told before anything is built', () =>
  withNotes(
    { 'models/gold/notes.sql': notes('rls: { select: { to: [no_such_role_here], using: true } }') },
    async (project) => {
      const { code, stderr, stdout } = await project.mdl('build');
      assert.is(code, 1);
      assert.match(stderr + stdout, /MDL2007.*no_such_role_here/);
    },
  ));

test.run();
