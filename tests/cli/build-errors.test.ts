// in one process
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { withShop } from '../support/shop.ts';

const test = suite('errors of a build');

const broken: readonly [name: string, code: string, file: string, at: RegExp, model: string][] = [
  [
    'an unknown column',
    'MDL4001',
    'models/gold/ages.sql',
    /models\/gold\/ages\.sql:4:3/,
    '/*---\n---*/\nselect\n  agee from {{ref "silver.people"}}',
  ],
  [
    'an error inside a macro',
    'MDL4001',
    'models/gold/ages.sql',
    /macros\/oops\.hbs:1:4/,
    'select {{> oops}} as x from {{ref "silver.people"}}',
  ],
  [
    'a select that lacks a column',
    'MDL4002',
    'models/gold/ages.sql',
    /models\/gold\/ages\.sql:2:\d+/,
    '/*---\ncolumns: { x: int, y: int }\n---*/\nselect 1 as x',
  ],
  [
    'a column that the contract does not know',
    'MDL4002',
    'models/gold/ages.sql',
    /models\/gold\/ages\.sql/,
    '/*---\ncolumns: { x: int }\n---*/\nselect 1 as x, 2 as z',
  ],
  [
    'a column without a name',
    'MDL4002',
    'models/gold/ages.sql',
    /models\/gold\/ages\.sql/,
    'select 1, 2 + 3',
  ],
  [
    'a type that does not exist',
    'MDL4001',
    'models/gold/ages.sql',
    /models\/gold\/ages\.sql:2:\d+/,
    '/*---\ncolumns: { x: integr }\n---*/\nselect 1 as x',
  ],
  [
    'a check that is no SQL',
    'MDL4003',
    'models/gold/ages.sql',
    /models\/gold\/ages\.sql:2:\d+/,
    '/*---\nchecks: [ "x >" ]\n---*/\nselect 1 as x',
  ],
  ...(
    [
      ['a check of a column that is not there', 'columns: { x: { type: int, check: "x > nope" } }'],
      ['a default that calls nothing', 'columns: { x: { type: int, default: "nope()" } }'],
      ['a condition of an index', 'indexes: [ { columns: [x], where: "nope > 1" } ]'],
      ['a kind of index that there is not', 'indexes: [ { columns: [x], using: nope } ]'],
      ['a key of a type without an order', 'primary_key: p'],
      ['a foreign key of another type', 'foreign_keys: [ { columns: p, references: silver.people } ]'],
      ['a value that the contract cannot cast', 'columns: { p: {}, x: {}, t: int }'],
    ] as const
  ).map(
    ([name, line]) =>
      [
        name,
        'MDL4003',
        'models/gold/ages.sql',
        /models\/gold\/ages\.sql:3:\d+/,
        `/*---\ndescription: x\n${line}\n---*/\nselect 1 as x${/columns: \{ x:/.test(line) ? '' : `, point(1, 1) as p, 'ü' as t`}`,
      ] as [string, string, string, RegExp, string],
  ),
  [
    'a test whose SQL fails',
    'MDL4102',
    'models/gold/ages.sql',
    /models\/gold\/ages\.sql:2:\d+/,
    '/*---\ntests: [ { expression: "nope > 1" }, { expression: "x > 0" } ]\n---*/\nselect 1 as x',
  ],
];
for (const [name, code, file, at, model] of broken) {
  test(`${name} is ${code} where it stands`, () =>
    withShop({ 'macros/oops.hbs': '1 +nothing_here', [file]: model }, async (project) => {
      const { code: exit, stdout } = await project.mdl('build');
      assert.is(exit, 1);
      assert.match(stdout, code);
      assert.match(stdout, at);
      assert.match(stdout, 'Nothing was published');
    }));
}

test.run();
