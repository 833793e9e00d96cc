// in one process
import fc from 'fast-check';
import postgres from 'postgres';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { checkDeclaration, runnable, runTests } from '../../dist/tests/index.js';
import { withProject } from '../support/project.ts';

const test = suite('data tests');
const signal = new AbortController().signal;
let statements: string[] = [];
const sql = postgres(process.env.MDL_TEST_URL!, {
  max: 1,
  onnotice: () => {},
  debug: (_, query) => void statements.push(query),
});
const relation = { schema: 'pg_temp', name: 'Tábua "x"' };

test.after(() => sql.end());

async function table(columns: string, values: string): Promise<void> {
  await sql.unsafe(
    `drop table if exists pg_temp."Tábua ""x"""; create temporary table "Tábua ""x""" (${columns}); ${values ? `insert into "Tábua ""x""" values ${values}` : ''}`,
  );
}

function declared(kind: string, argument: unknown = true, options: Record<string, unknown> = {}) {
  const declaration = {
    kind,
    argument,
    severity: 'error',
    where: { file: 'models/silver/t.sql', line: 7 },
    ...options,
  };
  return checkDeclaration(declaration as never, null, []);
}

async function run(...tests: ReturnType<typeof declared>[]) {
  const ready = tests.map((one) =>
    runnable(one, 'silver.t', relation, (name) => ({
      schema: name.split('.')[0]!,
      name: name.split('.')[1]!,
    })),
  );
  statements = [];
  return runTests({ sql: sql as never, node: 'silver.t', relation, signal }, ready);
}

test('each built-in test finds what breaks it, and only that', async () => {
  await table(
    'id integer, "E mail" text, n integer, at timestamptz',
    `(1, 'a@b', 5, now()), (1, 'x''y', 500, now() - interval '3 days'), (null, '\\', null, null)`,
  );
  const column = (name: string) => ({ column: name });
  const results = await run(
    declared('not_null', true, column('id')),
    declared('unique', true, column('id')),
    declared('unique', ['id', 'n']),
    declared('accepted_values', ['a@b', "x'y", '\\'], column('E mail')),
    declared('accepted_values', [5], column('n')),
    declared('between', [0, 100], column('n')),
    declared('between', [null, 1000], column('n')),
    declared('matches', '^[^@]+@[^@]+$', column('E mail')),
    declared('expression', 'n > 10 -- why not'),
    declared('row_count', { min: 4 }),
    declared('row_count', { equals: 3 }),
    declared('freshness', { within: '1 hour' }, column('at')),
    declared('relationships', 'pg_catalog.pg_class.relname', column('E mail')),
  );
  assert.equal(
    results.map((result) => `${result.title}: ${result.failures} ${result.status}`),
    [
      'not_null (id): 1 failed',
      'unique (id): 1 failed',
      'unique (id, n): 0 passed',
      `accepted_values (E mail: a@b, x'y, \\): 0 passed`,
      'accepted_values (n: 5): 1 failed',
      'between 0 and 100 (n): 1 failed',
      'at most 1000 (n): 0 passed',
      'matches ^[^@]+@[^@]+$ (E mail): 2 failed',
      'expression n > 10 -- why not: 1 failed',
      'row_count min 4: 1 failed',
      'row_count equals 3: 0 passed',
      'freshness within 1 hour (at): 0 passed',
      'relationships (E mail in pg_catalog.pg_class.relname): 3 failed',
    ],
  );
  assert.equal(results[1]!.samples, [{ id: '1', rows: '2' }]);
  assert.equal(results[9]!.samples, [{ rows: '3' }]);
});

test('relationships over several columns: one null lets a row pass', async () => {
  await table('a integer, b text', `(1, 'x'), (1, 'y'), (2, 'x'), (null, 'q'), (9, null), (null, null)`);
  await sql.unsafe(
    `create temporary table parents as select * from (values (1, 'x'), (2, 'y'), (9, 'z')) as p (k, "L l")`,
  );
  const [pairs, kept] = await run(
    declared('relationships', { columns: ['a', 'b'], to: 'pg_temp.parents', fields: ['k', 'L l'] }),
    declared('relationships', { columns: ['a'], to: 'pg_temp.parents', fields: ['k'] }),
  );
  assert.is(pairs!.title, 'relationships (a, b in pg_temp.parents: k, L l)');
  assert.equal(pairs!.samples, [
    { a: '1', b: 'y' },
    { a: '2', b: 'x' },
  ]);
  assert.is(kept!.status, 'passed');
});

test('row rules share one scan, however many there are', async () => {
  await table('a integer, b integer', '(1, 2)');
  const many = Array.from({ length: 300 }, (_, i) =>
    declared('between', [0, i + 10], { column: i % 2 === 0 ? 'a' : 'b' }),
  );
  const results = await run(...many, declared('row_count', { min: 1 }));
  assert.ok(results.every(({ status }) => status === 'passed'));
  assert.is(statements.length, 1);
});

test('severity, thresholds and where', async () => {
  await table('n integer', '(1), (2), (null), (null), (null)');
  const results = await run(
    declared('not_null', true, { column: 'n', severity: 'warn' }),
    declared('not_null', true, { column: 'n', errorIf: '>3' }),
    declared('not_null', true, { column: 'n', errorIf: '>=3' }),
    declared('not_null', true, { column: 'n', errorIf: '>3', warnIf: '>3' }),
    declared('not_null', true, { column: 'n', filter: 'n is not null -- x' }),
    declared('row_count', { equals: 2 }, { filter: 'n > 0' }),
    declared('unique', true, { column: 'n', filter: 'n = 1' }),
  );
  assert.equal(
    results.map(({ status, failures }) => `${failures} ${status}`),
    ['3 warned', '3 warned', '3 failed', '3 passed', '0 passed', '0 passed', '0 passed'],
  );
});

test('a test whose SQL fails is errored and spoils no other', async () => {
  await table('n integer', '(1), (-1)');
  const results = await run(
    declared('expression', 'nothing > 1'),
    declared('between', [0, 5], { column: 'n' }),
    declared('matches', '(', { column: 'n' }),
  );
  assert.equal(
    results.map(({ status }) => status),
    ['errored', 'failed', 'errored'],
  );
  assert.is(results[0]!.error!.code, 'MDL4102');
  assert.match(results[0]!.error!.message, 'column "nothing" does not exist');
});

test('an empty relation passes all but row_count and freshness', async () => {
  await table('n integer, at timestamptz', '');
  const results = await run(
    declared('not_null', true, { column: 'n' }),
    declared('unique', true, { column: 'n' }),
    declared('row_count', { min: 1 }),
    declared('freshness', { within: '1 day' }, { column: 'at' }),
  );
  assert.equal(
    results.map(({ status }) => status),
    ['passed', 'passed', 'failed', 'failed'],
  );
});

test('random tables against plain JavaScript', async () => {
  const value = fc.option(fc.constantFrom('a', 'b', "'", '\\', '', 'c'), { nil: null });
  await fc.assert(
    fc.asyncProperty(
      fc.array(value, { maxLength: 12 }),
      fc.array(fc.constantFrom('a', 'b', "'", '\\', ''), { minLength: 1, maxLength: 3 }),
      async (values, accepted) => {
        await table('v text', '');
        for (const one of values) await sql`insert into pg_temp."Tábua ""x""" values (${one})`;
        const [notNull, unique, known] = await run(
          declared('not_null', true, { column: 'v' }),
          declared('unique', true, { column: 'v' }),
          declared('accepted_values', accepted, { column: 'v' }),
        );
        const given = values.filter((one) => one !== null);
        assert.is(notNull!.failures, values.length - given.length);
        assert.is(
          unique!.failures,
          [...new Set(given)].filter((one) => given.filter((other) => other === one).length > 1).length,
        );
        assert.is(
          known!.failures,
          given.filter((one) => !(accepted as readonly string[]).includes(one)).length,
        );
      },
    ),
    { numRuns: 60 },
  );
});

const wrong: readonly [kind: string, argument: unknown, options?: Record<string, unknown>][] = [
  ['not_nul', true, { column: 'a' }],
  ['not_null', true],
  ['not_null', [1], { column: 'a' }],
  ['unique', true],
  ['unique', ['zz']],
  ['between', [1], { column: 'a' }],
  ['between', [null, null], { column: 'a' }],
  ['accepted_values', [], { column: 'a' }],
  ['relationships', 'silver', { column: 'a' }],
  ['relationships', { to: 'silver.x' }, { column: 'a' }],
  ['relationships', 'silver.x.a'],
  ['relationships', { to: 'silver.x', field: 'a' }],
  ['relationships', { columns: ['a'], to: 'silver.x', fields: ['a', 'b'] }],
  ['relationships', { columns: ['zz'], to: 'silver.x', fields: ['a'] }],
  ['relationships', { columns: ['a'], to: 'silver.x', fields: ['a'] }, { column: 'a' }],
  ['matches', '', { column: 'a' }],
  ['row_count', { mn: 1 }],
  ['row_count', { min: 1 }, { column: 'a' }],
  ['freshness', { within: 'soon' }, { column: 'a' }],
  ['not_null', true, { column: 'a', errorIf: 'many' }],
];
test('wrong declarations are MDL1202 where they stand', () => {
  for (const [kind, argument, options] of wrong) {
    try {
      checkDeclaration(
        { kind, argument, severity: 'error', where: { file: 'm.sql', line: 3 }, ...options } as never,
        [{ name: 'a' }] as never,
        ['mine'],
      );
      assert.unreachable(`${kind} ${JSON.stringify(argument)}`);
    } catch (error) {
      assert.is((error as { code: string }).code, 'MDL1202', String(error));
      assert.is((error as { where: { line: number } }).where.line, 3);
    }
  }
});

test('a test that takes longer than statementTimeout names itself, and what to do', () =>
  withProject(
    {
      'medallion.config.ts': `export default { name: 'loja', database: process.env.DATABASE_URL, statementTimeout: '300ms' };`,
      'models/gold/n.sql':
        '/*---\ntests: [{ expression: "n > 0 and pg_sleep(5) is not null" }]\n---*/\nselect 1 as n',
      'models/gold/m.sql': 'select 1 as n',
      'tests/slow.sql': 'select 1 from {{ref "gold.m"}} where pg_sleep(5) is null',
    },
    async (project) => {
      const events = await project.events('build');
      const results = events.flatMap((event) => [...(event.tests ?? []), ...(event.results ?? [])]);
      for (const name of ['gold.n', 'test.slow']) {
        const result = results.find(({ node }) => node === name);
        assert.is(result.error.code, 'MDL4102', name);
        assert.match(result.error.hint, "statementTimeout: '1h'");
      }
    },
  ));

test.run();
