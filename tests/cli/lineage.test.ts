// in one process
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createTables, inShort, lineageOver, namesIn } from '../support/lineage.ts';
import { type TestProject, testProject, withProject } from '../support/project.ts';

const test = suite('lineage');

const tables = {
  a: [
    ['id', 'integer'],
    ['x', 'integer'],
    ['y', 'integer'],
  ],
  b: [
    ['id', 'integer'],
    ['z', 'integer'],
    ['tags', 'text[]'],
    ['doc', 'jsonb'],
  ],
  'Açaí "x"': [
    ['Código', 'integer'],
    ['b c', 'text'],
  ],
} as const;
let project: TestProject;
let find: Awaited<ReturnType<typeof lineageOver>>;

test.before(async () => {
  project = await testProject({});
  await createTables(project.sql, tables);
  await project.sql.unsafe(`create type pair as (l int, r int); create table p (id int, both_ pair);
    create function pairs(n int) returns setof pair language sql return (1, n)::pair`);
  find = await lineageOver({
    ...tables,
    p: [
      ['id', 'integer'],
      ['both_', 'pair'],
    ],
  });
});
test.after(() => project.close());

/** Queries that Postgres takes, and where their columns come from. */
const queries: Readonly<Record<string, readonly (readonly [query: string, lineage: string])[]>> = {
  'columns and expressions': [
    ['select id, x + y as s, 1 as one from a', 'id = a.id, s < a.x a.y, one <'],
    ['select (a.x) as k, a.x::text as t, t.y from a, a t', 'k = a.x, t < a.x, y = a.y'],
    [
      'select case when x > 1 then y end as c, coalesce(x, id) as d, greatest(x, y) as g from a',
      'c < a.x a.y, d < a.id a.x, g < a.x a.y',
    ],
    ['select public.a.x from public.a', 'x = a.x'],
    ['select a.ctid::text as t, tableoid::int as o from a', 't <, o <'],
    [
      'select array[x, y] as l, row(x, id) as r, (array[x, y])[id] as e from a',
      'l < a.x a.y, r < a.id a.x, e < a.id a.x a.y',
    ],
    [
      'select x as "X Y", "Código", "b c" as bc from a, "Açaí ""x"""',
      'X Y = a.x, Código = Açaí "x".Código, bc = Açaí "x".b c',
    ],
    ["select json_object('a': x, 'b': y) as j, xmlforest(x as f) as f from a", 'j < a.x a.y, f < a.x'],
  ],
  '* and rows': [
    ['select * from a', 'id = a.id, x = a.x, y = a.y'],
    ['table a', 'id = a.id, x = a.x, y = a.y'],
    ['select b.*, a.x from a, b', 'id = b.id, z = b.z, tags = b.tags, doc = b.doc, x = a.x'],
    ['select a, a.x from a', 'a < a.id a.x a.y, x = a.x'],
    ['select (t).x, (t).* from a t', 'x = a.x, id = a.id, x = a.x, y = a.y'],
    ['select (s.t).y, (s.t).* from (select t from a t) s', 'y = a.y, id = a.id, x = a.x, y = a.y'],
    ['select row_to_json(a) as j, to_json(a.*) as k from a', 'j < a.id a.x a.y, k < a.id a.x a.y'],
    ['select (both_).l, (p.both_).r as k from p', 'l < p.both_, k < p.both_'],
    ['select count(*) as n, count(a) as m from a', 'n <, m < a.id a.x a.y'],
    ['select * from a as t (k)', 'k = a.id, x = a.x, y = a.y'],
  ],
  subqueries: [
    ['select k + 1 as k, m from (select x as k, y as m from a) s', 'k < a.x, m = a.y'],
    ['select * from (select x, y from a) s (p)', 'p = a.x, y = a.y'],
    ['select (select max(z) from b where b.id = a.id) as m from a', 'm < b.z'],
    ['select (select a.x + z from b limit 1) as m from a', 'm < a.x b.z'],
    ['select exists (select 1 from b where b.id = a.x) as e from a', 'e < a.x b.id'],
    [
      'select x in (select z from b where b.id = y) as i, y = all (select id from b) as l from a',
      'i < a.x b.z, l < a.y b.id',
    ],
    ['select array(select z from b order by id) as l', 'l < b.z'],
    ['select m from a, lateral (select a.x + z as m from b where b.id = a.id) l', 'm < a.x b.z'],
    ['select m from a left join lateral (select a.y as m) l on true', 'm = a.y'],
    ['select x from (select 1 as x) s, lateral (select (select x) as k) t', 'x <'],
    // The inner query's column is the nearer one.
    ['select (select id from b limit 1) as i from a', 'i < b.id'],
    ['select (select y from b limit 1) as i from a', 'i < a.y'],
  ],
  'common table expressions': [
    ['with t as (select x as k from a), u (m) as (select k from t) select * from u', 'm = a.x'],
    // The name of a table, and of a query around it, can be taken.
    ['with a as (select y as x from a) select x from a', 'x = a.y'],
    [
      'with t as (select x from a) select (with t as (select z from b) select z from t limit 1) as i, x from t',
      'i < b.z, x = a.x',
    ],
    [
      'with t as (select x from a) select k from (with u as (select x as k from t) select k from u) s',
      'k = a.x',
    ],
    [
      'with t as materialized (select 1 as one) select one, (select count(one) from t) as n from t',
      'one <, n <',
    ],
    [
      'with recursive r (p, q, n) as (select x, y, 1 from a union all select q, p, n + 1 from r where n < 3) select * from r',
      'p = a.x a.y, q = a.x a.y, n <',
    ],
    [
      'with recursive r as (select id, x, y from a union select id, y, id from r) select * from r',
      'id = a.id, x = a.id a.x a.y, y = a.id a.y',
    ],
    [
      'with recursive r as (select x as k from a union all select k + z from r join b on b.id = r.k) select k from r',
      'k < a.x b.z',
    ],
    ['with recursive u as (select k from t), t as (select x as k from a) select k from u', 'k = a.x'],
    [
      'with recursive r as (select x, y from a union all select r.y, r.x from r) search depth first by x set o cycle x, y set c using w select o, c, w from r',
      'o < a.x a.y, c < a.x a.y, w < a.x a.y',
    ],
  ],
  joins: [
    ['select * from a join b using (id)', 'id = a.id, x = a.x, y = a.y, z = b.z, tags = b.tags, doc = b.doc'],
    ['select id, a.id as l, b.id as r from a right join b using (id)', 'id = b.id, l = a.id, r = b.id'],
    ['select id, b.id as r from a full join b using (id)', 'id < a.id b.id, r = b.id'],
    ['select id, z from a natural join b', 'id = a.id, z = b.z'],
    [
      'select j.id, j.z, j.* from (a join b using (id)) as j (k, id)',
      'id = a.x, z = b.z, k = a.id, id = a.x, y = a.y, z = b.z, tags = b.tags, doc = b.doc',
    ],
    ['select u.id, u.*, a.x from a join b using (id) as u', 'id = a.id, id = a.id, x = a.x'],
    [
      'select t.id, u.id as k, z from a t join (a u cross join b) on t.x = u.y',
      'id = a.id, k = a.id, z = b.z',
    ],
  ],
  'grouping, windows, sets': [
    [
      'select x as k, sum(y) as s, count(*) filter (where id > 1) as f from a group by 1',
      'k = a.x, s < a.y, f < a.id',
    ],
    [
      'select x, grouping(x) as g, sum(y) as s from a group by grouping sets ((x), ())',
      'x = a.x, g < a.x, s < a.y',
    ],
    [
      'select sum(x) over (partition by y order by id) as s, row_number() over w as n, rank() over (v order by id) as r from a window w as (order by x), v as (partition by y)',
      's < a.id a.x a.y, n < a.x, r < a.id a.y',
    ],
    [
      "select percentile_cont(0.5) within group (order by y) as m, string_agg(x::text, ',' order by id) as l from a",
      'm < a.y, l < a.id a.x',
    ],
    // Which rows there are, and in which order, is no value.
    ['select distinct on (id) x from a where y > 1 order by id, y limit 1', 'x = a.x'],
    ['select x from a group by x, y having max(id) > 1', 'x = a.x'],
    ['select x as k, 1 as one from a union all select z, id from b', 'k = a.x b.z, one < b.id'],
    ['(select x from a intersect select z from b) except select id from b', 'x = a.x b.z'],
    ['select x from a union select y + 1 from a', 'x < a.x a.y'],
    ['values (1, 2), (3, 4)', 'column1 <, column2 <'],
    ['select v.m, v.n from a, lateral (values (x, y), (id, 1)) v (m, n)', 'm = a.id a.x, n < a.y'],
  ],
  'functions in from': [
    ['select n, id from a, generate_series(1, x) n', 'n < a.x, id = a.id'],
    ['select generate_series as g from generate_series(1, 3)', 'g <'],
    [
      'select b.id, tag, u from b, unnest(tags) tag, unnest(array[1, 2]) as u',
      'id = b.id, tag < b.tags, u <',
    ],
    ['select v, o, u.* from b, unnest(tags) with ordinality as u (v, o)', 'v < b.tags, o <, v < b.tags, o <'],
    ["select * from unnest(array[1], array['x'::text]) as u (p, q)", 'p <, q <'],
    [
      'select p, q from b, rows from (unnest(tags), generate_series(1, z)) as f (p, q)',
      'p < b.tags, q < b.z',
    ],
    [
      'select * from b, json_to_recordset(doc::json) as j (k int, l text) where id = 1',
      'id = b.id, z = b.z, tags = b.tags, doc = b.doc, k < b.doc, l < b.doc',
    ],
    [
      'select e.value, key, x.value as v from b, jsonb_array_elements(doc) e, jsonb_each_text(doc) x',
      'value < b.doc, key < b.doc, v < b.doc',
    ],
    ['select l, f.r, f from a, pairs(x) f', 'l < a.x, r < a.x, f < a.x'],
    [
      "select x.* from b, xmltable('/r' passing (doc::text::xml) columns n for ordinality, c text path 'c') x",
      'n <, c < b.doc',
    ],
    [
      "select t.* from b, json_table(doc, '$[*]' columns (n for ordinality, c text path '$.c', nested '$.d[*]' columns (e int path '$'))) t",
      'n <, c < b.doc, e < b.doc',
    ],
  ],
};

for (const [title, cases] of Object.entries(queries))
  test(`${title}: where the columns come from, with the names that Postgres gives`, async () => {
    for (const [query, expected] of cases) {
      const lineage = find(query);
      assert.is(inShort(lineage), expected, query);
      assert.equal(
        lineage!.columns.map(({ name }) => name),
        await namesIn(project.sql, query),
        query,
      );
    }
  });

test('a column without a name is named as Postgres names it', async () => {
  const expressions = [
    'x + 1',
    'x::int8',
    '(x + 1)::numeric(4,1)',
    'a.x',
    'sum(x) over ()',
    'nullif(x, 1)',
    'case when true then 1 end',
    'case when true then 1 else x end',
    'coalesce(x, 1)',
    'greatest(x, 1)',
    'least(x, 1)',
    'array[x]',
    '(array[x])[1]',
    'row(x, y)',
    '(a).x',
    'current_date',
    'current_timestamp(2)',
    'localtime',
    'current_user',
    'session_user',
    'current_schema',
    'current_catalog',
    'true',
    'null',
    "'x'",
    "date '2024-01-01'",
    "interval '1 day'",
    "trim('x')",
    'extract(year from now())',
    "substring('abc' from 2)",
    "now() at time zone 'UTC'",
    'exists (select 1)',
    '(select y from a limit 1)',
    '(select 1)',
    '(select * from generate_series(1, 1))',
    '(select max(y) from a)',
    '(select k.y from a k union select 1 limit 1)',
    '(values (1))',
    'array(select 1)',
    'x in (1, 2)',
    'x is null',
    'not true',
    '-x',
    '\'a\' collate "C"',
    'lower(\'x\' collate "C")',
    "xmlelement(name e, 'x')",
    "xmlserialize(content '<a/>'::xml as text)",
    "xmlparse(content 'x')",
    'xmlconcat(null)',
    "json_object('a': 1)",
    'json_array(1, 2)',
    "json_exists('1', '$')",
    "json_value('1', '$')",
    "json_query('1', '$')",
    "json('1')",
    'json_scalar(1)',
    "json_serialize('1')",
    'json_array(select 1)',
    "'x' is json",
    'x::text::"char"',
    '(pairs(1)).r',
    'a',
    'count(*)',
    '"Código"',
  ];
  for (const expression of expressions) {
    const query = `select ${expression} from a, "Açaí ""x""" group by a.id, x, y, a, "Código"`;
    assert.equal(
      find(query)!.columns.map(({ name }) => name),
      await namesIn(project.sql, query),
      expression,
    );
  }
});

test('what cannot be known is not guessed', async () => {
  for (const [query, expected] of [
    ['select u.k, x, q, u.k + x as s from elsewhere u, a', 'k ?, x = a.x, q ?, s ?'],
    ['select * from elsewhere, a', 'id = a.id, x = a.x, y = a.y, ...'],
    ['select k from (select * from elsewhere) s', 'k ?'],
    // Nothing else can have it.
    ['select x, k from a, (select *, z as k from b, elsewhere) s', 'x = a.x, k = b.z'],
    ['select * from pairs(1)', '...'],
    ['select a.full_name from a', 'full_name ?'],
    ['select (both_).* from p', '...'],
    ['with t as (insert into a values (1) returning *) select id from t', 'id ?'],
    ['select p, q from elsewhere e (p, q)', 'p ?, q ?'],
    ['select x from a union select k from elsewhere', 'x ?'],
    ['select x from a union select * from elsewhere', 'x ?'],
    ['select q, o from p, unnest(array(select both_ from p)) with ordinality u (q, o)', 'q < p.both_, o ?'],
    ['select id from a natural join elsewhere', 'id ?'],
  ] as const)
    assert.is(inShort(find(query)), expected, query);
});

test('what is no single select has no lineage', () => {
  const deep = `select ${'('.repeat(50_000)}1${')'.repeat(50_000)}`;
  const long = `select ${Array(50_000).fill('x').join(' + ')} from a`;
  for (const text of [
    '',
    ';',
    'select from from',
    'select 1; select 2',
    'drop table a',
    "select '",
    deep,
    long,
    '\0',
    '\ud800',
  ])
    assert.is(find(text), undefined, text.slice(0, 40));
  assert.is(inShort(find('select x from a')), 'x = a.x', 'and the parser goes on');
});

test('the manifest has the lineage, as far as it is known without a database', async () => {
  const chain = Object.fromEntries(
    Array.from({ length: 1500 }, (_, i) => [
      `models/gold/m${i + 1}.sql`,
      i === 1499
        ? 'select * from {{ref "silver.so"}}'
        : `select *${i === 0 ? ', 1 as um' : ''} from {{ref "gold.m${i + 2}"}}`,
    ]),
  );
  await withProject(
    {
      'medallion.config.ts': `import { csv } from 'medallion'; export default { name: 'loja', sources: { loja: csv({ dir: 'seeds' }) }, bronze: { itens: { from: 'loja.itens' } } };`,
      'models/silver/um.sql': `/*---
columns: { id: { type: int }, nome: { type: text }, em: { type: timestamptz, default: now() } }
---*/
select id::int as id, trim("Nome") as nome from {{ref "bronze.itens"}} as i`,
      'models/silver/so.sql':
        '/*---\nmaterialized: ephemeral\n---*/\nselect id as k, nome || em as z from {{ref "silver.um"}}',
      'models/silver/aberto.sql': 'select *, 1 as um from {{ref "bronze.itens"}}',
      'models/silver/quebrado.sql': 'select from from x',
      ...chain,
    },
    async (own) => {
      const { stdout } = await own.mdl('compile', '--json');
      const nodes: any[] = JSON.parse(stdout).nodes;
      const lineage = (name: string) => nodes.find((node) => node.name === name).lineage;
      const k = [{ node: 'silver.um', column: 'id' }];
      const z = ['nome', 'em'].map((column) => ({ node: 'silver.um', column }));
      assert.equal(lineage('silver.um'), {
        id: [{ node: 'bronze.itens', column: 'id' }],
        nome: [{ node: 'bronze.itens', column: 'Nome' }],
        em: [],
      });
      assert.equal(lineage('silver.so'), { k, z });
      assert.is(lineage('silver.aberto'), null);
      assert.is(lineage('silver.quebrado'), null);
      assert.equal(lineage('gold.m1500'), { k, z });
      const above = (column: string) => [{ node: 'gold.m2', column }];
      assert.equal(lineage('gold.m1'), { k: above('k'), z: above('z'), um: [] });
    },
  );
});

test.run();
