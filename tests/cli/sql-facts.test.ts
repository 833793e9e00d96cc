// core: runs on every server

import type postgres from 'postgres';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readFunctionFacts } from '../../dist/build/function-facts.js';
import type { Queryable } from '../../dist/database/sql.js';
import { functionsHash, volatileReasons } from '../../dist/graph/sql-facts/judge.js';
import { openSqlFacts } from '../../dist/graph/sql-facts/open.js';
import { type TestProject, testProject } from '../support/project.ts';

const test = suite('facts of queries');
let factsOf: Awaited<ReturnType<typeof openSqlFacts>>;
let project: TestProject;
test.before(async () => {
  factsOf = await openSqlFacts();
  project = await testProject({});
});
test.after(() => project.close());

const engine = (sql: postgres.Sql) => sql as unknown as Queryable;
const reasons = async (query: string, sql: postgres.Sql = project.sql) => {
  const facts = factsOf(query);
  return volatileReasons(facts, await readFunctionFacts(engine(sql), [facts]));
};
const hashOf = async (query: string) => {
  const facts = factsOf(query);
  return functionsHash(facts, await readFunctionFacts(engine(project.sql), [facts]));
};
const names = (sql: string) => {
  const { functions, relations } = factsOf(sql);
  const shown = ({ schema, name }: { schema?: string; name: string }) =>
    schema === undefined ? name : `${schema}.${name}`;
  return [functions.map((one) => `${shown(one)}/${one.args}`).join(' '), relations.map(shown).join(' ')];
};

test('functions are found wherever they stand', () => {
  assert.equal(
    names(`
      with a as (select f1(x) from t1)
      select f2(variadic x), count(*) filter (where f3(x)), sum(f4(y)) over (partition by f5(z) order by f6()), s."F 7"(a => 1, b => 2),
             (select max(f8(v)) from t2), percentile_cont(0.5) within group (order by f9(w)), case when f10() then f11() end, x[f12()], (f13(r)).c
        from a join t3 on f14(t3.k) = 1, lateral f15(1), rows from (f16(), f17()), xmltable('/r' passing f18() columns c text default f19()),
             (values (f20())) v (x), t4 tablesample system (f21()) repeatable (1)
       where exists (select from t5 where f22()) group by f23(), grouping sets ((f24())) having f25() window w as (order by f26())
       union select f27() order by f28() limit f29() offset f30()`)[0],
    'count/0 f1/1 f10/0 f11/0 f12/0 f13/1 f14/1 f15/1 f16/0 f17/0 f18/0 f19/0 f2/1 f20/0 f21/0 f22/0 f23/0 f24/0 f25/0 f26/0 f27/0 f28/0 f29/0 f3/1 f30/0 f4/1 f5/1 f6/0 f8/1 f9/1 max/1 percentile_cont/2 sum/1 s.F 7/2',
  );
});

test('relations are those that no with query stands for', () => {
  const relations = (sql: string) => names(sql)[1];
  assert.is(
    relations(`select * from "S 1"."Tábela ""x""" a, b, lateral (select * from only c.d) x for update of a`),
    'b S 1.Tábela "x" c.d',
  );
  assert.is(relations('with a as (select * from a) select * from a'), 'a');
  assert.is(
    relations('with recursive a as (select * from b union all select * from a) select * from a'),
    'b',
  );
  assert.is(relations('with recursive a as (select * from b), b as (select 1) select * from a'), '');
  assert.is(relations('with a as (select * from b), b as (select 1) select * from a, b'), 'b');
  assert.is(relations('with a as (select 1) select * from s.a, a'), 's.a');
  assert.is(relations('(with a as (select 1) select * from a) union select * from a'), 'a');
  assert.is(relations('select (with a as (select 1) select x from a), (select y from a)'), 'a');
  assert.is(
    relations(
      'with a as (with b as (select 1) insert into t select * from b, c returning x) select * from a, b',
    ),
    'b c',
  );
  assert.is(relations('select * from (a join b using (k)) j where x in (select y from a)'), 'a b');
});

test('what moves on with time is told by the text', () => {
  const moving: Readonly<Record<string, readonly string[]>> = {
    'select current_date': ['current_date'],
    'select current_time(3), current_timestamp, localtime, localtimestamp(0)': [
      'current_time',
      'current_timestamp',
      'localtime',
      'localtimestamp',
    ],
    'select current_user, session_user, user, current_role, current_catalog, current_schema': [
      'current_catalog',
      'current_role',
      'current_schema',
      'current_user',
      'session_user',
      'user',
    ],
    "select 'today'::date": ["'today'::date"],
    "select date 'Tomorrow'": ["'Tomorrow'::date"],
    "select cast('now' as timestamptz)": ["'now'::timestamptz"],
    "select 'now'::text::timestamp": ["'now'::timestamp"],
    "select '10:00 yesterday'::timestamp(0) with time zone": ["'10:00 yesterday'::timestamptz"],
    "select case when a then 'today' else '2024-01-01' end::date": ["'today'::date"],
    "select array['now', null]::timestamp[]": ["'now'::timestamp[]"],
    "select '[today,infinity)'::daterange": ["'[today,infinity)'::daterange"],
    "select 'now'::public.meu_dia": ["'now'::meu_dia"],
    "select x from t where dia >= 'yesterday'": ["'yesterday'"],
    "select x from t where dia in ('2024-01-01', 'today')": ["'today'"],
    "select x from t where dia between 'yesterday' and 'today'": ["'today'", "'yesterday'"],
    "select 'today' - dia, coalesce(fim, 'now'), date_trunc('month', fim) = date_trunc('month', timestamp 'now')":
      ["'now'", "'now'::timestamp", "'today'"],
    "select date('today')": ["'today'"],
    'select x::timetz': ['a cast to timetz'],
    'select * from t tablesample bernoulli (1)': ['tablesample without repeatable'],
  };
  const mayMove = (sql: string) => {
    const { timeDependent, words = [] } = factsOf(sql);
    return [...new Set([...timeDependent, ...words.map(({ text }) => text)])].sort();
  };
  for (const [sql, expected] of Object.entries(moving)) assert.equal(mayMove(sql), expected, sql);
  for (const sql of [
    "select date '2024-01-01', 'epoch'::timestamptz, 'infinity'::date, interval '1 day', 'nowadays'::meu_tipo",
    "select 'today' as dia, case when a then 'today' else 'late' end as prazo, 'now'::text, replace(x, 'now', 'then')",
    "select x from t where lower(dia) = 'today' or j ->> 'd' = 'now' or d::text = 'today' or d = 'today'::text or x like 'today%' or y = 'seen today'",
    'select * from t tablesample system (10) repeatable (7)',
    'select x from t for update',
  ])
    assert.equal(mayMove(sql), [], sql);
});

test('a word like today is a date where the contract, a sibling or a function makes one of it', () => {
  const certain = (sql: string, type?: string) =>
    factsOf(sql, type === undefined ? [] : [{ name: 'dia', type }]).timeDependent.join();
  const word = "'today'";
  assert.is(certain("select 'today' as dia from t", 'date'), word);
  assert.is(certain("select ' TODAY ' as dia from t", 'public.data'), "' TODAY '");
  assert.is(certain("select case when a then 'today' else '2024-01-01' end as dia", 'timestamp(0)[]'), word);
  assert.is(certain("select 'today' as dia from t", 'varchar(10)'), '');
  assert.is(certain("select 'today' as status, now as dia from t", 'date'), '');
  assert.is(certain("select 'today' as x from t union all select 'later'", 'date'), word);
  assert.is(certain("values ('today'), ('later')", 'date'), word);
  assert.is(certain("values ('today'), ('later')", 'text'), '');
  assert.is(certain("select x as dia from (select 'today' as x) q", 'date'), word);
  assert.is(certain("with q as (values ('today')) select column1::date as dia from q"), word);
  assert.is(certain("with q as (select 'today' as x) select date(x) from q"), word);
  assert.is(certain("with q as (select 'today' as x) select x from q"), '');
  assert.is(certain("select current_date - 1 as d union all select 'today'"), "'today',current_date");
  assert.is(certain("select * from a union all select 'today', 1"), word);
  assert.is(certain("select 'today' in (select max(d) from t)"), word);
  assert.is(certain("select a::text as d from t union all select 'today'"), '');
  assert.is(certain("select case dia + 1 when 'today' then 1 end"), word);
  const words = (sql: string) => factsOf(sql).words ?? [];
  const status = [{ text: word, columns: ['status'] }];
  for (const sql of [
    "select 1 from t where status = 'today'",
    "select 1 from t where t.status in ('today', 'later')",
    "select status from t union all select 'today'",
    "select case status when 'today' then 1 end from t",
    "select array[status, 'today'] from t",
    "select 1 from t where 'today' = any (select status from u)",
    "select status from (select status from t) as q where status = 'today'",
  ])
    assert.equal([certain(sql), words(sql)], ['', status], sql);
  for (const sql of [
    "select 1 from (select dia as status from t) q where status = 'today'",
    "select 1 from t as q (status) where status = 'today'",
    "with q (status) as (select dia from t) select 1 from q where status = 'today'",
    "select 1 from f() where status = 'today'",
  ])
    assert.equal([certain(sql), words(sql)], [word, []], sql);
  assert.equal(words("select f(x, 'today'), lower('today'), g('at today')"), [
    { text: word, call: { name: 'f', args: 2 } },
  ]);
});

test('SQL that cannot be read is the same only as its own text', () => {
  const sql = [
    'select 1 frobnicate 2 x y',
    '',
    'select',
    `select ${'('.repeat(30_000)}1${')'.repeat(30_000)}`,
    `select 1${'+1'.repeat(30_000)}`,
    'select 1\0, now()',
  ];
  const unread = sql.filter((text) => factsOf(text).timeDependent.length > 0);
  assert.equal(
    unread.map((text) => text.slice(0, 12)),
    ['select 1 fro', '', 'select (((((', 'select 1+1+1', 'select 1\0, n'],
  );
  assert.is(factsOf(unread[0]!).hash, factsOf(unread[0]!).hash);
  assert.is.not(factsOf(unread[0]!).hash, factsOf(`${unread[0]} `).hash);
});

test('comments may stand where the parser looks ahead', () => {
  const [plain, commented] = [
    "select 'é' from f() with ordinality where x not in (now())",
    "select 'é' from f() with /* ção -- */ ordinality where x not -- 'é\n in (now())",
  ].map((sql) => factsOf(sql));
  assert.equal(commented, plain);
  assert.equal(
    plain!.functions.map(({ name }) => name),
    ['f', 'now'],
  );
});

test('functions of Postgres: what looks at the clock, the session, the server or other data counts', async () => {
  assert.equal(
    await reasons(`select now(), pg_catalog.clock_timestamp(), random(), gen_random_uuid(), age(x), current_setting('a'), nextval('s'), to_regclass('x'),
      query_to_xml('select 1', true, true, ''), pg_relation_size('t'), txid_current(), timetz(x), version(), inet_client_addr()`),
    [
      'age()',
      'current_setting()',
      'gen_random_uuid()',
      'inet_client_addr()',
      'nextval()',
      'now()',
      'pg_relation_size()',
      'query_to_xml()',
      'random()',
      'timetz()',
      'to_regclass()',
      'txid_current()',
      'version()',
      'clock_timestamp()',
    ],
  );
  assert.equal(
    await reasons(`select age(x, y), date_trunc('month', x), to_char(x, 'YYYY'), to_date(x, 'YYYY'), to_timestamp(x, 'YYYY'), to_timestamp(0), concat(a, b), concat_ws(',', a),
      format('%s', a), array_to_string(a, ','), to_tsvector(a), jsonb_agg(a), json_build_object('a', a), count(*), percentile_cont(0.5) within group (order by a),
      row_number() over (), x at time zone 'utc', extract(year from x), generate_series(x, y, '1 day'), upper(a), trim(a), to_jsonb(a), rank(1) within group (order by a),
      does_not_exist(1), no_schema.now()`),
    [],
  );
});

test('every stable function of the server is known to depend on its arguments only, or not to', async () => {
  const rows = await project.sql<{ name: string; args: number }[]>`
    select distinct proname as name, pronargs as args from pg_proc
     where pronamespace = 'pg_catalog'::regnamespace and provolatile = 's' and prokind <> 'p'
       -- Not what only Postgres itself can call, nor the text form of types.
       and not ('{cstring,internal}'::regtype[]::oid[] && (proargtypes::oid[] || prorettype))`;
  const dependent =
    /^(pg_(?!char_to_encoding$|encoding_to_char$|input_|typeof$|collation_for$)|has_|current_|session_user$|system_user$|inet_|txid_|to_reg|enum_(first|last|range)$|.*_to_xml(_and_xmlschema)?$|.*_to_xmlschema$|fmgr_|brin_|jsonb_path_.*_tz$|(col|obj|shobj)_description$)/;
  const others = new Set(
    'aclexplode age format_type get_current_ts_config getdatabaseencoding getpgusername mxid_age now oidvectortypes regclass row_security_active statement_timestamp timetz transaction_timestamp version'.split(
      ' ',
    ),
  );
  assert.ok(rows.length > 350);
  const queries = rows.map(({ name, args }) =>
    factsOf(`select pg_catalog."${name}"(${Array(args).fill('null').join(', ')})`),
  );
  const functions = await readFunctionFacts(engine(project.sql), queries);
  const unknown = rows.filter(
    ({ name }, i) =>
      volatileReasons(queries[i]!, functions).length > 0 !== (dependent.test(name) || others.has(name)),
  );
  assert.equal(unknown, []);
});

test('functions of users: as they are declared, and those that are stable may read', async () => {
  await project.sql.unsafe(`
    create schema "Área 1";
    create function "Área 1"."Taxa ""x"""() returns int language sql as 'select 1';
    create function public.taxa() returns int language sql as 'select 1';
    create function public.lida(a int) returns int stable language sql as 'select 1';
    create function public.certa(a int, b int default 1) returns int immutable language sql as 'select 1';
    create function public.certa(a int, b int, c int) returns int volatile language sql as 'select 1';
    create function public.lista(variadic a int[]) returns int immutable language sql as 'select 1';
    create function public.lista() returns int volatile language sql as 'select 1';
    create function public.linhas() returns setof int stable language sql as 'select 1';
    create function public.soma_v(int, int) returns int volatile language sql as 'select 1';
    create aggregate public.soma(int) (sfunc = public.soma_v, stype = int);
    create aggregate public.soma_certa(int) (sfunc = int4pl, stype = int);
    create function public.now() returns int volatile language sql as 'select 1'`);
  assert.equal(
    await reasons('select taxa(), lida(1), public.lida(1)'),
    ['public.taxa() is volatile', 'public.lida() is stable: it may read other tables'].sort(),
  );
  assert.equal(await reasons('select "Área 1"."Taxa ""x"""()'), ['"Área 1"."Taxa ""x"""() is volatile']);
  assert.equal(await reasons('select "Taxa ""x"""()'), []);
  assert.equal(await reasons('select * from linhas()'), [
    'public.linhas() is stable: it may read other tables',
  ]);
  assert.equal(await reasons('select certa(1), certa(1, 2), soma_certa(1), lista(1), lista(1, 2, 3)'), []);
  assert.equal(await reasons('select certa(1, 2, 3)'), ['public.certa() is volatile']);
  assert.equal(await reasons('select certa()'), ['public.certa() is volatile']);
  assert.equal(await reasons('select lista()'), ['public.lista() is volatile']);
  assert.equal(await reasons('select soma(1)'), ['public.soma() is volatile']);
  assert.equal(await reasons('select now()'), ['now()']);
  assert.equal(await reasons('select public.now()'), ['public.now() is volatile']);
});

test('the search path of the session decides what a name means', async () => {
  await project.sql.unsafe(`
    create schema um; create schema dois;
    create function um.qual() returns int immutable language sql as 'select 1';
    create function dois.qual() returns int volatile language sql as 'select 2'`);
  const under = (path: string) =>
    project.sql.begin(async (tx) => {
      await tx.unsafe(`set local search_path = ${path}`);
      return reasons('select qual()', tx as unknown as postgres.Sql);
    });
  assert.equal(await under('um, dois'), []);
  assert.equal(await under('dois, um'), ['dois.qual() is volatile']);
  assert.equal(await under("''"), []);
});

test('extensions: stable functions may read tables, unless they are known not to', async () => {
  await project.sql.unsafe(
    'create schema ext; create extension unaccent schema ext; create extension tablefunc schema ext; create extension pgcrypto schema ext',
  );
  assert.equal(await reasons(`select ext.unaccent('é'), ext.digest('a', 'sha256')`), []);
  assert.equal(await reasons(`select ext.gen_salt('bf'), ext.unaccent('é')`), ['ext.gen_salt() is volatile']);
  assert.equal(await reasons(`select * from ext.crosstab('select 1') as t (a int, b int)`), [
    'ext.crosstab() is stable: it may read other tables',
  ]);
  assert.is(await hashOf(`select ext.unaccent('é'), now()`), '');
});

test('a changed body, setting or default of a function, or of one that it calls, changes the hash', async () => {
  const define = (name: string, body: string, options = '') =>
    project.sql.unsafe(
      `create or replace function public.${name}(a int default 1) returns int immutable ${options} language plpgsql as $b$ begin return ${body}; end $b$`,
    );
  await define('fundo', 'a + 1');
  await define('"Meio Ção ""x"""', 'FUNDO(a)');
  await define('topo', 'public."Meio Ção ""x"""(a)');
  await define('outra', 'a');
  await project.sql.unsafe('create aggregate public.junta(int) (sfunc = int4pl, stype = int, initcond = 0)');
  const query = 'select topo(1), junta(x), now() from t';
  const seen = [await hashOf(query)];
  assert.match(seen[0]!, /^[\w-]{43}$/);
  assert.is(await hashOf('select  TOPO(2), junta(y), upper(z)'), seen[0]);
  await define('outra', 'a * 9');
  assert.is(await hashOf(query), seen[0], 'what is not called does not count');
  const changes = [
    () => define('topo', '2 * public."Meio Ção ""x"""(a)'),
    () => define('fundo', 'a + 2'),
    () => define('fundo', 'a + 2', 'strict'),
    () => define('"Meio Ção ""x"""', 'fundo(a) + 1'),
    () => project.sql.unsafe(`alter function public.fundo(int) set extra_float_digits = 0`),
    () =>
      project.sql.unsafe(
        'drop aggregate public.junta(int); create aggregate public.junta(int) (sfunc = int4pl, stype = int, initcond = 7)',
      ),
    () =>
      project.sql.unsafe(
        'create function public.topo(a text) returns int immutable language sql begin atomic select 1; end',
      ),
  ];
  for (const change of changes) {
    await change();
    const hash = await hashOf(query);
    assert.not(seen.includes(hash), String(change));
    seen.push(hash);
  }
  assert.is(await hashOf(query), seen.at(-1));
});

test('many queries at once, and none', async () => {
  const none = {
    unsafe() {
      throw new Error('asked');
    },
  } as unknown as Queryable;
  assert.is(
    (await readFunctionFacts(none, [factsOf('select 1 from t'), factsOf('no sql')])).overloads.size,
    0,
  );
  const queries = Array.from({ length: 3000 }, (_, i) => factsOf(`select "f ${i} ' \\"(1), now(), random()`));
  const functions = await readFunctionFacts(engine(project.sql), queries);
  assert.equal(volatileReasons(queries[7]!, functions), ['now()', 'random()']);
  assert.is(functions.overloads.size, 2);
});

test.run();
