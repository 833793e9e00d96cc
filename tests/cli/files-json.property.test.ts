import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { files } from 'medallion';
import postgres from 'postgres';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { copyIn } from '../../dist/bronze/copy.js';
import { arrayCutter } from '../../dist/sources/files/json/array.js';
import { lineCutter } from '../../dist/sources/files/json/lines.js';

const test = suite('JSON properties');
const signal = new AbortController().signal;
const dir = mkdtempSync(join(tmpdir(), 'mdl-json-'));
const sql = postgres(process.env.MDL_TEST_URL!, { max: 1, onnotice: () => {} });

test.after(async () => {
  await sql.end();
  rmSync(dir, { recursive: true, force: true });
});

/** A value as a file may write it, and as the text that bronze must have. */
interface Written {
  readonly json: string;
  readonly text: string | null;
}

const text = fc
  .string({
    unit: fc.constantFrom(
      'a',
      ' ',
      ',',
      '"',
      '\\',
      '\n',
      '\t',
      '{',
      '}',
      '[',
      ']',
      ':',
      'é',
      '😀',
      '\u2028',
      '\u0001',
    ),
    maxLength: 8,
  })
  .chain((value) =>
    // The same text with some of its characters escaped: both must come out as it is.
    fc.boolean().map((isEscaped) => ({
      value,
      json: isEscaped
        ? `"${value.replace(/[\s\S]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)}"`
        : JSON.stringify(value),
    })),
  );
const digits = (max: number) => fc.stringMatching(new RegExp(`^[0-9]{1,${max}}$`));
/** Numbers that no double holds. */
const number = fc
  .tuple(
    fc.boolean(),
    fc.bigInt({ min: 0n, max: 10n ** 40n }),
    fc.option(digits(30)),
    fc.option(fc.tuple(fc.constantFrom('e', 'E+', 'e-'), digits(3))),
  )
  .map(
    ([minus, whole, fraction, exponent]) =>
      `${minus ? '-' : ''}${whole}${fraction ? `.${fraction}` : ''}${exponent?.join('') ?? ''}`,
  );
const scalar: fc.Arbitrary<Written> = fc.oneof(
  text.map(({ value, json }) => ({ json, text: value })),
  number.map((digits) => ({ json: digits, text: digits })),
  fc.constantFrom('true', 'false').map((word) => ({ json: word, text: word })),
  fc.constant({ json: 'null', text: null }),
);
const space = fc.stringMatching(/^[ \t\r]{0,2}$/);
const { value } = fc.letrec<{ value: Written; nested: Written }>((tie) => ({
  value: fc.oneof({ maxDepth: 3 }, { weight: 4, arbitrary: scalar }, tie('nested')),
  nested: fc.oneof(
    fc.tuple(space, fc.array(tie('value'), { maxLength: 3 })).map(([gap, list]) => {
      const inner = list.map(({ json }) => gap + json + gap);
      return { json: `[${inner}]`, text: `[${list.map(asJson)}]` };
    }),
    fc
      .tuple(
        space,
        fc.dictionary(fc.string({ unit: fc.constantFrom('a', 'b', '"', 'ç'), maxLength: 3 }), tie('value'), {
          maxKeys: 3,
        }),
      )
      .map(([gap, fields]) => {
        const inner = Object.entries(fields).map(([key, field]) => [JSON.stringify(key), field] as const);
        return {
          json: `{${inner.map(([key, field]) => `${gap}${key}${gap}:${gap}${field.json}`)}${gap}}`,
          text: `{${inner.map(([key, field]) => `${key}:${asJson(field)}`)}}`,
        };
      }),
  ),
}));

/** Inside others: without the space, and with its texts as JSON.stringify writes them. */
function asJson({ json, text: bronze }: Written): string {
  if (bronze === null) return 'null';
  return json.startsWith('"') ? JSON.stringify(bronze) : bronze;
}

type Row = Readonly<Record<string, Written>>;
const row: fc.Arbitrary<Row> = fc.dictionary(fc.constantFrom('a', 'B c', 'é', '1'), value);

test('any values: bronze has their text, every digit and every character', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc
        .array(row, { minLength: 1, maxLength: 8 })
        .filter((rows) => rows.some((one) => Object.keys(one).length > 0)),
      fc.constantFrom('array', 'lines', 'packed'),
      fc.tuple(space, space),
      fc.integer({ min: 1, max: 4 }),
      async (rows, layout, [before, after], batchRows) => {
        const records = rows.map(
          (one) =>
            `${before}{${Object.entries(one).map(([key, field]) => `${JSON.stringify(key)}:${field.json}`)}}${after}`,
        );
        const content = layout === 'array' ? `[${records.join(',\n')}]` : records.join('\n');
        writeFileSync(join(dir, 't.json'), layout === 'packed' ? gzipSync(content) : content);
        const source = files({ tables: { t: { path: 't.json', sourceFile: false } } });
        const table = await source.open('t', { projectDir: dir });
        const found = await sql.begin(async (tx) => {
          const columns = table.columns.map((name) => `"${name}" text`);
          await tx.unsafe(
            `create temporary table t (n bigint generated always as identity, ${columns}) on commit drop`,
          );
          for await (const batch of table.read({ batchRows, signal })) {
            assert.equal(batch.rejected, []);
            await copyIn(
              tx as never,
              { relation: { schema: 'pg_temp', name: 't' }, columns: batch.columns! },
              batch.format,
              batch.chunks,
              signal,
            );
          }
          return tx.unsafe(`select * from t order by n`);
        });
        assert.equal(
          found.map(({ n, ...fields }) => fields),
          rows.map((one) => Object.fromEntries(table.columns.map((name) => [name, one[name]?.text ?? null]))),
        );
      },
    ),
    { numRuns: 150 },
  );
});

test('chunks may be cut anywhere: the same records on the same lines, or the same error', () => {
  const pieces = fc.array(
    fc.constantFrom('[', ']', '{', '}', ',', '"', '\\', '\n', ' ', '1', '"a":', '{}', 'é'),
    { maxLength: 30 },
  );
  fc.assert(
    fc.property(
      pieces,
      fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1 }),
      fc.boolean(),
      (list, sizes, isArray) => {
        const bytes = Buffer.from((isArray ? '[' : '') + list.join(''));
        const summary = (cuts: readonly number[]) => {
          const found: string[] = [];
          const start = { bytes: 0, line: 1 };
          const cutter = isArray ? arrayCutter('t', start, false) : lineCutter('t', start);
          const keep = (records: readonly { bytes: Buffer; line: number; end: object }[]) =>
            found.push(
              ...records.map((record) => `${record.line} ${record.bytes} ${JSON.stringify(record.end)}`),
            );
          try {
            for (let at = 0, i = 0; at < bytes.length; i++) {
              const chunk = bytes.subarray(at, at + cuts[i % cuts.length]!);
              keep(cutter.push(chunk));
              at += chunk.length;
            }
            keep(cutter.end());
          } catch (error) {
            // Records of the chunk in which the error is are not handed out.
            return (error as Error).message;
          }
          return found;
        };
        assert.equal(summary(sizes), summary([bytes.length || 1]));
      },
    ),
    { numRuns: 2000 },
  );
});

test('any bytes: nothing throws but MDL3003 and MDL3009, and every record is loaded or rejected with its line', async () => {
  const piece = fc.oneof(
    fc.uint8Array({ maxLength: 5 }).map((bytes) => Buffer.from(bytes)),
    fc
      .constantFrom('{"a":1}', '{"a":', '[', ']', ',', '\n', '"', '\\', '{"b":"\\u0000"}', '\n{"a":2}\n')
      .map((part) => Buffer.from(part)),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(piece, { maxLength: 20 }),
      fc.integer({ min: 1, max: 4 }),
      async (list, batchRows) => {
        writeFileSync(join(dir, 't.json'), Buffer.concat([Buffer.from('{"a":0}\n'), ...list]));
        const table = await files({ tables: { t: 't.json' } }).open('t', { projectDir: dir });
        let next = 1;
        for await (const batch of table.read({ batchRows, signal })) {
          assert.is(batch.firstRow, next);
          next += batch.read;
          const written =
            Buffer.concat(batch.chunks)
              .toString()
              .split(/\n(?=(?:[^"]*"[^"]*")*[^"]*$)/).length - 1;
          assert.is(batch.read, written + batch.rejected.length);
          for (const rejected of batch.rejected) assert.ok(rejected.line! >= 1 && rejected.reason.length > 5);
        }
        assert.ok(next > 1);
      },
    ),
    { numRuns: 300 },
  );
});

test.run();
