import fc from 'fast-check';
import { MedallionError } from 'medallion';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { selectNodes } from '../../dist/graph/select.js';
import { failsWith } from '../support/assertions.ts';
import { openFiles } from '../support/files.ts';

const test = suite('selection');

/** a -> b -> c -> d, and b -> e. */
const files = {
  'models/silver/a.sql': '/*---\ntags: [daily, first]\n---*/\nselect 1 as x',
  'models/silver/b.sql': 'select * from {{ref "a"}}',
  'models/gold/deep/c.sql': '/*---\ntags: [daily]\nmaterialized: view\n---*/\nselect * from {{ref "b"}}',
  'models/gold/d.sql': 'select * from {{ref "c"}}',
  'models/gold/e.sql': 'select * from {{ref "b"}}',
  'tests/t.sql': 'select * from {{ref "d"}} join {{ref "e"}} using (x)',
};

const cases: readonly [select: string, expected: string][] = [
  ['gold.d', 'gold.d'],
  ['d', 'gold.d'],
  ['gold.*', 'gold.c gold.d gold.e test.t'],
  ['+c', 'gold.c silver.a silver.b'],
  ['1+c', 'gold.c silver.b'],
  ['b+1', 'gold.c gold.e silver.b'],
  ['c+', 'gold.c gold.d test.t'],
  ['@c', 'gold.c gold.d gold.e silver.a silver.b test.t'],
  ['tag:daily', 'gold.c silver.a'],
  ['tag:daily,layer:gold', 'gold.c'],
  ['path:models/gold/deep', 'gold.c'],
  ['path:models/gold', 'gold.c gold.d gold.e test.t'],
  ['materialized:view', 'gold.c'],
  ['a d', 'gold.d silver.a'],
  ['kind:test', 'test.t'],
];
for (const [select, expected] of cases) {
  test(`${select} is ${expected}`, async () => {
    const { graph } = await openFiles(files);
    assert.is([...selectNodes(graph, { select: [select], exclude: [] })].sort().join(' '), expected);
  });
}

test('exclude takes away', async () => {
  const { graph } = await openFiles(files);
  assert.is(
    [...selectNodes(graph, { select: ['gold.*'], exclude: ['tag:daily', 'kind:test'] })].sort().join(' '),
    'gold.d gold.e',
  );
});

test('what selects nothing, or is no selection, is MDL1005 with what is near', async () => {
  const { graph } = await openFiles(files);
  for (const select of ['gold.zz', 'tga:daily', '++c', '@+c', 'tag:dayly', '+', 'a:b:c']) {
    const error = await failsWith('MDL1005', () => selectNodes(graph, { select: [select], exclude: [] }));
    assert.ok(error.hint.length > 5);
  }
});

test('any text: a set of known nodes, or MDL1005', async () => {
  const { graph } = await openFiles(files);
  fc.assert(
    fc.property(
      fc.string({
        unit: fc.constantFrom(
          'a',
          'b',
          'c',
          '+',
          '@',
          '.',
          '*',
          ',',
          ' ',
          ':',
          'tag',
          'gold',
          '1',
          '(',
          '[',
          '\\',
        ),
        maxLength: 12,
      }),
      (text) => {
        try {
          for (const name of selectNodes(graph, { select: [text], exclude: [] }))
            assert.ok(graph.nodes.has(name));
        } catch (error) {
          assert.ok(error instanceof MedallionError && error.code === 'MDL1005', String(error));
        }
      },
    ),
    { numRuns: 3000 },
  );
});

test.run();
