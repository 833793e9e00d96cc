// in one process
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { failsWith, place } from '../support/assertions.ts';
import { openFiles } from '../support/files.ts';
import { withProject } from '../support/project.ts';

const test = suite('contracts');
const model = (front: string, sql = 'select 1 as id, 2 as n') => `/*---\n${front}\n---*/\n${sql}`;
const parents = {
  'models/silver/keyed.sql': model(
    'primary_key: id\nunique: [ [n, id] ]\nindexes: [ { columns: n, where: id > 0, unique: true } ]',
  ),
  'models/silver/typed.sql': model('columns: { id: int, n: { type: int, unique: true } }'),
  'models/silver/seen.sql': model('materialized: view\nprimary_key: id'),
  'models/silver/inlined.sql': model('materialized: ephemeral'),
  'medallion.config.ts': `import { csv, defineConfig } from 'medallion';
export default defineConfig({ name: 'p', sources: { s: csv({ dir: 'seeds' }) }, bronze: { raw: { from: 's.raw' } } });`,
};

const ephemeral: readonly [front: string, at: string][] = [
  ['primary_key: id', '3:1'],
  ['unique: [ id ]', '3:1'],
  ['foreign_keys: [ { columns: id, references: silver.keyed } ]', '3:1'],
  ['checks: [ id > 0 ]', '3:1'],
  ['indexes: [ id ]', '3:1'],
  ['tests: [ { row_count: { min: 1 } } ]', '3:1'],
  ['grants: { select: [ anon ] }', '3:1'],
  ['columns:\n  id: integer', '4:3'],
  ['columns:\n  id: { description: x, type: integer }', '4:25'],
  ['columns:\n  id: { not_null: true }', '4:9'],
  ['columns:\n  id: { unique: true }', '4:9'],
  ['columns:\n  id: { default: 0 }', '4:9'],
  ['columns:\n  id: { check: id > 0 }', '4:9'],
  ['columns:\n  id: { tests: [ not_null ] }', '4:9'],
];
for (const [front, at] of ephemeral) {
  test(`an ephemeral model cannot keep ${front.replaceAll('\n', ' ')}`, async () => {
    const error = await failsWith('MDL1202', () =>
      openFiles({ ...parents, 'models/silver/a.sql': model(`materialized: ephemeral\n${front}`) }),
    );
    assert.is(place(error), `models/silver/a.sql:${at}`);
    assert.match(error.message, 'silver.a is ephemeral');
  });
}

test('an ephemeral model may be described, and a layer of them may have grants', async () => {
  await openFiles({
    'medallion.config.ts': `export default { name: 'p', layers: { silver: { materialized: 'ephemeral' } }, grants: { silver: { select: ['anon'] } } };`,
    'models/silver/a.sql': model('description: x\ntags: [ t ]\ncolumns: { id: { description: y }, n: }'),
  });
});

test('a view cannot have an index', async () => {
  const error = await failsWith('MDL1202', () =>
    openFiles({ 'models/silver/a.sql': model('materialized: view\nindexes: [ id ]') }),
  );
  assert.is(place(error), 'models/silver/a.sql:3:1');
});

const foreignKeys: readonly [key: string, message: string][] = [
  ['{ columns: id, references: bronze.raw }', 'bronze.raw is a bronze table'],
  ['{ columns: id, references: bronze.raw(id) }', 'bronze.raw is a bronze table'],
  ['{ columns: id, references: silver.seen }', 'silver.seen is a view'],
  ['{ columns: id, references: silver.inlined }', 'silver.inlined is ephemeral'],
  ['{ columns: id, references: silver.typed }', 'silver.typed has no primary key'],
  ['{ columns: id, references: silver.typed(id) }', '(id) is no key of silver.typed'],
  ['{ columns: id, references: silver.typed(idd) }', 'silver.typed has no column "idd"'],
  ['{ columns: id, references: silver.keyed(n) }', '(n) is no key of silver.keyed'],
  [
    '{ columns: [id, n], references: silver.keyed }',
    '2 columns (id, n) cannot reference the primary key of silver.keyed, which has 1 (id)',
  ],
  ['{ columns: id, references: "silver.keyed(id, n)" }', '1 columns reference 2'],
  ['{ columns: id, references: silver.a }', 'silver.a has no primary key'],
];
for (const [key, message] of foreignKeys) {
  test(`a foreign key that cannot be kept is MDL1202: ${key}`, async () => {
    for (const materialized of ['table', 'view']) {
      const error = await failsWith('MDL1202', () =>
        openFiles({
          ...parents,
          'models/silver/a.sql': model(
            `materialized: ${materialized === 'view' && message.startsWith('silver.a ') ? 'table' : materialized}\nforeign_keys:\n  - ${key}`,
          ),
        }),
      );
      assert.is(place(error), 'models/silver/a.sql:4:5');
      assert.match(error.message, message);
    }
  });
}

test('a test that compares with an ephemeral model is MDL1202', async () => {
  const error = await failsWith('MDL1202', () =>
    openFiles({
      ...parents,
      'models/silver/a.sql': model(
        'columns:\n  id: { tests: [ { relationships: silver.inlined.id } ] }\n  n:',
      ),
    }),
  );
  assert.is(place(error), 'models/silver/a.sql:3:18');
});

test('every kind of key can be referenced, a model can reference itself', () =>
  withProject(
    {
      'medallion.config.ts': `export default { name: 'p', database: process.env.DATABASE_URL };`,
      'models/silver/parent.sql': model(
        'primary_key: [id, n]\nunique: [ n ]\nindexes: [ { columns: [m, n], unique: true } ]\ncolumns: { id: int, n: int, m: { type: int, unique: true } }',
        'select 1 as id, 2 as n, 3 as m',
      ),
      'models/silver/child.sql': model(
        `primary_key: a
foreign_keys:
  - { columns: [a, b], references: silver.parent }
  - { columns: [b, a], references: 'parent(n, id)' }
  - { columns: b, references: silver.parent(n) }
  - { columns: c, references: silver.parent (m) }
  - { columns: [b, c], references: "silver.parent(n, m)" }
  - { columns: boss, references: silver.child }`,
        'select 1 as a, 2 as b, 3 as c, 1 as boss',
      ),
    },
    async (project) => {
      const { code, stdout, stderr } = await project.mdl('build');
      assert.is(code, 0, stdout + stderr);
      const [row] = await project.sql`
      select count(*)::int as keys from pg_constraint where conrelid = 'silver.child'::regclass and contype = 'f'`;
      assert.is(row!.keys, 6);
      assert.is((await project.mdl('build')).code, 0);
    },
  ));

test('the foreign key of a view is tested over all its columns; one null lets a row pass', () =>
  withProject(
    {
      'medallion.config.ts': `export default { name: 'p', database: process.env.DATABASE_URL };`,
      'models/silver/parent.sql': model('primary_key: [id, n]', 'select 1 as id, 2 as n'),
      'models/silver/child.sql': model(
        'materialized: view\nforeign_keys:\n  - { columns: [a, b], references: silver.parent }',
        'select * from (values (1, 2), (2, 1), (null, 7), (7, null)) as x (a, b)',
      ),
    },
    async (project) => {
      const { code, stdout } = await project.mdl('build');
      assert.is(code, 1, stdout);
      assert.match(
        stdout,
        /FAIL foreign key \(a, b\) to silver\.parent: 1 failure {3}models\/silver\/child\.sql:4:5/,
      );
      assert.match(stdout, 'a = 2, b = 1');
      project.write(
        'models/silver/child.sql',
        project.read('models/silver/child.sql').replace('(2, 1), ', ''),
      );
      assert.is((await project.mdl('build')).code, 0);
    },
  ));

test.run();
