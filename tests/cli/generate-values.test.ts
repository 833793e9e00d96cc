// core: runs on every server
// in one process
import { readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { sql } from 'kysely';
import { openDatabase } from 'medallion/client';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { config, withApi } from '../support/api.ts';
import { compile } from '../support/compile.ts';
import { type TestProject, withProject } from '../support/project.ts';
import { createRoles } from '../support/roles.ts';

const test = suite('generate: values are what types say');

/** One value of each type, and the lists that are made of them. */
const samples: Readonly<Record<string, string>> = {
  smallint: '1',
  integer: '2',
  bigint: '9007199254740993',
  numeric: '1.10',
  'numeric(10,2)': 'NaN',
  real: 'Infinity',
  'double precision': '0.1',
  money: '3.50',
  oid: '7',
  boolean: 'true',
  text: 'a',
  'character varying(9)': 'b',
  'character(3)': 'c',
  '"char"': 'd',
  name: 'e',
  uuid: '00000000-0000-0000-0000-0000000000ff',
  bytea: '\\x00ff',
  json: '{"a": [1, null]}',
  jsonb: '[1, "x"]',
  xml: '<a/>',
  date: '0044-03-15 BC',
  time: '10:00:01',
  timetz: '10:00:01-03',
  timestamp: '2024-05-01 12:00:00.123456',
  timestamptz: '1800-05-01 12:00:00+00',
  interval: '1 day 02:00',
  point: '(1,2)',
  circle: '<(1,2),3>',
  box: '(1,2),(3,4)',
  line: '{1,2,3}',
  lseg: '[(1,2),(3,4)]',
  path: '((1,2),(3,4))',
  polygon: '((1,2),(3,4))',
  inet: '10.0.0.1',
  cidr: '10.0.0.0/8',
  macaddr: '00:00:00:00:00:01',
  bit: '1',
  'bit varying': '101',
  tsvector: "'a':1",
  tsquery: "'a'",
  int4range: '[1,5)',
  tstzrange: '[2024-01-01,2024-02-01)',
  int4multirange: '{[1,5)}',
  pg_lsn: '0/1',
  regclass: 'pg_class',
  jsonpath: '$."a"',
  'odd.mood': 'so "so"',
  'odd.pair': '(1,"x y",{})',
  'odd.positive': '5',
  'odd.small_list': '{1}',
  'odd.date': '(7)',
};

const ugly = `
  create schema odd;
  create type odd.mood as enum ('so "so"', 'it''s', 'a\\b');
  create type odd.pair as (left_one integer, "right one" text, moods odd.mood[]);
  create type odd.date as (n integer);
  create domain odd.positive as integer check (value > 0);
  create domain odd.small_list as smallint[];
  create table odd."from" ("class" integer primary key, "Ação!" text not null, "a""b'c\\d" text, "__proto__" text, "0" text, "two
lines" text, "*/" text);
  comment on column odd."from"."*/" is 'ends here */ or not
second line';
  create table odd."From" (id integer generated always as identity primary key, "from" integer references odd."from");
  create table odd."a.b" (x odd.mood not null, y odd.mood[]);
  create table odd.nothing ();
  create view odd."a b" as select * from odd."a.b";
  create materialized view odd.kept as select 1 as one, 'x'::text as two;
  create schema json; create table json.value (a json); create table json."array" (a jsonb[]);
  create schema d; create table d.b (a timestamptz[]);
  insert into odd."from" values (1, 'a', 'b', 'c', 'd', 'e', 'f');
  insert into odd."a.b" values ('it''s', '{"so \\"so\\"",null}');
`;

const columns = Object.keys(samples).map((type, i) => ({ type, column: `c${i}` }));
const columnOf = (type: string) => columns.find((one) => one.type === type)!.column;
const [at, on] = [columnOf('timestamptz'), columnOf('date')];
const hasArray = (type: string) => type !== 'odd.small_list';

async function withOdd(work: (project: TestProject) => Promise<void>): Promise<void> {
  const serve = `{ schemas: ['odd', 'json', 'd'] }, generate: { schemas: ['odd', 'json', 'd'] }`;
  await withProject({ 'medallion.config.ts': config(serve) }, async (project) => {
    await createRoles(project.sql, 'anon');
    await project.sql.unsafe(ugly);
    const types = columns.flatMap(({ type, column }) => [
      `${column} ${type} not null`,
      ...(hasArray(type) ? [`${column}s ${type}[] not null`] : []),
    ]);
    await project.sql.unsafe(`create table odd.types (${types.join(', ')})`);
    const values = columns.flatMap(({ type, column }) => {
      const one = `'${samples[type]!.replaceAll("'", "''")}'::${type}`;
      return hasArray(type)
        ? [`${one} as ${column}`, `array[${one}] as ${column}s`]
        : [`${one} as ${column}`];
    });
    await project.sql.unsafe(`insert into odd.types select ${values.join(', ')}`);
    for (const schema of ['odd', 'json', 'd'])
      await project.sql.unsafe(
        `grant usage on schema ${schema} to anon; grant select on all tables in schema ${schema} to anon`,
      );
    await work(project);
  });
}

/** Whether a value is of a type, as `database.ts` writes it. */
function fits(value: unknown, type: string): boolean {
  const list = /^(?:ArrayType<(.+)>|(\w+)\[\])$/.exec(type);
  if (list)
    return (
      Array.isArray(value) && value.length === 1 && value.every((one) => fits(one, (list[1] ?? list[2])!))
    );
  if (type === 'Timestamp') return value instanceof Date && !Number.isNaN(value.getTime());
  if (type === 'Buffer') return Buffer.isBuffer(value);
  if (type === 'Json') return typeof value === 'object';
  if (['Int8', 'Numeric'].includes(type)) return typeof value === 'string';
  if (type.startsWith("'")) return typeof value === 'string' && type.includes(`'${value}'`);
  return typeof value === type;
}

test('what Kysely returns is what database.ts says, for every type', () =>
  withOdd(async (project) => {
    assert.is((await project.mdl('generate', 'kysely')).code, 0);
    const text = project.read('generated/database.ts');
    const body = /export interface OddTypes \{\n([\s\S]*?)\n\}/.exec(text)![1]!;
    const declared = new Map(
      [...body.matchAll(/^ {2}(c\d+s?): (.+);$/gm)].map((match) => [match[1]!, match[2]!]),
    );
    process.env.DATABASE_URL = project.url;
    const db = await openDatabase<any>({ projectDir: project.dir, max: 2 });
    try {
      const [row] = (await db.selectFrom('odd.types').selectAll().execute()) as Record<string, unknown>[];
      assert.is(Object.keys(row!).length, declared.size);
      for (const { type, column } of columns)
        for (const name of [column, `${column}s`])
          if (declared.has(name))
            assert.ok(
              fits(row![name], declared.get(name)!),
              `${type} ${name}: ${declared.get(name)} is ${typeof row![name]} ${String(row![name])}`,
            );
      const valueOfType = (type: string) => row![columnOf(type)];
      assert.is(valueOfType('bigint'), '9007199254740993');
      assert.is(valueOfType('date'), '0044-03-15 BC');
      assert.is((valueOfType('timestamp') as Date).toISOString(), '2024-05-01T12:00:00.123Z');
      assert.is((valueOfType('timestamptz') as Date).toISOString(), '1800-05-01T12:00:00.000Z');
      const moments = async (query: string) =>
        (await sql<{ at: Date }>`select ${sql.raw(query)} as at`.execute(db)).rows[0]!.at;
      assert.is(
        (await moments(`'0044-03-15 12:00 BC'::timestamp`)).toISOString(),
        '-000043-03-15T12:00:00.000Z',
      );
      assert.is(
        (await moments(`'12024-03-15 12:00+00'::timestamptz`)).toISOString(),
        '+012024-03-15T12:00:00.000Z',
      );
      assert.ok(Number.isNaN((await moments(`'infinity'::timestamptz`)).getTime()));
      await sql`set time zone 'America/Sao_Paulo'`.execute(db);
      // Before 1914 the clock of São Paulo was off by minutes and seconds.
      assert.is(
        (await moments(`'1900-01-01 12:00:00+00'::timestamptz`)).toISOString(),
        '1900-01-01T12:00:00.000Z',
      );
      const same = await db
        .selectFrom('odd.types')
        .select('c0')
        .where(at, '=', valueOfType('timestamptz'))
        .execute();
      assert.is(same.length, 1);
      const day = await db.selectFrom('odd.types').select('c0').where(on, '=', '0044-03-15 BC').execute();
      assert.is(day.length, 1);
    } finally {
      await db.destroy();
    }
  }));

const names = [
  'database.ts',
  'supabase.ts',
  'schemas.ts',
  'openapi.json',
  'openapi.json.json',
  'openapi.d.json',
];

test('odd names and types give files that compile, the same on every server', () =>
  withOdd(async (project) => {
    assert.is((await project.mdl('generate')).code, 0);
    const text = names.map((name) => `${name}\n${project.read(`generated/${name}`)}`).join('\n');
    const file = new URL('./snapshots/generated.txt', import.meta.url);
    if (process.env.UPDATE_SNAPSHOTS) writeFileSync(file, text);
    assert.snapshot(text, readFileSync(file, 'utf8'), 'UPDATE_SNAPSHOTS=1 when the change is meant');
    assert.is(
      await compile(project, {
        'kysely.ts': `import { openDatabase } from 'medallion/client';
import type { DB } from './generated/database.js';
const db = await openDatabase<DB>({ target: 'default' });
export const [row] = await db.selectFrom('odd.from').select(['Ação!', '__proto__', '*/', 'two\\nlines', 'a"b\\'c\\\\d']).execute();
export const mood: 'so "so"' | "it's" | 'a\\\\b' | undefined = (await db.selectFrom('odd.a b').select('x').execute())[0]?.x ?? undefined;
export const json = await db.selectFrom(['json.value', 'json.array', 'd.b', 'odd.kept']).select(['json.value.a', 'two']).execute();`,
        'supabase.ts': `import { createClient } from '@supabase/supabase-js';
import type { CompositeTypes, Database, Enums, Tables } from './generated/supabase.js';
const client = createClient<Database>('http://127.0.0.1', 'key').schema('odd');
const { data } = await client.from('From').select('id, from(class, __proto__)').limit(1).single();
export const key: number | undefined = data?.from?.class;
export const mood: Enums<'mood'> = "it's";
export const pair: CompositeTypes<'pair'> = { left_one: 1, 'right one': null, moods: ["it's"] };
export const list: Tables<'types'>['c0s'] = [1];
const { data: kept } = await client.from('kept').select('one').single();
export const one: number | null = kept!.one;`,
        'zod.ts': `import { schemas } from './generated/schemas.js';
export const mood: string = schemas.odd['a.b'].parse({}).x;`,
      }),
      '',
    );
  }));

test('zod schemas take what the API sends, and refuse something else', () =>
  withOdd(async (project) => {
    assert.is((await project.mdl('generate', 'zod')).code, 0);
    // The project's own packages are those of this repository.
    await compile(project, {});
    const { schemas } = await import(pathToFileURL(`${project.dir}/generated/schemas.ts`).href);
    // In JavaScript that one name is no key like others; zod leaves it out.
    const keys = (row: object) => Object.keys(row).filter((name) => name !== '__proto__');
    await withApi(project, async (api) => {
      for (const [schema, relations] of Object.entries<Record<string, any>>(schemas))
        for (const [name, rows] of Object.entries(relations)) {
          if (name === 'nothing') continue;
          const { status, json } = await api.get(`/${encodeURIComponent(name)}`, {
            headers: { 'accept-profile': schema },
          });
          assert.is(status, 200, name);
          for (const row of json) assert.equal(keys(rows.parse(row)), keys(row), name);
        }
      const { json } = await api.get('/types');
      assert.is(json.length, 1);
      for (const [column, value] of Object.entries(json[0])) {
        const wrong = schemas.odd.types.safeParse({ ...json[0], [column]: Symbol('wrong') });
        assert.is(wrong.success, false, `${column}: ${JSON.stringify(value)}`);
      }
    });
  }));

test.run();
