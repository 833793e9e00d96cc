// core: runs on both servers
// in one process
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { builtNodes } from '../support/built.ts';
import { type TestProject, withProject } from '../support/project.ts';

const test = suite('deltas and the keys among their rows');

const config = `import { defineConfig } from 'medallion';
export default defineConfig({ name: 'loja', database: process.env.DATABASE_URL });`;

/** A model over `public.<name>`, which the test writes. */
const over = (name: string, front: string) => ({
  [`models/silver/${name}.sql`]: `/*---\n${front}\n---*/\nselect * from public.${name}`,
});

/** Builds, changes what the models read, and builds again; how each reached readers. */
async function changed(project: TestProject, change: string): Promise<Record<string, string | undefined>> {
  await project.sql.unsafe(change);
  const nodes = await builtNodes(project, { force: true });
  return Object.fromEntries(Object.entries(nodes).map(([node, { how }]) => [node, how]));
}

const rows = async ({ sql }: TestProject, table: string) =>
  (await sql.unsafe<{ row: string }[]>(`select t::text as row from ${table} t order by 1`)).map(
    ({ row }) => row,
  );

async function begin(project: TestProject, tables: string): Promise<void> {
  await project.sql.unsafe(tables);
  await builtNodes(project);
}

const kinds = [
  ['a table', 'publish: delta'],
  ['an incremental model', 'materialized: incremental\nincremental: { strategy: merge }'],
] as const;
for (const [kind, front] of kinds)
  test(`a row changes to one that is new (${kind} that refers to itself)`, () =>
    withProject(
      {
        'medallion.config.ts': config,
        ...over(
          'emp',
          `primary_key: id\n${front}\nforeign_keys: [ { columns: boss, references: silver.emp } ]`,
        ),
      },
      async (project) => {
        await begin(project, 'create table emp (id int, boss int); insert into emp values (1, null), (2, 1)');
        const how = await changed(
          project,
          'insert into emp values (101, null); update emp set boss = 101 where id = 1',
        );
        assert.equal(how, { 'silver.emp': 'delta 1 1 0' });
        assert.equal(await rows(project, 'silver.emp'), ['(1,101)', '(101,)', '(2,1)']);
      },
    ));

test('the referenced row is replaced by one that has its other key', () =>
  withProject(
    {
      'medallion.config.ts': config,
      ...over('pp', 'primary_key: id\nunique: [ code ]\npublish: delta'),
      ...over(
        'cc',
        'primary_key: id\npublish: delta\nforeign_keys: [ { columns: pid, references: silver.pp } ]',
      ),
    },
    async (project) => {
      await begin(
        project,
        `create table pp (id int, code text); create table cc (id int, pid int);
         insert into pp values (1, 'k1'), (2, 'k2'); insert into cc values (7, 1)`,
      );
      const how = await changed(
        project,
        `delete from pp where id = 1; insert into pp values (101, 'k1'); update cc set pid = 101`,
      );
      assert.equal(how, { 'silver.pp': 'delta 1 0 1', 'silver.cc': 'delta 0 1 0' });
      assert.equal(await rows(project, 'silver.cc'), ['(7,101)']);
      assert.equal(await rows(project, 'silver.pp'), ['(101,k1)', '(2,k2)']);
    },
  ));

test('a key onto a unique column, which changes on both sides', () =>
  withProject(
    {
      'medallion.config.ts': config,
      ...over('pq', 'primary_key: id\nunique: [ code ]\npublish: delta'),
      ...over(
        'cq',
        'primary_key: id\npublish: delta\nforeign_keys: [ { columns: pcode, references: silver.pq(code) } ]',
      ),
    },
    async (project) => {
      await begin(
        project,
        `create table pq (id int, code text); create table cq (id int, pcode text);
         insert into pq values (1, 'k1'), (2, 'k2'); insert into cq values (7, 'k1')`,
      );
      const how = await changed(
        project,
        `update pq set code = 'neu' where id = 1; update cq set pcode = 'neu'`,
      );
      assert.equal(how, { 'silver.pq': 'delta 0 1 0', 'silver.cq': 'delta 0 1 0' });
      assert.equal(await rows(project, 'silver.cq'), ['(7,neu)']);
    },
  ));

test('a part that is replaced without a key, and rows that refer to it', () =>
  withProject(
    {
      'medallion.config.ts': config,
      ...over(
        'par',
        'materialized: incremental\nincremental: { strategy: delete+insert, key: shop }\nunique: [ id ]\ncolumns: { shop: int, id: int, v: int }',
      ),
      ...over(
        'chi',
        'primary_key: id\npublish: delta\nforeign_keys: [ { columns: par, references: silver.par(id) } ]',
      ),
    },
    async (project) => {
      await begin(
        project,
        `create table par (shop int, id int, v int); create table chi (id int, par int);
         insert into par values (1, 1, 1), (1, 2, 1), (2, 3, 1); insert into chi values (7, 1), (8, 3)`,
      );
      const how = await changed(
        project,
        'update par set v = 2 where id = 1; update chi set par = 2 where id = 7',
      );
      assert.equal(how, { 'silver.par': 'delta 3 0 3', 'silver.chi': 'delta 0 1 0' });
      assert.equal(await rows(project, 'silver.par'), ['(1,1,2)', '(1,2,1)', '(2,3,1)']);
    },
  ));

test('rows of an incremental model trade and hand on their unique values', () =>
  withProject(
    {
      'medallion.config.ts': config,
      ...over(
        'mm',
        'materialized: incremental\nincremental: { strategy: merge }\nprimary_key: id\nunique: [ email ]\ncolumns: { id: int, email: text, came: { type: timestamptz, default: clock_timestamp() } }',
      ),
    },
    async (project) => {
      await begin(
        project,
        `create table mm (id int, email text); insert into mm values (1, 'e1'), (2, 'e2'), (3, 'e3')`,
      );
      const came = async () => (await project.sql`select came from silver.mm where id = 3`)[0]!.came;
      const before = await came();
      const handed = `update mm set email = case id when 2 then 'new' when 1 then 'e2' end where id in (1, 2)`;
      assert.equal(await changed(project, handed), { 'silver.mm': 'delta 0 2 0' });
      const traded = `update mm set email = case id when 2 then 'e2' when 1 then 'new' end where id in (1, 2)`;
      assert.equal(await changed(project, traded), { 'silver.mm': 'delta 0 2 0' });
      const now = await project.sql`select id, email from silver.mm order by id`;
      assert.equal(
        now.map(({ id, email }) => `${id} ${email}`),
        ['1 new', '2 e2', '3 e3'],
      );
      assert.equal(await came(), before, 'a row that stays is not touched');
    },
  ));

test('who writes beside is checked at once', () =>
  withProject(
    {
      'medallion.config.ts': config,
      ...over('pp', 'primary_key: id'),
      ...over('cc', 'primary_key: id\nforeign_keys: [ { columns: pid, references: silver.pp } ]'),
    },
    async (project) => {
      await begin(
        project,
        'create table pp (id int); create table cc (id int, pid int); insert into pp values (1)',
      );
      const error = await project.sql`insert into silver.cc values (1, 99)`.catch((cause) => cause);
      assert.is(error.code, '23503');
    },
  ));

test.run();
