import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { failsWith, place } from '../support/assertions.ts';
import { render } from '../support/files.ts';

const test = suite('errors of compile');

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
  ...(
    [
      ['materialized: incremental', '2:1', /does not say how/],
      ['incremental: { strategy: append }', '2:1', /silver\.a is of kind table/],
      ['incremental: { strategy: append, key: x }', '2:34', /append has no use for it/],
      ['incremental: { strategy: merge }', '2:1', /needs a key.*primary_key: id/],
      ['incremental: { strategy: merge, key: x }', '2:33', /no key of silver\.a.*primary_key: \[x\]/],
      ['incremental: { strategy: delete+insert }', '2:1', /needs a key.*key: \[store, day\]/],
      ['incremental: { strategy: delete+insert, key: [x, x] }', '2:41', /stands there twice/],
      [
        'incremental: { strategy: delete+insert, key: idd }\ncolumns: { id: int }',
        '2:41',
        /no column "idd"\. .*id/,
      ],
      ['incremental: { strategy: merge, lookback: 2 }', '2:33', /belongs to strategy: time_range/],
      ['incremental: { strategy: time_range, key: x }', '2:38', /has no use for it/],
      ['incremental: { strategy: time_range, time_column: x, grain: day }', '2:1', /needs begin/],
      [
        "incremental: { strategy: time_range, time_column: x, grain: day, begin: '2023-02-29' }",
        '2:66',
        /is no point in time/,
      ],
      [
        "incremental: { strategy: time_range, time_column: x, grain: day, begin: '2023-02-28', time_zone: '+03:00' }",
        '2:87',
        /no time zone "\+03:00"/,
      ],
      [
        "incremental: { strategy: time_range, time_column: x, grain: hour, begin: '2023-02-28' }\ncolumns: { x: date }",
        '2:54',
        /a date, which has no hours/,
      ],
      [
        "incremental: { strategy: time_range, time_column: x, grain: hour, begin: '2023-02-28', time_zone: America/New_York }\ncolumns: { x: timestamp(3) without time zone }",
        '2:54',
        /is of type timestamp\(3\) without time zone: where the clocks of America\/New_York go back/,
      ],
      [
        "incremental: { strategy: time_range, time_column: x, grain: day, begin: '2023-02-28' }\ncolumns: { x: text }",
        '2:38',
        /is of type text/,
      ],
    ] as const
  ).map(([settings, at, message]): (typeof wrong)[number] => [
    `incremental settings that do not fit (${settings})`,
    'MDL1215',
    `models/silver/a.sql:${at}`,
    {
      'models/silver/a.sql': `/*---\n${settings}\n${/strategy: append }$|materialized/.test(settings) ? '' : 'materialized: incremental\n'}---*/\nselect 1 as x`,
    },
    message,
  ]),
  [
    'an unknown setting of an incremental model, with the nearest',
    'MDL1202',
    'models/silver/a.sql:3:34',
    {
      'models/silver/a.sql':
        '/*---\nmaterialized: incremental\nincremental: { strategy: append, lookbak: 1 }\n---*/\nselect 1 as x',
    },
    /lookback/,
  ],
  [
    'a setting of a snapshot above the place where it belongs',
    'MDL1202',
    'models/silver/a.sql:3:1',
    { 'models/silver/a.sql': '/*---\nmaterialized: snapshot\nhard_deletes: ignore\n---*/\nselect 1 as x' },
    /Did you mean snapshot.hard_deletes\?/,
  ],
  [
    '{{#incremental}} in a model of another kind',
    'MDL1216',
    'models/silver/a.sql:2:1',
    { 'models/silver/a.sql': 'select 1 as x\n{{#incremental}}where false{{/incremental}}' },
    /materialized: incremental/,
  ],
  [
    '{{from}} in a model that is not filled by time',
    'MDL1216',
    'models/silver/a.sql:5:16',
    {
      'models/silver/a.sql':
        '/*---\nmaterialized: incremental\nincremental: { strategy: append }\n---*/\nselect 1 where {{from}} < now()',
    },
    /strategy: time_range/,
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

test('a value that a partial lacks is told in the file of the partial, in the middle of others too', async () => {
  const error = await failsWith('MDL1205', () =>
    render({
      'macros/outer.hbs': '1 +\n{{> inner}}',
      'macros/inner.hbs': 'coalesce(\n  {{missing}}, 1)',
      'models/silver/a.sql': 'select\n\n {{> outer}} as x',
    }),
  );
  assert.is(place(error), 'macros/inner.hbs:2:5');
});

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

test.run();
