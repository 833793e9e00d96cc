import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { csv } from 'medallion';
import postgres from 'postgres';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { copyIn } from '../../dist/bronze/copy.js';
import { RecordScanner } from '../../dist/sources/csv/scanner.js';

const test = suite('csv properties');
const signal = new AbortController().signal;
const dir = mkdtempSync(join(tmpdir(), 'mdl-csv-'));
const sql = postgres(process.env.MDL_TEST_URL!, { max: 1, onnotice: () => {} });

test.after(async () => {
  await sql.end();
  rmSync(dir, { recursive: true, force: true });
});

const cell = fc.option(
  fc.oneof(
    fc.string({
      unit: fc.constantFrom(
        'a',
        '1',
        ' ',
        ',',
        ';',
        '\t',
        '"',
        '\n',
        '\r',
        '\\',
        '.',
        'é',
        '€',
        '😀',
        "'",
        '|',
      ),
      maxLength: 8,
    }),
    fc.constantFrom('\\.', '', '"', '""', '\r\n', 'NULL'),
  ),
  { nil: null, freq: 6 },
);

/** Writes as any program might: quoted where it must be, and by whim elsewhere. */
function write(
  rows: readonly (readonly (string | null)[])[],
  dialect: { delimiter: string; newline: string; quoteAll: boolean; trailing: boolean },
): string {
  const field = (value: string | null) => {
    if (value === null) return '';
    const must =
      value === '' || /["\r\n]/.test(value) || value.includes(dialect.delimiter) || value === '\\.';
    return must || dialect.quoteAll ? `"${value.replaceAll('"', '""')}"` : value;
  };
  const lines = rows.map((row) => row.map(field).join(dialect.delimiter));
  return lines.join(dialect.newline) + (dialect.trailing ? dialect.newline : '');
}

async function load(bytes: Buffer | string, options: object, batchRows: number) {
  writeFileSync(join(dir, 't.csv'), bytes);
  const table = await csv({ dir, ...options }).open('t', { projectDir: dir });
  const batches: any[] = [];
  for await (const batch of table.read({ batchRows, signal })) batches.push(batch);
  return { table, batches };
}

test('what is written in any dialect comes out of Postgres as it was', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc
        .integer({ min: 2, max: 4 })
        .chain((width) =>
          fc.array(fc.array(cell, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 12 }),
        ),
      fc.record({
        delimiter: fc.constantFrom(',', ';', '\t', '|'),
        newline: fc.constantFrom('\n', '\r\n'),
        quoteAll: fc.boolean(),
        trailing: fc.boolean(),
      }),
      fc.integer({ min: 1, max: 5 }),
      async (rows, dialect, batchRows) => {
        const width = rows[0]!.length;
        const header = Array.from({ length: width }, (_, i) => `c${i}`);
        const { table, batches } = await load(
          write([header, ...rows], dialect),
          { delimiter: dialect.delimiter },
          batchRows,
        );
        assert.is(
          batches.reduce((sum, batch) => sum + batch.read, 0),
          rows.length,
        );
        const found = await sql.begin(async (tx) => {
          await tx.unsafe(
            `create temporary table t (n bigint generated always as identity, ${table.columns.map((name) => `${name} text`).join(', ')}) on commit drop`,
          );
          for (const batch of batches) {
            assert.equal(batch.rejected, []);
            await copyIn(
              tx as never,
              { relation: { schema: 'pg_temp', name: 't' }, columns: table.columns },
              batch.format,
              batch.chunks,
              signal,
            );
          }
          return tx.unsafe(`select ${table.columns.join(', ')} from t order by n`);
        });
        assert.equal(
          found.map((row) => Object.values(row)),
          rows,
        );
      },
    ),
    { numRuns: 150 },
  );
});

test('any bytes: nothing throws, and every record is either loaded or rejected with a line', async () => {
  const piece = fc.oneof(
    fc.uint8Array({ maxLength: 6 }).map((bytes) => Buffer.from(bytes)),
    fc.constantFrom('"', ',', '\n', '\r', '\r\n', '\\.', 'a', '""', '\n"').map((text) => Buffer.from(text)),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(piece, { maxLength: 40 }),
      fc.integer({ min: 1, max: 4 }),
      async (pieces, batchRows) => {
        const { batches } = await load(
          Buffer.concat([Buffer.from('a,b\n'), ...pieces]),
          { delimiter: ',', encoding: 'utf8' },
          batchRows,
        );
        for (const batch of batches) {
          const repaired = await batch.repair();
          const good = Buffer.concat(repaired.chunks);
          const scanner = new RecordScanner({ delimiter: ',', quote: '"', newline: 10 });
          scanner.startBatch();
          scanner.scan(good, 0, Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
          scanner.endOfFile();
          assert.is(repaired.read, scanner.records + repaired.rejected.length);
          assert.is(batch.read, repaired.read);
          for (const row of repaired.rejected) assert.ok(row.line >= 2 && row.reason.length > 5);
        }
      },
    ),
    { numRuns: 300 },
  );
});

test('chunks may be cut anywhere: records, lines and oddities are found alike', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('a', ',', '"', '\n', '\r\n', 'bb', '\\.'), maxLength: 60 }),
      fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 30 }),
      (text, sizes) => {
        const bytes = Buffer.from(text);
        const summary = (cuts: readonly number[]) => {
          const scanner = new RecordScanner({ delimiter: ',', quote: '"', newline: 10 });
          scanner.startBatch();
          let at = 0;
          for (let i = 0; at < bytes.length && !scanner.isRunaway; i++) {
            const chunk = bytes.subarray(at, at + cuts[i % cuts.length]!);
            at += scanner.scan(chunk, 0, Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
          }
          const { records, lines, recordBytes, endsInQuotes, isRunaway } = scanner;
          return { found: { at, records, lines, recordBytes, endsInQuotes, isRunaway }, scanner };
        };
        const cut = summary(sizes);
        const whole = summary([bytes.length || 1]);
        assert.equal(cut.found, whole.found);
        assert.ok(cut.scanner.irregular || !whole.scanner.irregular, 'an oddity is missed');
      },
    ),
    { numRuns: 2000 },
  );
});

test.run();
