import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { failsWith, place } from '../support/assertions.ts';
import { openFiles } from '../support/files.ts';

/** What Citus would refuse is refused before anything runs. */
const test = suite('settings of distributed tables');

const model = (front: string, select = 'select 1 as id, 2 as of_shop') => `/*---\n${front}\n---*/\n${select}`;
const own = 'models/silver/a.sql';
const other = 'models/silver/b.sql';
const columns = 'columns: { id: bigint, of_shop: bigint }';

const wrong: readonly [
  name: string,
  code: string,
  at: string,
  files: Record<string, string>,
  message?: RegExp,
][] = [
  [
    'both settings',
    'MDL1213',
    `${own}:2:1`,
    { [own]: model('distribute_by: id\ndistribute: reference') },
    /exclude each other/,
  ],
  ['another way', 'MDL1202', `${own}:2:1`, { [own]: model('distribute: everywhere') }],
  [
    'a view',
    'MDL1213',
    `${own}:3:1`,
    { [own]: model('materialized: view\ndistribute_by: id') },
    /silver\.a is a view/,
  ],
  [
    'an ephemeral model',
    'MDL1213',
    `${own}:3:1`,
    { [own]: model('materialized: ephemeral\ndistribute: reference') },
    /no rows of its own/,
  ],
  [
    'a column that is not there',
    'MDL1213',
    `${own}:3:1`,
    { [own]: model(`${columns}\ndistribute_by: of_shops`) },
    /no column "of_shops".*of_shop/,
  ],
  [
    'a primary key without the column',
    'MDL1213',
    `${own}:3:1`,
    { [own]: model(`distribute_by: of_shop\nprimary_key: id`) },
    /primary_key: \(id\) of silver\.a does not contain "of_shop".*one node only.*distribute: reference/,
  ],
  [
    'a unique key without the column',
    'MDL1213',
    `${own}:4:11`,
    { [own]: model(`distribute_by: of_shop\nprimary_key: [id, of_shop]\nunique: [ [ id ] ]`) },
  ],
  [
    'a unique column that is another',
    'MDL1213',
    `${own}:4:3`,
    { [own]: model('distribute_by: of_shop\ncolumns:\n  id: { unique: true }\n  of_shop: bigint') },
  ],
  [
    'a unique index over an expression of the column',
    'MDL1213',
    `${own}:3:12`,
    {
      [own]: model(
        `distribute_by: of_shop\nindexes: [ { columns: ['(of_shop + 1)', 'id desc'], unique: true } ]`,
      ),
    },
  ],
  [
    'a foreign key from a distributed table onto a local one',
    'MDL1214',
    `${own}:3:17`,
    {
      [own]: model('distribute_by: id\nforeign_keys: [ { columns: id, references: b } ]'),
      [other]: model('primary_key: id'),
    },
    /on one node.*distribute: reference.*relationships/,
  ],
  [
    'a foreign key from a local table onto a distributed one',
    'MDL1214',
    `${own}:2:17`,
    {
      [own]: model('foreign_keys: [ { columns: id, references: b } ]'),
      [other]: model('primary_key: id\ndistribute_by: id'),
    },
  ],
  [
    'a foreign key from a reference table onto a distributed one',
    'MDL1214',
    `${own}:3:17`,
    {
      [own]: model('distribute: reference\nforeign_keys: [ { columns: id, references: b } ]'),
      [other]: model('primary_key: id\ndistribute_by: id'),
    },
    /whole on every node/,
  ],
  [
    'a foreign key without the distribution column',
    'MDL1214',
    `${own}:3:17`,
    {
      [own]: model('distribute_by: of_shop\nforeign_keys: [ { columns: id, references: b } ]'),
      [other]: model('primary_key: id\ndistribute_by: id'),
    },
    /from "of_shop".*to "id"/,
  ],
  [
    'a foreign key with the distribution columns at different places',
    'MDL1214',
    `${own}:3:17`,
    {
      [own]: model(
        'distribute_by: of_shop\nforeign_keys: [ { columns: [id, of_shop], references: "b(of_shop, id)" } ]',
      ),
      [other]: model('primary_key: [of_shop, id]\ndistribute_by: of_shop'),
    },
  ],
  [
    'a foreign key between distribution columns of two types',
    'MDL1214',
    `${own}:3:17`,
    {
      [own]: model(
        'distribute_by: id\nforeign_keys: [ { columns: id, references: b } ]\ncolumns: { id: int, of_shop: int }',
      ),
      [other]: model('primary_key: id\ndistribute_by: id\ncolumns: { id: BIGINT, of_shop: int }'),
    },
    /integer.*bigint/,
  ],
];

for (const [name, code, at, files, message] of wrong) {
  test(`${name}: ${code} at ${at}`, async () => {
    const error = await failsWith(code, () => openFiles(files));
    assert.ok(place(error).startsWith(at), `${place(error)} is not ${at}: ${error.message}`);
    assert.ok(error.hint.length > 10);
    if (message) assert.match(`${error.message} ${error.hint}`, message);
  });
}

const right: readonly [name: string, files: Record<string, string>][] = [
  [
    'keys and unique indexes that contain the column, however it is written',
    {
      [own]: model(
        `distribute_by: Of Shop\nprimary_key: [id, Of Shop]\nindexes: [ { columns: ['"Of Shop" desc', id], unique: true }, id ]`,
        'select 1 as id, 2 as "Of Shop"',
      ),
    },
  ],
  [
    'a foreign key onto a reference table',
    {
      [own]: model('distribute_by: id\nforeign_keys: [ { columns: of_shop, references: b } ]'),
      [other]: model('primary_key: id\ndistribute: reference'),
    },
  ],
  [
    'a foreign key between tables that are distributed alike',
    {
      [own]: model(
        `distribute_by: of_shop\n${columns}\nforeign_keys: [ { columns: [of_shop, id], references: b } ]`,
      ),
      [other]: model(
        'primary_key: [of_shop, id]\ndistribute_by: of_shop\ncolumns: { id: int8, of_shop: int8 }',
      ),
    },
  ],
  [
    'a foreign key onto the table itself',
    {
      [own]: model(
        'distribute_by: id\nprimary_key: id\nforeign_keys: [ { columns: id, references: silver.a } ]',
      ),
    },
  ],
  [
    'foreign keys between a reference table and a local one',
    {
      [own]: model('foreign_keys: [ { columns: id, references: b } ]'),
      [other]: model('primary_key: id\ndistribute: reference'),
    },
  ],
];

for (const [name, files] of right)
  test(`${name} is fine`, async () => {
    const { graph } = await openFiles(files);
    assert.ok(graph.nodes.has('silver.a' as never));
  });

const config = (bronze: string) => ({
  'medallion.config.ts': `import { csv, defineConfig } from 'medallion';
export default defineConfig({ name: 'p', sources: { s: csv({ dir: 'seeds' }) }, bronze: { t: { from: 's.t', ${bronze} } } });`,
});

test('a bronze table has the same settings, and its key has to contain the column', async () => {
  const error = await failsWith('MDL1213', () =>
    openFiles(config(`load: 'upsert', key: ['id', 'line'], distributeBy: 'shop'`)),
  );
  assert.is(place(error), 'medallion.config.ts');
  assert.match(error.message, /bronze\.t: the key \(id, line\) does not contain "shop"/);
  await failsWith('MDL1213', () => openFiles(config(`distributeBy: 'shop', distribute: 'reference'`)));
  await failsWith('MDL1003', () => openFiles(config(`distribute: 'everywhere'`)));
  const { options } = await openFiles(config(`load: 'upsert', key: ['id', 'line'], distributeBy: 'line'`));
  const distribution = options.bronze.get('t')!.distribution;
  assert.is(distribution?.kind === 'column' && distribution.column, 'line');
});

test.run();
