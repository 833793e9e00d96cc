// core
// in one process
import { writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { interruptLoad } from '../support/interrupt.ts';
import { counts, everyRowAccountedFor, loadedHere, rows } from '../support/load.ts';
import { filesConfig } from '../support/load-files.ts';
import { parquetFile } from '../support/parquet.ts';
import { withProject } from '../support/project.ts';
import { goneOn, text, whole, withTable } from '../support/resume.ts';
import { workbook } from '../support/xlsx.ts';
import { zstdStored } from '../support/zstd.ts';

const test = suite('loads that go on');

const someBatch = () => 2 + Math.floor(Math.random() * 17);

test('every format of file goes on behind the last committed batch, three kills in a row', async () => {
  const ids = Array.from({ length: 200 }, (_, i) => i);
  const json = ids.map((id) => `{"id":${id},"v":"value ${id}"}`);
  const made: Record<string, Buffer | string> = {
    'a.csv': text(200),
    'b.csv.gz': gzipSync(text(200)),
    'c.csv.zst': zstdStored(Buffer.from(text(200))),
    'd.jsonl': json.join('\n'),
    'e.jsonl.gz': gzipSync(json.join('\n')),
    'f.json': `[${json.join(',\n')}]`,
    'g.parquet': parquetFile([
      { name: 'id', type: 'INT64', values: ids.map(BigInt) },
      { name: 'v', type: 'BYTE_ARRAY', converted: 0, values: ids.map((id) => `value ${id}`) },
    ]),
    'h.xlsx': workbook({ one: [['id', 'v'], ...ids.map((id) => [id, `value ${id}`])] }),
    'i.csv': Buffer.from(`\ufeff${text(200)}`, 'utf16le'),
  };
  const tables = Object.keys(made).map((file) => [file[0]!, file] as const);
  await withProject(
    {
      'medallion.config.ts': filesConfig(
        Object.fromEntries(tables.map(([name, file]) => [name, `'${file}'`])),
        'batchRows: 10',
      ),
      'a.csv': 'id,v\nx,y\n',
    },
    async (project) => {
      await project.mdl('load', '--table', 'a');
      for (const [file, bytes] of Object.entries(made)) project.write(file, bytes);
      // A table is as far as its connections have brought it when the first one waits.
      for (const batch of [someBatch(), someBatch(), someBatch()].sort((a, b) => a - b))
        await interruptLoad(project, batch);
      const committed = new Map(
        (
          await project.sql<{ node: string; read: string }[]>`
            select distinct on (bronze_table) bronze_table as node, read from medallion.loads order by bronze_table, load_id desc`
        ).map(({ node, read }) => [node, read]),
      );
      const events = await project.events('load');
      for (const [name] of tables) {
        const notices = events.filter(({ event, node }) => event === 'notice' && node === `bronze.${name}`);
        const before = committed.get(`bronze.${name}`) ?? '0';
        assert.is(
          goneOn({ notices: notices.map(({ message }) => message) }) ?? '0',
          before,
          `${name}: ${JSON.stringify(notices)}`,
        );
        const [row] = await project.sql.unsafe(`
          select count(*)::int as rows, count(distinct id)::int as ids, bool_and(v = 'value ' || id) as fit, count(source_file)::int as named
            from bronze.${name} where id <> 'x'`);
        assert.equal({ ...row }, { rows: 200, ids: 200, fit: true, named: 200 }, name);
      }
      await everyRowAccountedFor(project);
    },
  );
});

for (const strategy of [`load: 'append'`, `load: 'upsert', key: 'id'`, `load: 'replace'`]) {
  test(`${strategy}: after a kill or Ctrl-C, and then a batch that failed`, () =>
    withTable(strategy, async (project) => {
      await interruptLoad(project, 9, strategy.includes('append') ? 'SIGINT' : 'SIGKILL');
      await project.sql.unsafe(`
        create function public.refuse() returns trigger language plpgsql as $$
          begin if new.batch >= 13 then raise 'no more today'; end if; return new; end $$;
        create trigger refuse before insert on medallion.load_batches for each row execute function public.refuse()`);
      const refused = await loadedHere(project);
      assert.is(refused.status, 'failed');
      await project.sql.unsafe('drop trigger refuse on medallion.load_batches');
      const result = await loadedHere(project);
      assert.is(goneOn(result), '120');
      await whole(project, result);
    }));
}

test('rows that were rejected before the kill still count against maxRejects', () =>
  withTable('', async (project, path) => {
    writeFileSync(path, `${text(95)}bad\n`);
    await interruptLoad(project, 10);
    // The last batch is committed, and with it a row too many; what comes after is cut off.
    await project.sql.unsafe(`
      create function public.lose() returns trigger language plpgsql as $$
        begin if new.status = 'failed' then new.status := 'interrupted'; end if; return new; end $$;
      create trigger lose before update on medallion.loads for each row execute function public.lose()`);
    assert.is((await loadedHere(project)).error.code, 'MDL3004');
    await project.sql.unsafe('drop trigger lose on medallion.loads');
    const again = await loadedHere(project);
    assert.is(again.error?.code, 'MDL3004', JSON.stringify(again));
    assert.equal(await rows(project), [['x', 'y']]);
  }));

test('upsert: rows without a key are taken out once, whether the load was killed after that or not', () =>
  withTable(`load: 'upsert', key: 'id', maxRejects: 5`, async (project, path) => {
    writeFileSync(path, `${text(200)},keyless\n`);
    await project.sql.unsafe(`
      create function public.refuse() returns trigger language plpgsql as $$ begin raise 'not now'; end $$;
      create trigger refuse before insert on bronze.t for each statement execute function public.refuse()`);
    assert.is((await loadedHere(project)).status, 'failed');
    await project.sql.unsafe('drop trigger refuse on bronze.t');
    const result = await loadedHere(project);
    assert.is(goneOn(result), '201');
    assert.equal(counts(result), { read: 201, inserted: 200, updated: 0, unchanged: 0, rejected: 1 });
    await whole(project, result);
  }));

test.run();
