// core: runs on every server
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type OwnServer, ownServer } from '../support/faults/server.ts';
import { type Told, withVersions } from '../support/faults/versions.ts';

/** A disk that is full: a small file system in memory is the data folder of the test's own server. To mount one takes root. */
const test = suite('faults: no room on the disk');
const folder = mkdtempSync('/tmp/mdl-disk-');
const mount = (options: string) =>
  execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder], { stdio: 'pipe' });
let server: OwnServer | undefined;
let full = 0;

const refusal = (() => {
  try {
    mount('size=120m');
    return undefined;
  } catch (error) {
    return String((error as { stderr?: unknown }).stderr ?? error).trim();
  }
})();

test.before(async () => {
  if (refusal === undefined) server = await ownServer(folder);
});
test.after(async () => {
  await server?.close();
  if (refusal === undefined) execFileSync('umount', [folder]);
  rmSync(folder, { recursive: true });
  console.log(
    refusal === undefined
      ? `measured: the disk was full ${full} times`
      : `measured: no full disk, for none can be mounted: ${refusal}`,
  );
});
const onDisk = refusal === undefined ? test : test.skip;

const wide = (rows: string) =>
  `select i as id, repeat(md5(i::text), 20) as v from generate_series(1, ${rows}) i`;

function isFull({ outcome, errors, events }: Told): void {
  full++;
  assert.is(outcome.status, 'failed');
  assert.match(errors, /MDL2008 .*(No space left on device|wrote only .*) 53100/, errors);
  assert.not(
    events.some(({ event }) => event === 'node.retried'),
    'no wait of seconds makes room',
  );
}

onDisk(
  'a model that does not fit, a disk that somebody else fills, a load that does not fit: nothing is lost, and with room all goes on',
  () =>
    withVersions(`threads: 2, retries: 2, retryDelay: '1 ms'`, async (versions) => {
      const { project } = versions;
      versions.raise();
      project.write('models/gold/wide.sql', wide('300000'));
      const model = await versions.build();
      isFull(model);
      project.write('models/gold/wide.sql', wide('10'));
      await versions.endsWell(model);

      versions.raise();
      const { bavail, bsize } = statfsSync(folder);
      writeFileSync(join(folder, 'theirs'), Buffer.alloc(bavail * bsize));
      const filled = await versions.build();
      full++;
      assert.is(filled.outcome.status, 'failed');
      assert.match(filled.errors, /MDL2008 .*(No space left on device|wrote only )/);
      assert.is(await versions.published(), versions.version - 1);
      rmSync(join(folder, 'theirs'));
      const freed = await versions.build();
      assert.is(freed.outcome.status, 'succeeded', freed.errors);
      await versions.endsWell(freed);

      versions.raise();
      const line = `${'x'.repeat(1000)}\n`;
      const rows = 120_000;
      project.write('seeds/big.csv', Buffer.from(`id\n${line.repeat(rows)}`));
      project.write(
        'medallion.config.ts',
        project
          .read('medallion.config.ts')
          .replace('bronze: {', `bronze: { big: { from: 's.big', batchRows: 5000 },`),
      );
      const load = await versions.build();
      isFull(load);
      assert.is(await versions.published(), versions.version - 1);
      mount('remount,size=600m');
      const room = await versions.build();
      assert.is(room.outcome.status, 'succeeded', room.errors);
      assert.is((await project.sql`select from bronze.big`).count, rows);
      await versions.endsWell(room);
    }),
);

test.run();
