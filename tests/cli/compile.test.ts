import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createCompiler, standalone } from '../../dist/graph/compile.js';
import { failsWith, place } from '../support/assertions.ts';
import { openFiles } from '../support/files.ts';

const test = suite('compile');

async function render(files: Record<string, string>, name = 'silver.a', overrides = {}) {
  const { project, graph } = await openFiles(files, overrides);
  return standalone(
    createCompiler(project, graph, (node) => ({
      schema: node.split('.')[0]!,
      name: node.split('.')[1]!,
    })).model(name as never),
  );
}

test('ref, this, var, env, target and both kinds of macro', async () => {
  process.env.MDL_TEST_VALUE = 'from env';
  const sql = await render(
    {
      'medallion.config.ts': `import { defineConfig } from 'medallion'; export default defineConfig({ name: 'p', vars: { n: 3 }, targets: { prod: {}, dev: { vars: { n: 4 } } } });`,
      'macros/twice.ts': `import { defineMacro } from 'medallion';
      export const twice = defineMacro({ description: 'x', render: (c: string, o?: { by?: number }) => c + ' * ' + (o?.by ?? 2) });`,
      'macros/plus.hbs': `({{column}} + 1)\n`,
      'models/silver/b.sql': 'select 1 as x',
      'models/silver/a.sql': `select {{twice "x"}} as a, {{twice "x" by=5}} as b, {{> plus column="x"}} as c, {{var "n"}} as n, {{var "m" "7"}} as m,
      '{{env "MDL_TEST_VALUE"}}' as e, '{{target.name}}' as t, '{{this}}' as self {{#each (var "list" "")}}{{this}}{{/each}}
      from {{ref "b"}}`,
    },
    'silver.a',
    { target: 'dev' },
  );
  assert.match(sql, `x * 2 as a, x * 5 as b, (x + 1) as c, 4 as n, 7 as m`);
  assert.match(sql, `'from env' as e, 'dev' as t, '"silver"."a"' as self`);
  assert.match(sql, 'from "silver"."b"');
});

test('both branches of an if are in the graph, also inside a macro', async () => {
  const { graph } = await openFiles({
    'macros/source_rows.hbs': `{{#if deep}}{{ref "silver.b"}}{{else}}{{ref "silver.c"}}{{/if}}`,
    'models/silver/a.sql': 'select * from {{> source_rows deep=true}}',
    'models/silver/b.sql': 'select 1 as x',
    'models/silver/c.sql': 'select 1 as x',
  });
  assert.equal([...graph.nodes.get('silver.a' as never)!.parents].sort(), ['silver.b', 'silver.c']);
});

test('an ephemeral model becomes a common table expression, through others too', async () => {
  const sql = await render({
    'models/silver/a.sql': 'with own as (select * from {{ref "silver.e2"}}) select * from own;  -- the end',
    'models/silver/e1.sql': '/*---\nmaterialized: ephemeral\n---*/\nselect 1 as x',
    'models/silver/e2.sql': '/*---\nmaterialized: ephemeral\n---*/\nselect x from {{ref "silver.e1"}} as e',
  });
  assert.ok(sql.indexOf('"mdl__silver__e1" as') < sql.indexOf('"mdl__silver__e2" as'), sql);
  assert.not.match(sql, ';');
});

const wrong: readonly [
  name: string,
  code: string,
  at: string,
  files: Record<string, string>,
  message?: RegExp,
][] = [
  [
    'front matter that is not YAML',
    'MDL1201',
    'models/silver/a.sql:2:14',
    { 'models/silver/a.sql': '/*---\ndescription: x\n  - y: [\n---*/\nselect 1 as x' },
  ],
  [
    'front matter that is not closed',
    'MDL1201',
    'models/silver/a.sql:1:1',
    { 'models/silver/a.sql': '/*---\ndescription: x\nselect 1 as x' },
  ],
  [
    'an unknown key, with the nearest',
    'MDL1202',
    'models/silver/a.sql:2:1',
    { 'models/silver/a.sql': '/*---\nmaterialised: view\n---*/\nselect 1 as x' },
  ],
  [
    'an unknown key of a column',
    'MDL1202',
    'models/silver/a.sql:3:23',
    { 'models/silver/a.sql': '/*---\ncolumns:\n  x: { type: integer, nul: true }\n---*/\nselect 1 as x' },
  ],
  [
    'a wrong materialization',
    'MDL1202',
    'models/silver/a.sql:2:1',
    { 'models/silver/a.sql': '/*---\nmaterialized: cube\n---*/\nselect 1 as x' },
  ],
  [
    'an unknown test',
    'MDL1202',
    'models/silver/a.sql:3:28',
    { 'models/silver/a.sql': '/*---\ncolumns:\n  x: { type: int, tests: [ uniqe ] }\n---*/\nselect 1 as x' },
  ],
  [
    'a key of a column that is not there',
    'MDL1202',
    'models/silver/a.sql:2:1',
    { 'models/silver/a.sql': '/*---\nprimary_key: y\ncolumns: { x: int }\n---*/\nselect 1 as x' },
  ],
  [
    'template syntax',
    'MDL1203',
    'models/silver/a.sql:2',
    { 'models/silver/a.sql': 'select 1 as x\nfrom {{ref "b" and more' },
  ],
  [
    'an unclosed block',
    'MDL1203',
    'models/silver/a.sql',
    { 'models/silver/a.sql': 'select {{#if x}}1 as x' },
  ],
  [
    'an unknown helper',
    'MDL1204',
    'models/silver/a.sql:2:3',
    { 'models/silver/a.sql': 'select\n  {{to_itn "x"}} as x' },
  ],
  [
    'an unknown partial',
    'MDL1204',
    'models/silver/a.sql:1:8',
    { 'models/silver/a.sql': 'select {{> nothing}} as x' },
  ],
  [
    'a variable without a value',
    'MDL1206',
    'models/silver/a.sql:1:8',
    { 'models/silver/a.sql': 'select {{var "nobody"}} as x' },
  ],
  [
    'a computed ref',
    'MDL1207',
    'models/silver/a.sql:1:15',
    { 'models/silver/a.sql': 'select * from {{ref name}}' },
  ],
  [
    'two statements',
    'MDL1208',
    'models/silver/a.sql:2:2',
    { 'models/silver/a.sql': "select ';' as x -- ;\n ; select 2" },
  ],
  ['no select', 'MDL1208', 'models/silver/a.sql:1:1', { 'models/silver/a.sql': 'delete from x' }],
  ['an empty file', 'MDL1208', 'models/silver/a.sql', { 'models/silver/a.sql': '-- nothing\n' }],
  [
    'a macro file that does not load',
    'MDL1209',
    'macros/m.ts',
    { 'macros/m.ts': 'export const x = ;', 'models/silver/a.sql': 'select 1 as x' },
  ],
  [
    'a macro file without macros',
    'MDL1209',
    'macros/m.ts',
    { 'macros/m.ts': 'export const x = 1;', 'models/silver/a.sql': 'select 1 as x' },
  ],
  [
    'two models of one name',
    'MDL1210',
    'models/silver/deep/a.sql:1:1',
    { 'models/silver/a.sql': 'select 1 as x', 'models/silver/deep/a.sql': 'select 1 as x' },
  ],
  [
    'a macro with the name of a helper',
    'MDL1210',
    'macros/ref.hbs',
    { 'macros/ref.hbs': 'x', 'models/silver/a.sql': 'select 1 as x' },
  ],
  ['a model outside a layer', 'MDL1211', 'models/a.sql', { 'models/a.sql': 'select 1 as x' }],
  [
    'a layer that is not configured',
    'MDL1211',
    'models/silber/a.sql',
    { 'models/silber/a.sql': 'select 1 as x' },
  ],
  [
    'an unknown model, with the nearest',
    'MDL1301',
    'models/silver/a.sql:2:6',
    {
      'models/silver/a.sql': 'select *\nfrom {{ref "silver.clintes"}}',
      'models/silver/clientes.sql': 'select 1 as x',
    },
    /clientes/,
  ],
  [
    'an ambiguous name',
    'MDL1302',
    'models/gold/z.sql:1:15',
    {
      'models/gold/z.sql': 'select * from {{ref "a"}}',
      'models/gold/a.sql': 'select 1 as x',
      'models/silver/a.sql': 'select 1 as x',
    },
  ],
  [
    'reading upward',
    'MDL1303',
    'models/silver/a.sql:1:15',
    { 'models/silver/a.sql': 'select * from {{ref "gold.g"}}', 'models/gold/g.sql': 'select 1 as x' },
  ],
  [
    'a circle',
    'MDL1304',
    'models/silver/a.sql:1:15',
    {
      'models/silver/a.sql': 'select * from {{ref "b"}}',
      'models/silver/b.sql': 'select * from {{ref "c"}}',
      'models/silver/c.sql': 'select * from {{ref "a"}}',
    },
    /silver\.c:?|silver\.a -> silver\.b -> silver\.c -> silver\.a/,
  ],
  [
    'a model that reads itself',
    'MDL1304',
    'models/silver/a.sql:1:15',
    { 'models/silver/a.sql': 'select * from {{ref "a"}}' },
  ],
];
for (const [name, code, at, files, message] of wrong) {
  test(`${name} is ${code} at ${at}`, async () => {
    const error = await failsWith(code, () =>
      render(files, Object.keys(files).includes('models/silver/a.sql') ? 'silver.a' : 'gold.z'),
    );
    assert.ok(place(error).startsWith(at), `${place(error)} is not ${at}: ${error.message}`);
    assert.ok(error.hint.length > 10);
    if (message) assert.match(`${error.message} ${error.hint}`, message);
  });
}

test('a macro that throws or returns no text is MDL1205 at its call', async () => {
  const macro = (body: string) => ({
    'macros/m.ts': `import { defineMacro } from 'medallion'; export const m = defineMacro({ description: 'x', render: () => ${body} });`,
    'models/silver/a.sql': 'select\n {{m}} as x',
  });
  for (const body of [`{ throw new Error('no luck') }`, '(3 as unknown as string)']) {
    const error = await failsWith('MDL1205', () => render(macro(body)));
    assert.is(place(error), 'models/silver/a.sql:2:2');
  }
});

test('a chain of 3,000 models compiles and keeps its order', async () => {
  const files: Record<string, string> = { 'models/silver/m0.sql': 'select 1 as x' };
  for (let i = 1; i < 3000; i++)
    files[`models/silver/m${i}.sql`] = `select x from {{ref "silver.m${i - 1}"}}`;
  const { graph } = await openFiles(files);
  assert.ok(graph.order.indexOf('silver.m10' as never) < graph.order.indexOf('silver.m2999' as never));
});

const configs: readonly [name: string, code: string, config: string, hint?: RegExp][] = [
  ['a syntax error', 'MDL1002', 'export default {'],
  ['no default export', 'MDL1002', 'export const x = 1;'],
  ['an unknown setting', 'MDL1003', `export default { name: 'p', sorces: {} };`, /sources/],
  ['a bad name', 'MDL1003', `export default { name: 'Not Good' };`],
  ['an unknown source', 'MDL1003', `export default { name: 'p', bronze: { a: { from: 'x.y' } } };`],
  [
    'upsert without a key',
    'MDL1003',
    `import { csv } from 'medallion'; export default { name: 'p', sources: { x: csv({ dir: 's' }) }, bronze: { a: { from: 'x.y', load: 'upsert' } } };`,
  ],
  ['bronze among the layers', 'MDL1003', `export default { name: 'p', layers: { bronze: {} } };`],
  [
    'grants of an unknown layer',
    'MDL1003',
    `export default { name: 'p', grants: { golden: { select: ['x'] } } };`,
    /gold/,
  ],
  [
    'a bad csv option',
    'MDL1003',
    `import { csv } from 'medallion'; export default { name: 'p', sources: { x: csv({ dir: 's', delimiter: '::' }) } };`,
  ],
];
for (const [name, code, config, hint] of configs) {
  test(`configuration: ${name} is ${code}`, async () => {
    const error = await failsWith(code, () => openFiles({ 'medallion.config.ts': config }));
    if (hint) assert.match(error.hint, hint);
  });
}

test('an unknown target is MDL1006', async () => {
  await failsWith('MDL1006', () =>
    openFiles(
      { 'medallion.config.ts': `export default { name: 'p', targets: { prod: {} } };` },
      { target: 'pord' },
    ),
  );
});

test.run();
