// in one process
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { config, loadedHere, rows } from '../support/load.ts';
import { type TestProject, withProject } from '../support/project.ts';
import { until } from '../support/wait.ts';

const test = suite('keys and columns of bronze that change');

const upsert = (key: string, more = '') => config(`load: 'upsert', key: ${key}, ${more}`);

async function load(project: TestProject, bronze: string, csv: string) {
  project.write('medallion.config.ts', bronze);
  project.write('seeds/t.csv', csv);
  return loadedHere(project);
}

const indexes = async ({ sql }: TestProject) =>
  (
    await sql`select indexdef from pg_indexes where schemaname = 'bronze' and tablename = 't' order by indexname`
  ).map(({ indexdef }) => /UNIQUE.*\((.*)\)/.exec(indexdef)?.[1] ?? 'not unique');
const owned = async ({ sql }: TestProject) =>
  (
    await sql`select jsonb_array_length(owned -> 'indexes') as n from medallion.relations where node = 'bronze.t'`
  )[0]!.n;

test('upsert by a longer key, and by another one: the index of the key before goes', () =>
  withProject({}, async (project) => {
    await load(project, upsert(`'id'`), 'id,v\n1,a\n');
    assert.equal(await indexes(project), ['id']);
    const longer = await load(project, upsert(`['id', 'v']`), 'id,v\n1,a\n1,b\n');
    assert.is(longer.status, 'succeeded', JSON.stringify(longer.error));
    assert.equal(await rows(project), [
      ['1', 'a'],
      ['1', 'b'],
    ]);
    assert.equal(await indexes(project), ['id, v']);
    const other = await load(project, upsert(`'v'`), 'id,v\n2,a\n2,c\n');
    assert.is(other.status, 'succeeded', JSON.stringify(other.error));
    assert.equal(await indexes(project), ['v']);
    assert.is(await owned(project), 1);
  }));

test('a table that was loaded by key takes any row when it is appended to', () =>
  withProject({}, async (project) => {
    await load(project, upsert(`'id'`), 'id,v\n1,a\n');
    const appended = await load(project, config(`load: 'append'`), 'id,v\n1,b\n');
    assert.is(appended.status, 'succeeded', JSON.stringify(appended.error));
    assert.is((await rows(project)).length, 2);
    assert.equal(await indexes(project), []);
    assert.is(await owned(project), 0);
  }));

test("others' unique indexes stay, and the key's own where others rest on it", () =>
  withProject({}, async (project) => {
    await load(project, upsert(`'id'`), 'id,v\n1,a\n');
    await project.sql.unsafe(`
      create unique index "of Others" on bronze.t (v);
      create table mine (id text references bronze.t (id)); insert into mine values ('1')`);
    const longer = await load(project, upsert(`['id', 'v']`), 'id,v\n1,a\n2,b\n');
    assert.is(longer.status, 'succeeded', JSON.stringify(longer.error));
    assert.equal((await indexes(project)).sort(), ['id', 'id, v', 'v']);
    const refused = await load(project, upsert(`['id', 'v']`), 'id,v\n1,a\n1,c\n');
    assert.is(refused.error.code, 'MDL4304');
    assert.equal(await rows(project), [
      ['1', 'a'],
      ['2', 'b'],
    ]);
  }));

for (const strategy of ['append', 'upsert'])
  test(`${strategy}: a load that is refused has added no column`, () =>
    withProject({}, async (project) => {
      const bronze = strategy === 'append' ? config(`load: 'append'`) : upsert(`'id'`);
      await load(project, bronze, 'id,v\n1,a\n');
      const version = async () =>
        (
          await project.sql`select data_version::int as n from medallion.relations where node = 'bronze.t'`
        )[0]!.n;
      const before = await version();
      const bad = strategy === 'append' ? '2,b,c,d' : ',b,c';
      assert.is((await load(project, bronze, `id,v,w\n${bad}\n3,x,y\n`)).error.code, 'MDL3004');
      const columns = project.sql`select from pg_attribute where attrelid = 'bronze.t'::regclass and attname = 'w'`;
      assert.is((await columns).count, 0);
      assert.is(await version(), before);
      assert.is((await load(project, bronze, 'id,v,w\n2,b,c\n')).status, 'succeeded');
      assert.equal(await rows(project, 'id, v, w'), [
        ['1', 'a', null],
        ['2', 'b', 'c'],
      ]);
    }));

test('a key that the rows of bronze repeat: refused, and no column is added; a key that is a new column takes them', () =>
  withProject({}, async (project) => {
    await load(project, config(`load: 'append'`), 'id,v\n1,a\n1,b\n');
    const refused = await load(project, upsert(`'id'`), 'id,v,w\n2,c,d\n');
    assert.is(refused.error.code, 'MDL3007');
    const columns = project.sql`select from pg_attribute where attrelid = 'bronze.t'::regclass and attname = 'w'`;
    assert.is((await columns).count, 0);
    const added = await load(project, upsert(`'w'`), 'id,v,w\n2,c,d\n');
    assert.is(added.status, 'succeeded', JSON.stringify(added.error));
    assert.equal(await rows(project, 'id, v, w'), [
      ['1', 'a', null],
      ['1', 'b', null],
      ['2', 'c', 'd'],
    ]);
  }));

test('an index goes when readers leave a moment free, and none of them waits for it', () =>
  withProject({}, async (project) => {
    await load(project, upsert(`'id'`), 'id,v\n1,a\n');
    const reader = await project.sql.reserve();
    await reader.unsafe('begin; select from bronze.t').simple();
    project.write('medallion.config.ts', upsert(`['id', 'v']`));
    project.write('seeds/t.csv', 'id,v\n1,a\n1,b\n');
    const loading = loadedHere(project);
    await until(async () => (await indexes(project)).includes('id, v'));
    for (let i = 0; i < 40; i++) {
      await project.sql.begin((tx) => tx.unsafe(`set local lock_timeout = '500ms'; select from bronze.t`));
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    assert.equal((await indexes(project)).sort(), ['id', 'id, v']);
    await reader.unsafe('commit');
    reader.release();
    const longer = await loading;
    assert.is(longer.status, 'succeeded', JSON.stringify(longer.error));
    assert.equal(await indexes(project), ['id, v']);
  }));

test('a column that the source has lost: what its rows have then is told as it is', () =>
  withProject({}, async (project) => {
    await load(project, upsert(`'id'`), 'id,v,w\n1,a,x\n');
    const { notices } = await load(project, upsert(`'id'`), 'id,v\n1,b\n2,c\n');
    assert.match(
      notices.join(),
      'no longer has "w": rows that are there keep what they have, new ones have null',
    );
    assert.equal(await rows(project, 'id, v, w'), [
      ['1', 'b', 'x'],
      ['2', 'c', null],
    ]);
  }));

test('bytes that are no UTF-8 far into a file: the error says what to set', () =>
  withProject({}, async (project) => {
    const begin = `id,v\n${'1,aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n'.repeat(20_000)}`;
    project.write('medallion.config.ts', config(`load: 'append'`));
    project.write('seeds/t.csv', Buffer.concat([Buffer.from(begin), Buffer.from('2,\xe7\n', 'latin1')]));
    const { error } = await loadedHere(project);
    assert.is(error.code, 'MDL3004');
    assert.match(error.hint, "encoding: 'windows-1252'");
    // Whatever the rows were rejected for that the error shows.
    project.write('medallion.config.ts', config(`load: 'append', maxRejects: 3`));
    const others = Buffer.from(`${begin}2\n3\n4\n`);
    project.write('seeds/t.csv', Buffer.concat([others, Buffer.from('5,\xe7\n', 'latin1')]));
    const later = (await loadedHere(project)).error;
    assert.is(later.code, 'MDL3004');
    assert.match(later.hint, "encoding: 'windows-1252'");
  }));

test.run();
