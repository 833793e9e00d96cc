// in one process
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type TestProject, testProject } from '../support/project.ts';
import { until } from '../support/wait.ts';

/** A source as a user would write it: rows in a file, handed out by pages in the order of their id. */
const config = (bronze: string) => `
import { readFileSync } from 'node:fs';
import { defineConfig, defineSource } from 'medallion';
const shop = defineSource({
  kind: 'shop',
  tables: () => ['orders'],
  open(table, { projectDir }) {
    const all = () => JSON.parse(readFileSync(projectDir + '/' + table + '.json', 'utf8'));
    return {
      origin: 'shop/' + table,
      columns: ['id', 'changed', 'value'],
      totalRows: all().length,
      resumable: 'always',
      highWater: async (column) => all().map((row) => row[column]).filter((value) => value !== null).sort().at(-1) ?? null,
      async *read({ after = '', since, notify }) {
        const rows = all().filter((row) => row.id > after && (!since || row[since.column] >= since.value)).sort((a, b) => a.id < b.id ? -1 : 1);
        notify({ message: 'asked for rows ' + (since ? 'from ' + since.value : 'all') + ' after ' + JSON.stringify(after) });
        for (let i = 0; i < rows.length; i += 3) {
          if (rows[i].value === 'slow') await new Promise((resolve) => setTimeout(resolve, 60_000));
          const page = rows.slice(i, i + 3);
          yield { rows: page, next: page.at(-1).id, nextAfter: (index) => page[index].id };
        }
      },
    };
  },
});
export default defineConfig({ name: 'loja', database: process.env.DATABASE_URL, sources: { shop }, bronze: { orders: { from: 'shop.orders', ${bronze} } } });
`;

type Row = { id: string; changed?: string | null; value?: unknown; [other: string]: unknown };

const test = suite('sources');
let project: TestProject;
const rows = (list: readonly Row[]) => project.write('orders.json', JSON.stringify(list));
const order = (n: number, changed = 'a', value: unknown = n): Row => ({
  id: `o${String(n).padStart(3, '0')}`,
  changed,
  value,
});
const orders = (count: number) => Array.from({ length: count }, (_, i) => order(i + 1));
const bronze = () => project.sql`select * from bronze.orders order by id`;

async function withProject(
  bronzeConfig: string,
  list: readonly Row[],
  work: () => Promise<void>,
): Promise<void> {
  project = await testProject({
    'medallion.config.ts': config(bronzeConfig),
    'orders.json': JSON.stringify(list),
  });
  try {
    await work();
  } finally {
    await project.close();
  }
}

async function load(...args: string[]) {
  const events = await project.events('load', ...args);
  const finished = events.find(({ event }) => event === 'load.finished')!;
  const asked = events.filter(({ event }) => event === 'notice').map(({ message }) => message as string);
  return { finished, asked, events };
}

test('values of every kind become the text of bronze; nothing is rounded', () =>
  withProject(`load: 'replace'`, [], async () => {
    project.write(
      'medallion.config.ts',
      config(`load: 'replace'`).replace(
        'const all = () => JSON.parse(',
        `const all = () => [{ id: 'a', changed: new Date(0), value: 12345678901234567890n }, { id: 'b', changed: new Uint8Array([1, 255]), value: { list: [1, null], text: 'a "quoted" \\n, ção' } },
          { id: 'c', changed: true, value: undefined }, { id: 'd', changed: '', value: 0.1 }, { id: 'e', changed: '\\\\N', value: '\\\\.' }] ?? JSON.parse(`,
      ),
    );
    const { finished } = await load();
    assert.is(finished.status, 'succeeded', JSON.stringify(finished));
    assert.equal(
      (await bronze()).map(({ id, changed, value }) => [id, changed, value]),
      [
        ['a', '1970-01-01T00:00:00.000Z', '12345678901234567890'],
        ['b', '\\x01ff', '{"list":[1,null],"text":"a \\"quoted\\" \\n, ção"}'],
        ['c', 'true', null],
        ['d', '', '0.1'],
        ['e', '\\N', '\\.'],
      ],
    );
  }));

test('rows that cannot be kept are rejected with their reason', () =>
  withProject(
    `load: 'replace', maxRejects: 3`,
    [order(1), order(2, 'a', 'nul \u0000'), { ...order(3), extra: 1 }],
    async () => {
      const { finished } = await load();
      assert.equal([finished.read, finished.inserted, finished.rejected], [3, 1, 2]);
      const reasons = await project.sql`select reason, raw from medallion.rejected_rows order by raw`;
      assert.match(reasons[0]!.reason, 'U+0000');
      assert.match(reasons[1]!.reason, 'the field "extra" is not among the columns');
      assert.match(reasons[1]!.raw, '"id":"o003"');
    },
  ));

test('batches are cut inside and across pages', () =>
  withProject(`load: 'replace', batchRows: 2`, orders(10), async () => {
    await load();
    const batches =
      await project.sql`select first_row::int as first, read, position from medallion.load_batches order by batch`;
    assert.equal(
      batches.map(({ first, read }) => [first, read]),
      [
        [1, 2],
        [3, 2],
        [5, 2],
        [7, 2],
        [9, 2],
      ],
    );
    assert.equal(batches[0]!.position, { from: 'o002', skip: 0, rows: 2 });
    assert.is((await bronze()).length, 10);
  }));

test('a cursor: later loads ask for what is new, a full one for everything', () =>
  withProject(`load: 'upsert', key: 'id', cursor: 'changed'`, orders(4), async () => {
    assert.match((await load()).asked[0]!, 'rows all');
    rows([order(1), order(2, 'c', 'new'), order(3), order(4), order(5, 'b')]);
    const second = await load();
    assert.match(second.asked[0]!, 'rows from a');
    assert.equal([second.finished.inserted, second.finished.updated], [1, 1]);
    const third = await load();
    assert.match(third.asked[0]!, 'rows from c');
    assert.equal([third.finished.read, third.finished.unchanged], [1, 1]);
    assert.match((await load('--since', 'b')).asked[0]!, 'rows from b');
    assert.match((await load()).asked[0]!, 'rows from c', 'a value of the user does not move the cursor');
    assert.match((await load('--full')).asked[0]!, 'rows all');
    assert.equal(
      (await bronze()).map(({ row_version }) => row_version),
      [1, 2, 1, 1, 1],
    );
  }));

test('a limit reads the beginning, and the next load does not take it for all', () =>
  withProject(`load: 'upsert', key: 'id', cursor: 'changed', deletes: 'remove'`, orders(10), async () => {
    await load();
    const limited = await load('--full', '--limit', '4');
    assert.equal([limited.finished.read, limited.finished.deleted ?? 0], [4, 0]);
    assert.is((await bronze()).length, 10);
    assert.match((await load()).asked[0]!, 'rows from a');
  }));

test('rows that leave the source: kept, removed, marked and back again', async () => {
  await withProject(`load: 'upsert', key: 'id'`, orders(3), async () => {
    await load();
    rows([order(1)]);
    assert.is((await load()).finished.deleted ?? 0, 0);
    assert.is((await bronze()).length, 3);

    project.write('medallion.config.ts', config(`load: 'upsert', key: 'id', deletes: 'mark'`));
    assert.is((await load()).finished.deleted, 2);
    assert.equal(
      (await bronze()).map(({ id, row_version, row_deleted_at }) => [
        id,
        row_version,
        row_deleted_at !== null,
      ]),
      [
        ['o001', 1, false],
        ['o002', 2, true],
        ['o003', 2, true],
      ],
    );
    assert.is((await load()).finished.deleted, 0, 'a marked row is not marked again');
    rows([order(1), order(3)]);
    const back = (await load()).finished;
    assert.equal([back.updated, back.unchanged], [1, 1]);
    assert.equal(
      (await bronze()).map(({ row_deleted_at }) => row_deleted_at !== null),
      [false, true, false],
    );

    project.write('medallion.config.ts', config(`load: 'upsert', key: 'id', deletes: 'remove'`));
    assert.is((await load()).finished.deleted, 1);
    assert.equal(
      (await bronze()).map(({ id }) => id),
      ['o001', 'o003'],
    );
    const [loads] = await project.sql`select sum(deleted)::int as deleted from medallion.loads`;
    assert.is(loads!.deleted, 3);

    rows([]);
    const none = await load();
    assert.match(none.asked.join(), 'no rows at all');
    assert.is((await bronze()).length, 2, 'an empty answer removes nothing');
  });
});

test('deletes and cursor need an upsert; --since needs a cursor', () =>
  withProject(`load: 'append', deletes: 'mark'`, [], async () => {
    assert.match((await project.mdl('load')).stderr, /MDL1003[\s\S]*deletes needs load: 'upsert'/);
    project.write('medallion.config.ts', config(`load: 'replace', cursor: 'changed'`));
    assert.match((await project.mdl('load')).stderr, /MDL1003[\s\S]*cursor needs load: 'upsert'/);
    project.write('medallion.config.ts', config(`load: 'upsert', key: 'id', cursor: 'chnged'`));
    assert.match((await project.mdl('load')).stdout, /MDL3005[\s\S]*cursor column "chnged"[\s\S]*changed/);
    project.write('medallion.config.ts', config(`load: 'upsert', key: 'id'`));
    const { code, stdout } = await project.mdl('load', '--since', 'b');
    assert.match(stdout, /MDL3008[\s\S]*no cursor/);
    assert.is(code, 1);
  }));

test('a killed load goes on after its last batch, although the source has changed', () =>
  withProject(
    `load: 'upsert', key: 'id', batchRows: 2`,
    orders(9).map((row, i) => (i === 6 ? { ...row, value: 'slow' } : row)),
    async () => {
      const child = project.spawn('load');
      await until(async () => {
        const [row] = await project.sql`select count(*)::int as batches from medallion.load_batches`.catch(
          () => [{ batches: 0 }],
        );
        return row!.batches === 3;
      });
      child.kill('SIGKILL');
      rows(orders(12));
      const { finished, asked } = await load();
      assert.match(asked.join('\n'), 'Going on after 6 rows');
      assert.match(asked.join('\n'), 'after "o006"');
      assert.equal([finished.status, finished.read, finished.inserted], ['succeeded', 12, 12]);
      assert.equal(
        (await bronze()).map(({ value }) => value),
        orders(12).map(({ value }) => String(value)),
      );
    },
  ));

test('load --dry-run says what would be read, and reads nothing', () =>
  withProject(`load: 'upsert', key: 'id', cursor: 'changed'`, orders(4), async () => {
    const first = await project.mdl('load', '--dry-run');
    assert.match(first.stdout, /bronze\.orders +shop\/orders +upsert +4 +all rows\nNothing was done/);
    await load();
    const [, second] = (await project.mdl('load', '--table', 'orders', '--dry-run', '--json')).stdout.match(
      /(.*)\n/,
    )!;
    assert.equal(JSON.parse(second!).since, { column: 'changed', value: 'a' });
    assert.match((await project.mdl('load', '--dry-run', '--limit', '2', '--full')).stdout, '2 rows at most');
    assert.is((await project.mdl('load', '--limit', '0')).code, 2);
  }));

test.run();
