// in one process
import { gzipSync } from 'node:zlib';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { loaded } from '../support/load.ts';
import { filesConfig } from '../support/load-files.ts';
import { withProject } from '../support/project.ts';
import { cellOf, dateCell, workbook, zip } from '../support/xlsx.ts';

const test = suite('Excel');

const book = workbook({
  Capa: [['nada aqui']],
  'Vendas "2024"': [
    ['id', 'nome', 'valor', null, 'valor'],
    [1, ' Ana\n"B" ', 0.1, null, 'x'],
    [],
    [2, null, { xml: '<c><v>12345678901234567890</v></c>' }],
    [3, 'ação', dateCell(45_000.5000115741)],
    [4, 'a time', dateCell(0.75)],
    [5, 'yes', cellOf('b', '1')],
    [6, 'an error', cellOf('e', '#N/A')],
    [7, 'a formula', { xml: '<c t="str"><f>A1</f><v>its value</v></c>' }],
    [8, 'a small number', { xml: '<c><f>A1*2</f><v>2.5E-3</v></c>' }],
    [9, 'a day', dateCell(45_351)],
    [10, 'far away', dateCell(3_000_000)],
  ],
});
const sheet = `sheet: 'Vendas "2024"'`;

test('cells of every kind, rows without any, repeated and missing names', () =>
  withProject(
    { 'medallion.config.ts': filesConfig({ t: `{ path: 'v.xlsx', ${sheet} }` }), 'v.xlsx': book },
    async (project) => {
      const result = await loaded(project);
      assert.equal([result.status, result.read], ['succeeded', 10], JSON.stringify(result));
      assert.equal(result.notices.length, 2, JSON.stringify(result.notices));
      const rows =
        await project.sql`select id, nome, valor, column_4, valor_2 from bronze.t order by id::int`;
      assert.equal(
        rows.map((row) => Object.values(row)),
        [
          ['1', ' Ana\n"B" ', '0.1', null, 'x'],
          ['2', null, '12345678901234567890', null, null],
          ['3', 'ação', '2023-03-15 12:00:01', null, null],
          ['4', 'a time', '18:00:00', null, null],
          ['5', 'yes', 'true', null, null],
          ['6', 'an error', null, null, null],
          ['7', 'a formula', 'its value', null, null],
          ['8', 'a small number', '2.5E-3', null, null],
          ['9', 'a day', '2024-02-29', null, null],
          ['10', 'far away', '10113-09-19', null, null],
        ],
      );
      assert.is((await loaded(project)).status, 'unchanged');
    },
  ));

test('every second of a day is that second', () => {
  const seconds = Array.from({ length: 86_400 }, (_, i) => i).filter((i) => i % 7 === 0);
  return withProject(
    {
      'medallion.config.ts': filesConfig({ t: `'s.xlsx'` }),
      's.xlsx': workbook({
        s: [['i', 'at'], ...seconds.map((i) => [i, dateCell((45_000 + i / 86_400).toPrecision(15))])],
      }),
    },
    async (project) => {
      assert.is((await loaded(project)).status, 'succeeded');
      const [wrong] = await project.sql`
        select count(*)::int as count from bronze.t
         where at::timestamp is distinct from timestamp '2023-03-15' + i::int * interval '1 second'`;
      assert.is(wrong!.count, 0);
    },
  );
});

test('by number, chosen columns, without a header, packed, the older count of days', () =>
  withProject(
    {
      'medallion.config.ts': filesConfig({
        numbered: `{ path: 'v.xlsx', sheet: 2, columns: ['nome', 'id'] }`,
        bare: `{ path: 'bare.xlsx', header: false, columns: ['a', 'b'] }`,
        packed: `'packed.xlsx.gz'`,
      }),
      'v.xlsx': book,
      'bare.xlsx': workbook(
        {
          a: [
            [1, dateCell(0.5)],
            [2, dateCell(1)],
          ],
        },
        'date1904="1"',
      ),
      'packed.xlsx.gz': gzipSync(workbook({ a: [['x'], ['y']] })),
    },
    async (project) => {
      const { code, stdout } = await project.mdl('load');
      assert.is(code, 0, stdout);
      assert.equal(Object.keys((await project.sql`select * from bronze.numbered limit 1`)[0]!).slice(0, 3), [
        'nome',
        'id',
        'source_file',
      ]);
      assert.equal(
        [...(await project.sql`select a, b from bronze.bare order by a`)].map(({ a, b }) => [a, b]),
        [
          ['1', '1904-01-01 12:00:00'],
          ['2', '1904-01-02'],
        ],
      );
      assert.equal(
        [...(await project.sql`select x from bronze.packed`)].map(({ x }) => x),
        ['y'],
      );
    },
  ));

test('what is no workbook, or lacks what was asked for, is an error that says so', async () => {
  const wrong: readonly [bytes: Buffer, code: string, message: RegExp, settings?: string][] = [
    [Buffer.from('hello'), 'MDL3009', /cannot be read as an Excel workbook/],
    [Buffer.from('d0cf11e0a1b11ae1', 'hex'), 'MDL3009', /legacy/],
    [book.subarray(0, 900), 'MDL3009', /unzip/],
    [zip({ 'a.txt': 'x' }), 'MDL3009', /cannot be read/],
    [workbook({ a: [[1, cellOf('s', '9')]] }), 'MDL3009', /row 1, col 2/],
    [book, 'MDL3009', /it has no sheet "Vendas"/, `sheet: 'Vendas'`],
    [book, 'MDL3009', /it has no sheet 9/, 'sheet: 9'],
    [book, 'MDL3009', /it has no column "nope"/, `columns: ['nope']`],
    [workbook({ a: [] }), 'MDL3003', /has no rows/],
  ];
  await withProject(
    {
      'medallion.config.ts': filesConfig(
        Object.fromEntries(
          wrong.map(([, , , settings = ''], i) => [`w${i}`, `{ path: '${i}.xlsx', ${settings} }`]),
        ),
      ),
      ...Object.fromEntries(wrong.map(([bytes], i) => [`${i}.xlsx`, bytes])),
    },
    async (project) => {
      const events = await project.events('load');
      for (const [i, [, code, message]] of wrong.entries()) {
        const { error } = events.find(
          (event) => event.event === 'load.finished' && event.node === `bronze.w${i}`,
        )!;
        assert.is(error?.code, code, `${i}: ${JSON.stringify(error)}`);
        assert.match(error.message, message);
      }
    },
  );
});

test('settings that cannot be are refused before anything is read', async () => {
  for (const [settings, message] of [
    ['header: false', /header: false needs columns/],
    ['sheet: 0', /sheet takes a name, or a number from 1/],
    [`delimiter: ';'`, /delimiter is a setting of csv files, and this is excel/],
  ] as const)
    await withProject(
      { 'medallion.config.ts': filesConfig({ t: `{ path: 'v.xlsx', ${settings} }` }) },
      async (project) => {
        const { code, stderr } = await project.mdl('load');
        assert.is(code, 2);
        assert.match(stderr, message);
      },
    );
});

test.run();
