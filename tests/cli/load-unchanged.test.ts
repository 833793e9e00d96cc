// in one process
import {
  appendFileSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { unchangedLoads } from '../../dist/bronze/index.js';
import { loadedHere, openHere, withEngineSql } from '../support/load.ts';
import { filesConfig } from '../support/load-files.ts';
import { type TestProject, withProject } from '../support/project.ts';

const test = suite('loads that have nothing to do');

const demo = (pedidos = `load: 'upsert', key: 'id_pedido'`) => `import { csv, defineConfig } from 'medallion';
export default defineConfig({ name: 'loja', database: process.env.DATABASE_URL, sources: { loja: csv({ dir: 'seeds' }) }, bronze: {
  clientes: { from: 'loja.clientes', load: 'upsert', key: 'id_cliente' },
  produtos: { from: 'loja.produtos' },
  pedidos: { from: 'loja.pedidos', ${pedidos} },
} });`;

const seed = (name: string, lines: number) =>
  `${readFileSync(new URL(`../../seeds/${name}.csv`, import.meta.url), 'utf8')
    .split('\n')
    .slice(0, lines + 1)
    .join('\n')}\n`;
const seeds = {
  'seeds/clientes.csv': seed('clientes', 30),
  'seeds/produtos.csv': seed('produtos', 10),
  'seeds/pedidos.csv': seed('pedidos', 50),
};
const all = { 'bronze.clientes': 30, 'bronze.pedidos': 50, 'bronze.produtos': 10 };

const withDemo = (work: (project: TestProject) => Promise<void>) =>
  withProject({ 'medallion.config.ts': demo(), ...seeds }, async (project) => {
    assert.is.not((await loadedHere(project)).status, 'failed');
    await work(project);
  });

/** What `unchangedLoads` says. */
async function unchanged(project: TestProject) {
  const { graph } = await openHere(project);
  const tables = [...graph.nodes.values()].flatMap((node) => (node.kind === 'load' ? [node.table] : []));
  const found = await withEngineSql(project, (sql) =>
    unchangedLoads(sql, 'loja', tables, { projectDir: project.dir }),
  );
  return Object.fromEntries([...found].map(([node, { rows }]) => [node, rows] as const).sort());
}
const without = (name: string) =>
  Object.fromEntries(Object.entries(all).filter(([node]) => node !== `bronze.${name}`));

test('nothing has changed: all of them, with their rows; nothing is written down', () =>
  withDemo(async (project) => {
    const before = await project.sql`select load_id from medallion.loads`;
    assert.equal(await unchanged(project), all);
    assert.equal(await unchanged(project), all, 'also from what is kept');
    assert.is((await project.sql`select from medallion.loads`).count, before.count);
  }));

test('a file that has changed, by a byte and with its times put back, or by a row', () =>
  withDemo(async (project) => {
    const path = join(project.dir, 'seeds/pedidos.csv');
    const bytes = readFileSync(path);
    const { atime, mtime } = statSync(path);
    bytes[bytes.length - 3]! ^= 1;
    writeFileSync(path, bytes);
    utimesSync(path, atime, mtime);
    assert.equal(await unchanged(project), without('pedidos'));
    appendFileSync(join(project.dir, 'seeds/produtos.csv'), seed('produtos', 11).split('\n').at(-2)!);
    assert.equal(Object.keys(await unchanged(project)), ['bronze.clientes']);
  }));

test('a file that is touched or written anew with what it held is unchanged', () =>
  withDemo(async (project) => {
    utimesSync(join(project.dir, 'seeds/pedidos.csv'), 0, 0);
    project.write('seeds/produtos.csv', seeds['seeds/produtos.csv']);
    assert.equal(await unchanged(project), all);
  }));

test('a file that is gone, a cache that is gone or damaged: the load tells', () =>
  withDemo(async (project) => {
    rmSync(join(project.dir, 'seeds/produtos.csv'));
    assert.equal(await unchanged(project), without('produtos'));
    project.write('seeds/produtos.csv', seeds['seeds/produtos.csv']);
    const contents = join(project.dir, '.medallion/cache/contents');
    for (const name of readdirSync(contents)) writeFileSync(join(contents, name), '{"id":');
    assert.equal(await unchanged(project), {});
    assert.is.not((await loadedHere(project)).status, 'failed');
    assert.equal(await unchanged(project), all, 'it is kept again');
    assert.is((await project.mdl('clean')).code, 0);
    assert.equal(await unchanged(project), {});
  }));

const altered: Readonly<Record<string, readonly [change: string, back: string]>> = {
  'another name': ['alter table bronze.pedidos rename to old', 'alter table bronze.old rename to pedidos'],
  'a view in its place': [
    'alter table bronze.pedidos rename to old; create view bronze.pedidos as select 1 as n from bronze.old',
    'drop view bronze.pedidos; alter table bronze.old rename to pedidos',
  ],
  'a column dropped': [
    'alter table bronze.pedidos drop column status',
    'alter table bronze.pedidos add column status text',
  ],
  'a column of another type': [
    'alter table bronze.pedidos alter column status type varchar(100)',
    'alter table bronze.pedidos alter column status type text',
  ],
  'a bookkeeping column renamed': [
    'alter table bronze.pedidos rename process_id to other',
    'alter table bronze.pedidos rename other to process_id',
  ],
  'another schema': [
    'create schema x; alter table bronze.pedidos set schema x',
    'alter table x.pedidos set schema bronze',
  ],
  'not ours': [
    `update medallion.relations set project = 'theirs' where node = 'bronze.pedidos'`,
    `update medallion.relations set project = 'loja' where node = 'bronze.pedidos'`,
  ],
  dropped: ['drop table bronze.pedidos', ''],
};
test('a bronze table that was altered, dropped or replaced by something else', () =>
  withDemo(async (project) => {
    for (const [name, [change, back]] of Object.entries(altered)) {
      await project.sql.unsafe(change);
      assert.equal(await unchanged(project), without('pedidos'), name);
      await project.sql.unsafe(back);
      if (back !== '') assert.equal(await unchanged(project), all, `${name}, and back`);
    }
  }));

test('a column that others dropped comes back with the next load', () =>
  withDemo(async (project) => {
    await project.sql.unsafe(
      'alter table bronze.pedidos drop column id_cliente; alter table bronze.produtos drop column preco',
    );
    assert.is.not((await loadedHere(project)).status, 'failed');
    assert.equal(await unchanged(project), all);
    assert.is((await project.sql`select from bronze.pedidos where id_cliente is not null`).count > 40, true);
    assert.is((await project.sql`select from bronze.produtos where preco is not null`).count > 5, true);
  }));

test('another key, strategy or cursor, and settings of the source that read the file in another way', () =>
  withDemo(async (project) => {
    for (const pedidos of [
      `load: 'replace'`,
      `load: 'append'`,
      `load: 'upsert', key: ['id_pedido', 'id_cliente']`,
      `load: 'upsert', key: 'no such'`,
      `load: 'upsert', key: 'id_pedido', cursor: 'no such'`,
    ]) {
      project.write('medallion.config.ts', demo(pedidos));
      assert.equal(await unchanged(project), without('pedidos'), pedidos);
    }
    project.write(
      'medallion.config.ts',
      demo().replace(`{ dir: 'seeds' }`, `{ dir: 'seeds', nullText: 'NA' }`),
    );
    assert.equal(await unchanged(project), {});
  }));

test('files({ ... }): by pattern, packed, with a file more; an address is not asked', () =>
  withProject(
    {
      'medallion.config.ts': filesConfig({ a: `'in/*.jsonl'`, b: `{ path: 'b.csv', sourceFile: false }` }),
      'in/1.jsonl': '{"id":1}\n',
      'in/2.jsonl': '{"id":2,"source_file":"own"}\n',
      'b.csv': 'id\n1\n',
    },
    async (project) => {
      assert.is.not((await loadedHere(project)).status, 'failed');
      assert.equal(await unchanged(project), { 'bronze.a': 2, 'bronze.b': 1 });
      project.write('in/3.jsonl', '{"id":3}\n');
      assert.equal(await unchanged(project), { 'bronze.b': 1 });
      project.write(
        'medallion.config.ts',
        filesConfig({ a: `'in/*.jsonl'`, b: `'http://127.0.0.1:1/b.csv'` }),
      );
      assert.is((await project.mdl('load', '--table', 'a')).code, 0);
      assert.equal(await unchanged(project), { 'bronze.a': 3 });
    },
  ));

test.run();
