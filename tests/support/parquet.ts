/**
 * Writes Parquet files of one row group for tests, as the format's specification says: one page for each column, PLAIN, definition levels as runs.
 * https://github.com/apache/parquet-format
 */

/** A field of a Thrift struct: its number, its type and its value. */
type Field =
  | readonly [id: number, type: 'i32' | 'i64', value: number | bigint]
  | readonly [id: number, type: 'text', value: string]
  | readonly [id: number, type: 'bool', value: boolean]
  | readonly [id: number, type: 'struct', value: Struct]
  | readonly [id: number, type: 'list', of: 'i32' | 'text' | 'struct', values: readonly unknown[]];
export type Struct = readonly Field[];

const typeCodes = { i32: 5, i64: 6, text: 8, list: 9, struct: 12 } as const;

function varint(value: bigint): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>= 7n) {
    if (rest < 128n) return [...bytes, Number(rest)];
    bytes.push(Number(rest & 127n) | 128);
  }
}
const zigzag = (value: number | bigint) =>
  varint(BigInt.asUintN(64, (BigInt(value) << 1n) ^ (BigInt(value) >> 63n)));
const text = (value: string) => [...varint(BigInt(Buffer.byteLength(value))), ...Buffer.from(value)];

/** The compact protocol of Thrift. */
function struct(fields: Struct): number[] {
  const bytes: number[] = [];
  let before = 0;
  for (const field of fields) {
    const [id, type, value] = field;
    const code = type === 'bool' ? (value ? 1 : 2) : typeCodes[type];
    bytes.push(((id - before) << 4) | code);
    before = id;
    if (type === 'i32' || type === 'i64') bytes.push(...zigzag(value));
    else if (type === 'text') bytes.push(...text(value));
    else if (type === 'struct') bytes.push(...struct(value));
    else if (type === 'list') {
      const [, , of, values] = field;
      if (values.length < 15) bytes.push((values.length << 4) | typeCodes[of]);
      else bytes.push(0xf0 | typeCodes[of], ...varint(BigInt(values.length)));
      for (const one of values)
        bytes.push(
          ...(of === 'i32'
            ? zigzag(one as number)
            : of === 'text'
              ? text(one as string)
              : struct(one as Struct)),
        );
    }
  }
  return [...bytes, 0];
}

const physical = {
  BOOLEAN: 0,
  INT32: 1,
  INT64: 2,
  INT96: 3,
  FLOAT: 4,
  DOUBLE: 5,
  BYTE_ARRAY: 6,
  FIXED_LEN_BYTE_ARRAY: 7,
} as const;
export type Physical = keyof typeof physical;

export interface ParquetColumn {
  readonly name: string;
  readonly type: Physical;
  readonly typeLength?: number;
  /** Of the specification's enum `ConvertedType`. */
  readonly converted?: number;
  /** Of the specification's union `LogicalType`. */
  readonly logical?: Struct;
  readonly scale?: number;
  readonly values: readonly unknown[];
}

/** A column of lists, in the three levels of the specification. */
export interface ListColumn extends Omit<ParquetColumn, 'values'> {
  readonly lists: readonly (readonly unknown[] | null)[];
}

const plain: Readonly<Record<Physical, (value: any) => Buffer>> = {
  BOOLEAN: () => Buffer.alloc(0),
  INT32: (value: number) => Buffer.from(Int32Array.of(value).buffer),
  INT64: (value: bigint) => Buffer.from(BigInt64Array.of(BigInt(value)).buffer),
  INT96: (value: Buffer) => value,
  FLOAT: (value: number) => Buffer.from(Float32Array.of(value).buffer),
  DOUBLE: (value: number) => Buffer.from(Float64Array.of(value).buffer),
  BYTE_ARRAY: (value: string | Buffer) => {
    const bytes = Buffer.from(value as string);
    return Buffer.concat([Buffer.from(Int32Array.of(bytes.length).buffer), bytes]);
  },
  FIXED_LEN_BYTE_ARRAY: (value: Buffer) => value,
};

function plainValues(type: Physical, values: readonly unknown[]): Buffer {
  if (type !== 'BOOLEAN') return Buffer.concat(values.map(plain[type]));
  const bits = Buffer.alloc(Math.ceil(values.length / 8));
  for (const [i, value] of values.entries()) if (value) bits[i >> 3]! |= 1 << (i & 7);
  return bits;
}

/** Levels as runs of one. */
function levels(list: readonly number[]): Buffer {
  const runs = Buffer.from(list.flatMap((level) => [1 << 1, level]));
  return Buffer.concat([Buffer.from(Int32Array.of(runs.length).buffer), runs]);
}

function pageOf(column: ParquetColumn | ListColumn): { page: Buffer; count: number } {
  const definitions: number[] = [];
  const repetitions: number[] = [];
  const values: unknown[] = [];
  const isList = 'lists' in column;
  for (const entry of isList ? column.lists : column.values) {
    const list = isList ? (entry as readonly unknown[] | null) : undefined;
    if (!isList || list === null || list!.length === 0) {
      const isNull = isList ? true : entry === null;
      definitions.push(isList ? (list === null ? 0 : 1) : isNull ? 0 : 1);
      repetitions.push(0);
      if (!isNull) values.push(entry);
      continue;
    }
    for (const [i, value] of list!.entries()) {
      definitions.push(value === null ? 2 : 3);
      repetitions.push(i === 0 ? 0 : 1);
      if (value !== null) values.push(value);
    }
  }
  const parts = [
    ...(isList ? [levels(repetitions)] : []),
    levels(definitions),
    plainValues(column.type, values),
  ];
  return { page: Buffer.concat(parts), count: definitions.length };
}

function elementsOf(column: ParquetColumn | ListColumn): Struct[] {
  const leaf = (name: string): Struct => [
    [1, 'i32', physical[column.type]],
    ...(column.typeLength === undefined ? [] : [[2, 'i32', column.typeLength] as const]),
    [3, 'i32', 1],
    [4, 'text', name],
    ...(column.converted === undefined ? [] : [[6, 'i32', column.converted] as const]),
    ...(column.scale === undefined ? [] : [[7, 'i32', column.scale] as const, [8, 'i32', 38] as const]),
    ...(column.logical === undefined ? [] : [[10, 'struct', column.logical] as const]),
  ];
  if (!('lists' in column)) return [leaf(column.name)];
  return [
    [
      [3, 'i32', 1],
      [4, 'text', column.name],
      [5, 'i32', 1],
      [6, 'i32', 3],
    ],
    [
      [3, 'i32', 2],
      [4, 'text', 'list'],
      [5, 'i32', 1],
    ],
    leaf('element'),
  ];
}

/** @param codec how pages are packed: its number in the specification, and the packing */
export function parquetFile(
  columns: readonly (ParquetColumn | ListColumn)[],
  codec: readonly [number: number, pack: (page: Buffer) => Buffer] = [0, (page) => page],
): Buffer {
  const parts: Buffer[] = [Buffer.from('PAR1')];
  let at = 4;
  const chunks: Struct[] = columns.map((column) => {
    const { page, count } = pageOf(column);
    const packed = codec[1](page);
    const header = Buffer.from(
      struct([
        [1, 'i32', 0],
        [2, 'i32', page.length],
        [3, 'i32', packed.length],
        [
          5,
          'struct',
          [
            [1, 'i32', count],
            [2, 'i32', 0],
            [3, 'i32', 3],
            [4, 'i32', 3],
          ],
        ],
      ]),
    );
    const offset = at;
    const size = header.length + packed.length;
    parts.push(header, packed);
    at += size;
    const path = 'lists' in column ? [column.name, 'list', 'element'] : [column.name];
    return [
      [2, 'i64', offset],
      [
        3,
        'struct',
        [
          [1, 'i32', physical[column.type]],
          [2, 'list', 'i32', [0, 3]],
          [3, 'list', 'text', path],
          [4, 'i32', codec[0]],
          [5, 'i64', count],
          [6, 'i64', header.length + page.length],
          [7, 'i64', size],
          [9, 'i64', offset],
        ],
      ],
    ];
  });
  const first = columns[0]!;
  const rows = 'lists' in first ? first.lists.length : first.values.length;
  const metadata = Buffer.from(
    struct([
      [1, 'i32', 2],
      [
        2,
        'list',
        'struct',
        [
          [
            [4, 'text', 'root'],
            [5, 'i32', columns.length],
          ],
          ...columns.flatMap(elementsOf),
        ],
      ],
      [3, 'i64', rows],
      [
        4,
        'list',
        'struct',
        [
          [
            [1, 'list', 'struct', chunks],
            [2, 'i64', at],
            [3, 'i64', rows],
          ],
        ],
      ],
    ]),
  );
  return Buffer.concat([
    ...parts,
    metadata,
    Buffer.from(Int32Array.of(metadata.length).buffer),
    Buffer.from('PAR1'),
  ]);
}
