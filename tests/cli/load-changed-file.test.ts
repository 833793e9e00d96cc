// in one process
import { renameSync, statSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { barrier, interruptLoad, stoppedLoads } from '../support/interrupt.ts';
import { config, everyRowAccountedFor, loadedHere, rows } from '../support/load.ts';
import { goneOn, text, whole, withTable } from '../support/resume.ts';

const test = suite('files that change under a load');

const changes: Readonly<Record<string, (path: string) => void>> = {
  'one byte before the offset, size and time of change as they were': (path) => {
    const { atime, mtime } = statSync(path);
    writeFileSync(path, text(200).replace('value 3\n', 'VALUE 3\n'));
    utimesSync(path, atime, mtime);
  },
  'another file of the same size in its place': (path) => {
    const { atime, mtime } = statSync(path);
    writeFileSync(`${path}.new`, text(200).replaceAll('value', 'other'));
    utimesSync(`${path}.new`, atime, mtime);
    renameSync(`${path}.new`, path);
  },
  'cut off': (path) => truncateSync(path, text(77).length),
  'rows added at its end': (path) => writeFileSync(path, text(300)),
};
test('a file that has changed is begun with again', () =>
  withTable('', async (project, path) => {
    for (const [name, change] of Object.entries(changes)) {
      writeFileSync(path, text(200));
      await interruptLoad(project, 2 + Math.floor(Math.random() * 17));
      change(path);
      const result = await loadedHere(project);
      assert.is(goneOn(result), undefined, name);
      const lines = project.read('seeds/t.csv').trim().split('\n').slice(1);
      assert.is(result.read, lines.length, name);
      const found = (await rows(project)).map((row) => row.join());
      assert.equal(found.sort(), lines.sort(), `${name}: the rows of the file as it is`);
    }
    await everyRowAccountedFor(project);
  }));

test('a file that is put back as it was is gone on with, but not with other batches', () =>
  withTable('', async (project, path) => {
    await interruptLoad(project, 7);
    writeFileSync(path, 'id,v\n');
    writeFileSync(path, text(200));
    const result = await loadedHere(project);
    assert.is(goneOn(result), '60');
    await whole(project, result);

    writeFileSync(path, text(300));
    await interruptLoad(project, 7);
    project.write('medallion.config.ts', config('batchRows: 20'));
    const again = await loadedHere(project);
    assert.is(goneOn(again), undefined);
    await whole(project, again, 300);
  }));

test('a file that is written to while it is read is read again; one that never rests is MDL3010', () =>
  withTable('', async (project, path) => {
    const goOn = await barrier(project, 3);
    const loading = loadedHere(project);
    await stoppedLoads(project);
    writeFileSync(path, text(300));
    await goOn();
    const result = await loading;
    assert.match(result.notices.join('\n'), /t\.csv was changed while it was read\. It is read again\./);
    await whole(project, result, 300);

    writeFileSync(path, text(10_000));
    const writing = setInterval(() => utimesSync(path, new Date(), new Date()), 1);
    const failed = await loadedHere(project);
    clearInterval(writing);
    assert.is(failed.error?.code, 'MDL3010', JSON.stringify(failed));
    assert.is((await rows(project)).length, 300, 'bronze stays as it was');
  }));

test.run();
