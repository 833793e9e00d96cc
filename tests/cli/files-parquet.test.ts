// in one process
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { loaded } from '../support/load.ts';
import { filesConfig } from '../support/load-files.ts';
import { type ListColumn, type ParquetColumn, parquetFile, type Struct } from '../support/parquet.ts';
import { withProject } from '../support/project.ts';
import { zstdStored } from '../support/zstd.ts';

const test = suite('Parquet');

/** Members of the union `LogicalType`. */
const decimal = (scale: number): Struct => [
  [
    5,
    'struct',
    [
      [1, 'i32', scale],
      [2, 'i32', 38],
    ],
  ],
];
const clock = (member: 7 | 8, isUtc: boolean, unit: 1 | 2 | 3): Struct => [
  [
    member,
    'struct',
    [
      [1, 'bool', isUtc],
      [2, 'struct', [[unit, 'struct', []]]],
    ],
  ],
];
const plainType = (member: number): Struct => [[member, 'struct', []]];
const day = 86_400_000_000n;
const int96 = (nanosOfDay: bigint, days: number) => {
  const bytes = Buffer.alloc(12);
  bytes.writeBigInt64LE(nanosOfDay);
  bytes.writeInt32LE(days + 2_440_588, 8);
  return bytes;
};
const float32 = [0.1, 16_777_216, 3.4028235e38, 1e-45, Number.NaN, Number.NEGATIVE_INFINITY, -0].map(
  Math.fround,
);

/** Columns as they are stored; the text that bronze must have; a Postgres type that must take that text. */
const types: readonly [column: Omit<ParquetColumn, 'name'>, texts: readonly string[], castable?: string][] = [
  [{ type: 'BOOLEAN', values: [true, false] }, ['true', 'false'], 'boolean'],
  [{ type: 'INT32', values: [2_147_483_647, -2_147_483_648] }, ['2147483647', '-2147483648'], 'integer'],
  [
    { type: 'INT64', values: [9_223_372_036_854_775_807n, -9_223_372_036_854_775_808n] },
    ['9223372036854775807', '-9223372036854775808'],
    'bigint',
  ],
  [{ type: 'INT32', converted: 13, values: [-1] }, ['4294967295'], 'bigint'],
  [{ type: 'INT64', converted: 14, values: [-1n] }, ['18446744073709551615'], 'numeric'],
  [
    { type: 'FLOAT', values: float32 },
    ['0.1', '16777216', '3.4028235e+38', '1e-45', 'NaN', '-Infinity', '-0'],
    'real',
  ],
  [
    { type: 'DOUBLE', values: [0.1, 1e300, 5e-324, Number.NaN] },
    ['0.1', '1e+300', '5e-324', 'NaN'],
    'double precision',
  ],
  [
    {
      type: 'FIXED_LEN_BYTE_ARRAY',
      typeLength: 2,
      logical: plainType(15),
      values: [Buffer.from([0, 0x3e]), Buffer.from([0, 0xc2])],
    },
    ['1.5', '-3'],
    'real',
  ],
  [
    { type: 'INT32', converted: 5, scale: 2, values: [12_345, -5, 0] },
    ['123.45', '-0.05', '0.00'],
    'numeric',
  ],
  [
    { type: 'INT64', logical: decimal(4), scale: 4, values: [9_007_199_254_740_993n] },
    ['900719925474.0993'],
    'numeric',
  ],
  [
    {
      type: 'FIXED_LEN_BYTE_ARRAY',
      typeLength: 16,
      converted: 5,
      logical: decimal(10),
      scale: 10,
      values: [Buffer.from('4b3b4ca85a86c47a098a223fffffffff', 'hex'), Buffer.alloc(16, 255)],
    },
    ['9999999999999999999999999999.9999999999', '-0.0000000001'],
    'numeric',
  ],
  [
    { type: 'BYTE_ARRAY', converted: 5, scale: 0, values: [Buffer.from([0x80]), Buffer.from([1, 0])] },
    ['-128', '256'],
    'numeric',
  ],
  [
    { type: 'INT32', converted: 6, values: [0, -1, 19_782, -719_529, 2_932_897] },
    ['1970-01-01', '1969-12-31', '2024-02-29', '0002-12-31 BC', '10000-01-01'],
    'date',
  ],
  [
    { type: 'INT64', logical: clock(8, false, 2), values: [1n, -1n, 951_782_400_000_000n + 123_456n] },
    ['1970-01-01 00:00:00.000001', '1969-12-31 23:59:59.999999', '2000-02-29 00:00:00.123456'],
    'timestamp',
  ],
  [
    { type: 'INT64', logical: clock(8, true, 1), values: [1500n, -62_135_596_801_000n] },
    ['1970-01-01 00:00:01.5+00', '0001-12-31 23:59:59+00 BC'],
    'timestamptz',
  ],
  [
    { type: 'INT64', logical: clock(8, false, 3), values: [1_000_000_001n] },
    ['1970-01-01 00:00:01.000000001'],
    'timestamp',
  ],
  [
    { type: 'INT64', converted: 10, values: [20_000n * day + 1_230_000n] },
    ['2024-10-04 00:00:01.23+00'],
    'timestamptz',
  ],
  [
    { type: 'INT96', values: [int96(3_600_000_000_123n, 0), int96(0n, -1)] },
    ['1970-01-01 01:00:00.000000123', '1969-12-31 00:00:00'],
    'timestamp',
  ],
  [{ type: 'INT32', logical: clock(7, false, 1), values: [86_399_999] }, ['23:59:59.999'], 'time'],
  [{ type: 'INT64', converted: 8, values: [3_723_000_004n] }, ['01:02:03.000004'], 'time'],
  [
    {
      type: 'FIXED_LEN_BYTE_ARRAY',
      typeLength: 12,
      converted: 21,
      values: [Buffer.from(Uint32Array.of(14, 3, 4005).buffer)],
    },
    ['14 mons 3 days 00:00:04.005'],
    'interval',
  ],
  [{ type: 'BYTE_ARRAY', converted: 0, values: ['', 'ação "x",\n\t\\N'] }, ['', 'ação "x",\n\t\\N']],
  [{ type: 'BYTE_ARRAY', logical: plainType(4), values: ['RED'] }, ['RED']],
  [
    { type: 'BYTE_ARRAY', converted: 19, values: ['{"a": 12345678901234567890.10}'] },
    ['{"a": 12345678901234567890.10}'],
    'jsonb',
  ],
  [
    { type: 'BYTE_ARRAY', values: [Buffer.from([0, 255, 92]), Buffer.from('text')] },
    ['\\x00ff5c', '\\x74657874'],
    'bytea',
  ],
  [
    {
      type: 'FIXED_LEN_BYTE_ARRAY',
      typeLength: 16,
      logical: plainType(14),
      values: [Buffer.from('00112233445566778899aabbccddeeff', 'hex')],
    },
    ['00112233-4455-6677-8899-aabbccddeeff'],
    'uuid',
  ],
];

test('values of every type become the text that Postgres takes, nothing rounded; nulls stay null', async () => {
  const most = Math.max(...types.map(([, texts]) => texts.length)) + 1;
  const columns = types.map(([column], i) => ({
    ...column,
    name: `c${i}`,
    values: [null, ...column.values, ...Array(most - 1 - column.values.length).fill(null)],
  }));
  await withProject(
    { 'medallion.config.ts': filesConfig({ t: `'t.parquet'` }), 't.parquet': parquetFile(columns) },
    async (project) => {
      const result = await loaded(project);
      assert.equal(
        [result.status, result.read, result.rejected],
        ['succeeded', most, 0],
        JSON.stringify(result),
      );
      const rows = await project.sql`select * from bronze.t`;
      for (const [i, [column, texts, castable]] of types.entries()) {
        const found = rows.map((row) => row[`c${i}`]);
        assert.equal(
          found,
          [null, ...texts, ...Array(most - 1 - texts.length).fill(null)],
          JSON.stringify({ ...column, values: 0 }),
        );
        if (castable) await project.sql.unsafe(`select c${i}::${castable} from bronze.t`);
      }
      assert.is((await loaded(project)).status, 'unchanged');
    },
  );
});

const ids: ParquetColumn = { name: 'id', type: 'INT64', values: [1n, 2n, 3n, 4n] };
const lists: readonly ListColumn[] = [
  { name: 'days', type: 'INT32', converted: 6, lists: [[0, null], [], null, [1]] },
  {
    name: 'sums',
    type: 'INT64',
    converted: 5,
    scale: 2,
    lists: [[9_007_199_254_740_993n], [], null, [1n, 2n]],
  },
  { name: 'bytes', type: 'BYTE_ARRAY', lists: [[Buffer.from([1])], [], null, []] },
  { name: 'reals', type: 'FLOAT', lists: [[Math.fround(0.1), Number.NaN], [], null, []] },
];

test('nested values become JSON, with all digits', () =>
  withProject(
    { 'medallion.config.ts': filesConfig({ t: `'t.parquet'` }), 't.parquet': parquetFile([ids, ...lists]) },
    async (project) => {
      const result = await loaded(project);
      assert.is(result.status, 'succeeded', JSON.stringify(result));
      assert.equal(
        (await project.sql`select days, sums, bytes, reals from bronze.t order by id`).map((row) =>
          Object.values(row),
        ),
        [
          ['["1970-01-01",null]', '[90071992547409.93]', '["\\\\x01"]', '[0.1,"NaN"]'],
          ['[]', '[]', '[]', '[]'],
          [null, null, null, null],
          ['["1970-01-02"]', '[0.01,0.02]', '[]', '[]'],
        ],
      );
      await project.sql`select days::jsonb, sums::jsonb, bytes::jsonb, reals::jsonb from bronze.t`;
    },
  ));

test('packed pages, chosen columns, and a text that is none', () =>
  withProject(
    {
      'medallion.config.ts': filesConfig(
        {
          gzip: `'gzip.parquet'`,
          brotli: `'brotli.parquet'`,
          zstd: `'zstd.parquet'`,
          chosen: `{ path: 'more.parquet', columns: ['v', 'id'] }`,
          outside: `['outside.parquet.gz', 'outside.parquet.zst']`,
          broken: `'broken.parquet'`,
        },
        'maxRejects: 1',
      ),
      'gzip.parquet': parquetFile([ids], [2, (page) => gzipSync(page)]),
      'brotli.parquet': parquetFile([ids], [4, (page) => brotliCompressSync(page)]),
      'zstd.parquet': parquetFile([ids], [6, zstdStored]),
      'outside.parquet.gz': gzipSync(parquetFile([{ ...ids, values: [1n, 2n] }])),
      'outside.parquet.zst': zstdStored(parquetFile([{ ...ids, values: [3n, 4n] }])),
      'more.parquet': parquetFile([ids, { ...ids, name: 'other' }, { ...ids, name: 'v' }]),
      'broken.parquet': parquetFile([
        ids,
        { name: 'v', type: 'BYTE_ARRAY', converted: 0, values: ['a', Buffer.from([255]), 'b', 'c'] },
      ]),
    },
    async (project) => {
      const { code, stdout } = await project.mdl('load');
      assert.is(code, 0, stdout);
      for (const table of ['gzip', 'brotli', 'zstd', 'outside'])
        assert.equal(
          [...(await project.sql.unsafe(`select id from bronze.${table} order by id`))].map(({ id }) => id),
          ['1', '2', '3', '4'],
          table,
        );
      assert.equal(
        readdirSync(join(project.dir, '.medallion/cache')).filter((name) => name.startsWith('unpacked')),
        [],
      );
      assert.equal(Object.keys((await project.sql`select * from bronze.chosen limit 1`)[0]!).slice(0, 3), [
        'v',
        'id',
        'source_file',
      ]);
      assert.is((await project.sql`select from bronze.broken`).count, 3);
      const [rejected] = await project.sql`select reason, raw from medallion.rejected_rows`;
      assert.match(rejected!.reason, '"v" of row 2 is not valid UTF-8');
      assert.match(rejected!.raw, '"id":2');
    },
  ));

test('what is no Parquet, or not whole, is MDL3009 with the reason', async () => {
  const whole = parquetFile([ids]);
  const damaged = Buffer.from(whole);
  damaged.fill(255, 4, 12);
  const wrong: readonly [bytes: Buffer, message: RegExp, table?: (path: string) => string][] = [
    [Buffer.alloc(0), /no Parquet file: it does not begin with PAR1/],
    [gzipSync(Buffer.from('x')), /no Parquet file/],
    [whole.subarray(0, -20), /cut off: it does not end with PAR1/],
    [Buffer.concat([Buffer.from('PARE'), whole]), /is encrypted/],
    [Buffer.concat([whole.subarray(0, 4), whole.subarray(-8)]), /its end cannot be read/],
    [damaged, /the column "id" cannot be read \(rows 1 to 4\)/],
    [parquetFile([ids], [3, (page) => page]), /the column "id" cannot be read.*LZO/],
    [whole, /it has no column "nope"/, (path) => `{ path: '${path}', columns: ['id', 'nope'] }`],
  ];
  await withProject(
    {
      'medallion.config.ts': filesConfig(
        Object.fromEntries(
          wrong.map(([, , table], i) => [`w${i}`, table?.(`${i}.parquet`) ?? `'${i}.parquet'`]),
        ),
      ),
      ...Object.fromEntries(wrong.map(([bytes], i) => [`${i}.parquet`, bytes])),
    },
    async (project) => {
      const events = await project.events('load');
      for (const [i, [, message]] of wrong.entries()) {
        const { error } = events.find(
          (event) => event.event === 'load.finished' && event.node === `bronze.w${i}`,
        )!;
        assert.is(error?.code, 'MDL3009', `${i}: ${JSON.stringify(error)}`);
        assert.match(error.message, message);
      }
    },
  );
});

test.run();
