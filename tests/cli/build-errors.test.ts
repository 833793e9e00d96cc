// core: runs on every server
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
