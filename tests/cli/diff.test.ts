// in one process
import { openProject } from 'medallion';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type DiffOptions, diffNamed, diffRelations } from '../../dist/build/diff/index.js';
import { connect } from '../../dist/database/connect.js';
import { type TestProject, testProject } from '../support/project.ts';

const test = suite('diff');
let project: TestProject;
let opened: Awaited<ReturnType<typeof openProject>>;

test.before(async () => {
  project = await testProject({
    'medallion.config.ts': `export default { name: 'loja', database: process.env.DATABASE_URL };`,
    'models/gold/vendas.sql': `/*---
primary_key: id
columns:
  id: { type: integer }
  nome: { type: text }
---*/
select g as id, 'n' || g as nome from generate_series(1, 10) g`,
    'models/gold/visao.sql': `/*---
materialized: view
primary_key: id
---*/
select g as id, case when g = 3 then 'outro' else 'n' || g end as nome from generate_series(2, 11) g`,
    'models/silver/nunca.sql': `/*---
materialized: ephemeral
---*/
select 1 as x`,
  });
  const built = await project.mdl('build');
  assert.is(built.code, 0, built.stdout + built.stderr);
  process.env.DATABASE_URL = process.env.MDL_TEST_MDL_URL!.replace(
    /\/postgres$/,
    project.url.slice(project.url.lastIndexOf('/')),
  );
  opened = await openProject({ dir: project.dir });
  await project.sql.unsafe(`
    create schema "Outra ""coisa""";
    create schema ext; create extension citext schema ext;
    create table public.a (id int primary key, nome text, valor numeric, doc json, "A, b" text, feito_em timestamptz not null default now());
    insert into public.a select g, 'nome ' || g, g, '{"a":1}', 'x', '2024-01-01Z' from generate_series(1, 1000) g;
    create table "Outra ""coisa"""."B c" (like public.a including all);
    insert into "Outra ""coisa"""."B c" select * from public.a;
    create table public.k (a int, b ext.citext, v text, w xml, primary key (b, a));
    insert into public.k values (1, 'x', 'v', '<a/>'), (1, 'y', null, null), (2, 'x', '', null);
    create table public.text_k (a text, b text, v varchar(10), n int);
    insert into public.text_k values ('1', 'x', 'v', 1), ('1', 'z', 'v', 1), ('2', 'x', null, 1);
  `);
});
test.after(() => project.close());

const other = '"Outra ""coisa"""."B c"';

/** The engine's own answer. */
async function diff(
  isEqual: boolean,
  a: string,
  b: string,
  options: Partial<DiffOptions> = {},
): Promise<any> {
  const found = await diffNamed(opened, [a, b], { limit: 5, ...options });
  assert.is(found.isEqual, isEqual);
  return found;
}

test('equal relations: exit code 0', async () => {
  const same = await diff(true, 'public.a', other);
  assert.is(same.isEqual, true);
  assert.equal(same.key, ['id']);
  assert.equal(same.b, { schema: 'Outra "coisa"', name: 'B c' });
  assert.equal(same.rows, { a: 1000, b: 1000, onlyA: 0, onlyB: 0, changed: 0, equal: 1000 });
  const { code, stdout } = await project.mdl('diff', 'a', 'PUBLIC.A');
  assert.is(code, 0);
  assert.match(stdout, 'They are equal.');
});

test('rows, columns, samples and shares', async () => {
  await project.sql.begin(async (tx) => {
    await tx.unsafe(`update ${other} set valor = valor::numeric(10,1) where id <= 20`);
    await tx.unsafe(`update ${other} set nome = null where id in (7, 900)`);
    await tx.unsafe(`update ${other} set doc = '{"a": 1}' where id = 8`);
    await tx.unsafe(`update ${other} set "A, b" = repeat('y', 300) || id where id in (500, 501)`);
    await tx.unsafe(`delete from ${other} where id between 100 and 109`);
    await tx.unsafe(`insert into ${other} (id, nome, feito_em) values (-1, $$x'; drop table a; --$$, now())`);
  });
  const found = await diff(false, 'public.a', other, { limit: 3 });
  assert.equal(found.schema, []);
  assert.equal(found.rows, { a: 1000, b: 991, onlyA: 10, onlyB: 1, changed: 23, equal: 967 });
  assert.equal(found.onlyA, [['100'], ['101'], ['102']]);
  assert.equal(found.onlyB, [['-1']]);
  assert.equal(
    found.columns.map(({ name, rows }: any) => [name, rows]),
    [
      ['valor', 20],
      ['nome', 2],
      ['A, b', 2],
      ['doc', 1],
    ],
  );
  const [valor, nome, wide, doc] = found.columns;
  assert.is(valor.share, 20 / 990);
  assert.equal(
    valor.samples.map(({ key, a, b }: any) => [key, a, b]),
    [
      [['1'], '1', '1.0'],
      [['2'], '2', '2.0'],
      [['3'], '3', '3.0'],
    ],
  );
  assert.equal(nome.samples, [
    { key: ['7'], a: 'nome 7', b: null },
    { key: ['900'], a: 'nome 900', b: null },
  ]);
  assert.is(wide.samples[0].b, `${'y'.repeat(300)}500`);
  assert.equal(doc.samples, [{ key: ['8'], a: '{"a":1}', b: '{"a": 1}' }]);
  // The same in words; wide values are cut.
  const { code, stdout } = await project.mdl('diff', 'public.a', other);
  assert.is(code, 1);
  assert.match(stdout, /1,000 rows in public\.a, 991 in "Outra ""coisa"""\."B c"/);
  assert.match(stdout, /967 equal \(96\.6%\)/);
  assert.match(stdout, /10 only in public\.a \(1%\): 100, 101, 102, 103, 104, \.\.\./);
  assert.match(stdout, 'valor differs in 20 rows (2%)');
  assert.match(stdout, /^ {2}7 +nome 7 +null$/m);
  assert.match(stdout, /y{59}…/);
  assert.not.match(stdout, /y{60}/);
});

test('columns that are left out, and only some columns', async () => {
  const only = await diff(false, 'a', other, { columns: ['A, b', 'nome'], limit: 0 });
  assert.equal(only.compared, ['nome', 'A, b']);
  assert.is(only.rows.changed, 4);
  assert.equal(only.columns[0].samples, []);
  assert.equal(only.onlyA, []);
  const without = await diff(false, 'a', other, { excludeColumns: ['valor', 'doc', 'nome'] });
  assert.equal(
    without.columns.map(({ name }: any) => name),
    ['A, b'],
  );
  // Nothing but the key.
  assert.equal((await diff(false, 'a', other, { columns: ['id'] })).rows.changed, 0);
});

test('shape: what was added, removed and changed, in words', async () => {
  const found = await diff(false, 'public.k', 'public.text_k', { columns: ['v', 'w', 'n'] });
  assert.equal(found.key, ['b', 'a']);
  assert.equal(found.schema.slice(0, 3), [
    { change: 'column_added', column: 'n', type: 'integer' },
    { change: 'type', column: 'v', a: 'text', b: 'character varying(10)' },
    { change: 'column_removed', column: 'w', type: 'xml' },
  ]);
});

test('types, keys, not null', async () => {
  await project.sql.unsafe(`
    create table public.t1 (id int primary key, x int not null, y text unique, z int);
    create table public.t2 (id int, x bigint, y text, z int not null, primary key (id, z), unique (z));
    insert into public.t1 values (1, 5, 'y', 0), (2, 6, null, 0); insert into public.t2 values (1, 5, 'y', 0), (2, 7, null, 1)`);
  const found = await diff(false, 'public.t1', 'public.t2');
  assert.equal(found.schema, [
    { change: 'type', column: 'x', a: 'integer', b: 'bigint' },
    { change: 'not_null', column: 'x', a: true, b: false },
    { change: 'not_null', column: 'z', a: false, b: true },
    { change: 'primary_key', a: ['id'], b: ['id', 'z'] },
    { change: 'unique_added', columns: ['z'] },
    { change: 'unique_removed', columns: ['y'] },
  ]);
  // As they print: 5 is 5 in either type.
  assert.equal(
    found.columns.map(({ name, rows }: any) => [name, rows]),
    [
      ['x', 1],
      ['z', 1],
    ],
  );
  const { stdout } = await project.mdl('diff', 'public.t1', 'public.t2');
  for (const words of [
    '~ column x: integer became bigint',
    '~ column x may be null now',
    '~ column z may no longer be null',
    '~ primary key (id) became (id, z)',
    '+ unique (z)',
    '- unique (y)',
  ])
    assert.match(stdout, words);
});

test('models and views: the key of the contract', async () => {
  const found = await diff(false, 'vendas', 'gold.visao');
  assert.equal(found.key, ['id']);
  assert.equal(found.schema, [{ change: 'kind', a: 'table', b: 'view' }]);
  assert.equal(found.rows, { a: 10, b: 10, onlyA: 1, onlyB: 1, changed: 1, equal: 8 });
  assert.equal(found.columns[0].samples, [{ key: ['3'], a: 'n3', b: 'outro' }]);
});

test('keys of several columns, of other types on both sides, and of an extension that is not in the search path', async () => {
  const text = await diff(false, 'public.k', 'public.text_k', { key: ['a', 'b'] });
  assert.equal(text.rows, { a: 3, b: 3, onlyA: 1, onlyB: 1, changed: 1, equal: 1 });
  assert.equal(text.onlyA, [['1', 'y']]);
  assert.equal(text.columns[0].samples, [{ key: ['2', 'x'], a: '', b: null }]);
  await project.sql`create table public.k2 (like public.k including all)`;
  await project.sql`insert into public.k2 values (1, 'X', 'v', '<a />'), (1, 'y', null, null), (2, 'x', '', null)`;
  const image = await diff(false, 'public.k', 'public.k2');
  assert.equal(image.rows, { a: 3, b: 3, onlyA: 0, onlyB: 0, changed: 1, equal: 2 });
  assert.equal(image.columns.map(({ name }: any) => name).sort(), ['b', 'w']);
});

test('without a key: rows as often as they stand there', async () => {
  await project.sql.unsafe(`
    create table public.m1 (x text, d json); create table public.m2 (x text, d json);
    insert into public.m1 values ('a', '1'), ('a', '1'), (null, null), ('', null), ('c,d', null);
    insert into public.m2 values ('a', '1'), (null, null), (null, null), ('', null), ('"c', null)`);
  const found = await diff(false, 'public.m1', 'public.m2');
  assert.is(found.key, null);
  assert.equal(found.rows, { a: 5, b: 5, onlyA: 2, onlyB: 2, changed: 0, equal: 3 });
  assert.match(
    (await project.mdl('diff', 'public.m1', 'public.m2')).stdout,
    'whole rows, as no key is known',
  );
  await project.sql.unsafe('create table public.e1 (x text); create table public.e2 (x text)');
  assert.equal((await diff(true, 'public.e1', 'public.e2')).rows.equal, 0);
  assert.is((await diff(true, 'public.e1', 'public.e2', { key: ['x'] })).isEqual, true);
});

test('whoever calls decides what is seen: two relations in a transaction that has changed one', async () => {
  const sql = connect({ url: project.url, max: 1, applicationName: 'diff test' });
  try {
    const found = await sql.begin(async (tx) => {
      await tx`set local search_path = ''`;
      await tx`delete from public.k2 where a = 2`;
      return diffRelations(
        tx,
        { schema: 'public', name: 'k' },
        { schema: 'public', name: 'k2' },
        { limit: 1 },
      );
    });
    assert.equal(found.rows, { a: 3, b: 2, onlyA: 1, onlyB: 0, changed: 1, equal: 1 });
    assert.equal(found.onlyA, [['x', '2']]);
  } finally {
    await sql.end();
  }
});

async function refused(code: string, says: string, a: string, b: string, options = {}): Promise<void> {
  const error = await diffNamed(opened, [a, b], { limit: 5, ...options }).catch((error) => error);
  assert.is(error.code, code, error.message);
  assert.match(`${error.message} ${error.hint}`, says);
}

test('wrong names: MDL4311', async () => {
  for (const [a, b, options, says] of [
    ['gold.venda', 'a', {}, 'Did you mean gold.vendas'],
    ['public.a', 'public.not_there', {}, 'public.not_there'],
    ['a', 'x.y.z.w', {}, 'x.y.z.w'],
    ['a', '"', {}, 'no model'],
    ['a', 'public.k', { key: ['valor'] }, 'valor'],
    ['a', other, { columns: ['nom'] }, 'Did you mean nome'],
    ['public.m1', 'public.text_k', {}, 'no column in common'],
  ] as const)
    await refused('MDL4311', says, a, b, options);
  await refused('MDL1004', 'ephemeral', 'silver.nunca', 'a');
});

test('flags', async () => {
  const found = await project.mdl(
    'diff',
    'a',
    other,
    '--columns',
    '"A, b",nome',
    '--exclude-columns',
    'doc',
    '--limit',
    '0',
    '--key',
    'id',
    '--json',
  );
  assert.is(found.code, 1);
  const { compared, columns, isEqual } = JSON.parse(found.stdout);
  assert.equal([compared, columns[0].samples, isEqual], [['nome', 'A, b'], [], false]);
  for (const args of [['nothing', 'a'], ['a', 'a', '--key', 'x,,y'], ['a', 'a', '--limit', '-1'], ['a']])
    assert.is((await project.mdl('diff', ...args)).code, 2);
});

test('a key that is none: MDL4312', async () => {
  await refused('MDL4312', '1 key stands in several rows', 'public.text_k', 'public.k', { key: ['a'] });
  await refused('MDL4312', '1 row has an empty key', 'public.text_k', 'public.k', { key: ['v'] });
});

test('what Postgres cannot do: MDL4313; nothing is written: MDL2003', async () => {
  await project.sql.unsafe(`
    create view public.broken as select id, 1 / (id - 5) as x from public.a;
    create sequence public.counted;
    create view public.writes as select id, nextval('public.counted') as x from public.a`);
  await refused('MDL4313', 'division by zero', 'public.broken', 'public.broken', { key: ['id'] });
  // json has no order.
  await refused('MDL4313', 'json', 'public.m1', 'public.m2', { key: ['d'] });
  const slow = { ...opened, options: { ...opened.options, statementTimeout: '200ms' } };
  await project.sql`create view public.slow as select id, pg_sleep(60)::text as x from public.a`;
  const late = await diffNamed(slow, ['public.slow', 'public.slow'], { limit: 5 }).catch((error) => error);
  assert.is(late.code, 'MDL4313');
  assert.match(late.hint, 'statementTimeout');
  const error = await diffNamed(opened, ['public.writes', 'public.writes'], { limit: 5 }).catch(
    (error) => error,
  );
  assert.match(error.message, 'read-only transaction');
});

test.run();
