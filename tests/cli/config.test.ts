import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { failsWith } from '../support/assertions.ts';
import { openFiles } from '../support/files.ts';

const test = suite('configuration');

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
