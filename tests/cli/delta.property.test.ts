// core: any two tables of one shape: the delta says what differs, and applied makes them the same without touching anything else
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { connect } from '../../dist/database/connect.js';
import { quoteIdentifier, quoteLiteral } from '../../dist/database/identifiers.js';
import {
  applyDeltaSql,
  type DeltaCounts,
  fillDeltaSql,
  readDeltaCounts,
  readKeyEquality,
  type Sides,
} from '../../dist/publish/delta/index.js';
import { type TestProject, testProject } from '../support/project.ts';

const test = suite('delta properties');
let project: TestProject;
let sql: ReturnType<typeof connect>;

test.before(async () => {
  project = await testProject({});
  sql = connect({ url: project.url, max: 1, applicationName: 'delta test' });
  await sql`create schema ext`;
  await sql`create extension citext schema ext`;
  await sql`create extension ltree schema ext`;
  await sql`create type public.pair as (a int, b text)`;
});
test.after(async () => {
  await sql.end();
  await project.close();
});

/** Values that are easily taken for each other, by type. */
const values: Readonly<Record<string, readonly string[]>> = {
  integer: ['0', '1', '-1', '2147483647'],
  text: ['', 'a', 'A', 'a ', "it's", 'é', 'e\u0301', '\\', 'x'.repeat(3000), 'x'.repeat(2999)],
  numeric: ['1', '1.0', '1.00', '0', '-0.0', 'NaN', '1e20', '99999999999999999999.5'],
  'double precision': ['0', '-0', '1', 'NaN', 'Infinity', '0.1'],
  bpchar: ['a', 'a ', 'a  ', 'b'],
  boolean: ['t', 'f'],
  jsonb: ['null', '{}', '{"a": 1}', '{"a": 1.0}', '[]'],
  json: ['null', '{}', '{ }', '{"a":1}', '{"a":1,"a":2}'],
  xml: ['<a/>', '<a></a>'],
  point: ['(0,0)', '(-0,0)', '(1,2)'],
  timestamptz: ['2024-01-01 00:00Z', '2024-01-01 01:00+01', 'infinity', '1970-01-01 00:00Z'],
  interval: ['1 day', '24 hours', '1 month', '30 days'],
  bytea: ['\\x', '\\x00', '\\xff'],
  'integer[]': ['{}', '{1}', '{NULL}', '[0:0]={1}', '{1,NULL}'],
  'numeric[]': ['{1}', '{1.0}'],
  'public.pair': ['(,)', '(1,a)', '(1,)'],
  'ext.citext': ['a', 'A', 'b', 'B'],
  'ext.ltree': ['a', 'a.b', 'A'],
  int4range: ['empty', '[1,2)', '[1,1]', '(,)'],
};
const keyTypes = [
  'integer',
  'text',
  'numeric',
  'double precision',
  'bpchar',
  'timestamptz',
  'interval',
  'bytea',
  'numeric[]',
  'public.pair',
  'ext.citext',
  'ext.ltree',
];
const names = ['id', 'mdl_op', 'key_1', 'p', 'Straße "x"', "it's", 'a b', 'select', 'ctid_', 'k9'];

const shape = fc.record({
  key: fc.array(fc.constantFrom(...keyTypes), { minLength: 1, maxLength: 2 }),
  others: fc.array(fc.constantFrom(...Object.keys(values)), { maxLength: 4 }),
  stamps: fc.nat(2),
  names: fc.shuffledSubarray(names, { minLength: names.length, maxLength: names.length }),
  readsEquality: fc.boolean(),
});
const pair = shape.chain((chosen) => {
  const stamps = Array.from({ length: chosen.stamps }, () => 'integer');
  const types = [...chosen.key, ...chosen.others, ...stamps];
  const cell = (type: string, place: number) => {
    const value = fc.constantFrom(...values[type]!);
    return place < chosen.key.length ? value : fc.option(value, { freq: 6 });
  };
  const row = fc.tuple(...types.map(cell));
  return fc.record({
    ...{ key: fc.constant(chosen.key.length), stamps: fc.constant(stamps.length), types: fc.constant(types) },
    ...{ names: fc.constant(chosen.names), readsEquality: fc.constant(chosen.readsEquality) },
    published: fc.array(row, { maxLength: 12 }),
    kept: fc.array(fc.boolean(), { minLength: 12, maxLength: 12 }),
    fresh: fc.array(row, { maxLength: 6 }),
  });
});

test('a delta is exact, smallest and complete', async () => {
  const seen = { inserted: 0, updated: 0, deleted: 0, untouched: 0 };
  await fc.assert(
    fc.asyncProperty(pair, async (made) => {
      const columns = made.types.map((_, place) => made.names[place]!);
      const key = columns.slice(0, made.key);
      const stamps = columns.slice(columns.length - made.stamps);
      const relation = (name: string) => ({ schema: 'Da"ta', name });
      const list = (names: readonly string[], alias: string) =>
        names.map((name) => `${alias}.${quoteIdentifier(name)}`).join(', ');
      const create = (name: string, rows: readonly (readonly (string | null)[])[]) =>
        `create table "Da""ta".${name} (${columns.map((column, i) => `${quoteIdentifier(column)} ${made.types[i]}`).join(', ')}, primary key (${key.map(quoteIdentifier).join(', ')}));
        ${rows.map((row) => `insert into "Da""ta".${name} values (${row.map((value) => (value === null ? 'null' : quoteLiteral(value))).join(', ')}) on conflict do nothing`).join(';\n')};`;
      const staged = [...made.fresh, ...made.published.filter((_, place) => made.kept[place])];
      await sql.unsafe(`drop schema if exists "Da""ta" cascade; create schema "Da""ta";
        ${create('published', made.published)} ${create('staged', staged)}
        create table "Da""ta".before as select ctid as was_at, * from "Da""ta".published`);
      const equality = made.readsEquality
        ? await readKeyEquality(sql, relation('published'), key)
        : undefined;
      assert.is(equality?.length, made.readsEquality ? key.length : undefined);
      const sides: Sides = {
        published: relation('published'),
        staged: relation('staged'),
        key,
        columns,
        stamps,
        equality,
      };
      const delta = relation('delta');
      // Where the operators are known, they are found although nothing is in the search path.
      const path = made.readsEquality ? `''` : 'public, ext';
      const counts: DeltaCounts = await sql.begin(async (tx) => {
        await tx.unsafe(`set local search_path = ${path}`);
        await tx.unsafe(fillDeltaSql(sides, delta));
        const counts = await readDeltaCounts(tx, delta);
        const { deletes, updates, inserts } = applyDeltaSql(sides, delta);
        assert.is((await tx.unsafe(deletes)).count, counts.deleted);
        assert.is((await tx.unsafe(updates)).count, counts.updated);
        assert.is((await tx.unsafe(inserts)).count, counts.inserted);
        return counts;
      });
      const compared = columns.filter((column) => !stamps.includes(column));
      const same = (a: string, b: string, of: readonly string[]) =>
        `row(${list(of, a)})::record operator(pg_catalog.*=) row(${list(of, b)})::record`;
      const [found] = await sql.unsafe<[Record<string, number>]>(`
        select (select count(*) from "Da""ta".before) as before, (select count(*) from "Da""ta".staged) as staged, (select count(*) from "Da""ta".published) as published,
               (select count(*) from "Da""ta".before b join "Da""ta".staged s on ${same('b', 's', compared)}) as unchanged,
               (select count(*) from "Da""ta".before b join "Da""ta".published p on p.ctid = b.was_at and ${same('p', 'b', columns)}) as untouched,
               (select count(*) from "Da""ta".published p join "Da""ta".staged s on ${same('p', 's', compared)}) as alike,
               (select count(*) from "Da""ta".published p join "Da""ta".staged s on ${same('p', 's', columns)}
                 where not exists (select from "Da""ta".before b where p.ctid = b.was_at)) as written`);
      const { before, unchanged } = found!;
      assert.is(found!.published, found!.staged);
      assert.is(found!.alike, found!.staged);
      assert.is(found!.untouched, unchanged);
      assert.is(found!.written, counts.inserted + counts.updated);
      assert.is(counts.deleted + counts.updated + unchanged!, before);
      assert.is(counts.inserted + counts.updated + unchanged!, found!.staged);
      for (const name of ['inserted', 'updated', 'deleted'] as const) seen[name] += counts[name];
      seen.untouched += unchanged!;
    }),
    { numRuns: Number(process.env.MDL_TEST_DELTAS ?? 60) },
  );
  for (const [name, count] of Object.entries(seen)) assert.ok(count > 0, name);
  console.log(`measured: rows ${JSON.stringify(seen)}`);
});

test.run();
