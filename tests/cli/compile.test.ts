import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openFiles, render } from '../support/files.ts';

const test = suite('compile');

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

test('a partial in the same file takes values, before it is defined too; a target is its name', async () => {
  const sql = await render({
    'models/silver/a.sql': `select {{> as_text c="x"}}, {{> as_text c="y"}}, '{{target}}' as t
      {{#*inline "as_text"}}{{c}}::text as {{c}}{{/inline}} from z`,
  });
  assert.match(sql, `select x::text as x, y::text as y, 'default' as t`);
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

test('a chain of 3,000 models compiles and keeps its order', async () => {
  const files: Record<string, string> = { 'models/silver/m0.sql': 'select 1 as x' };
  for (let i = 1; i < 3000; i++)
    files[`models/silver/m${i}.sql`] = `select x from {{ref "silver.m${i - 1}"}}`;
  const { graph } = await openFiles(files);
  assert.ok(graph.order.indexOf('silver.m10' as never) < graph.order.indexOf('silver.m2999' as never));
});

test.run();
