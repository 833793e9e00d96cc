// in one process
import { readFileSync } from 'node:fs';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { checksumIn, checksumOf } from '../support/checksum.ts';
import { loaded } from '../support/load.ts';
import { filesConfig } from '../support/load-files.ts';
import { withProject } from '../support/project.ts';
import { vegaFile } from '../support/vega.ts';

/** Real files, of the package vega-datasets: every value of bronze against another reading of them. */
const test = suite('real files');

/** Node's own parser; numbers are made texts first, so that none is rounded. Good for records without nested values. */
function readJson(path: string, columns: readonly string[]): (string | null)[][] {
  const quoted = readFileSync(path, 'utf8').replace(/"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g, (token) =>
    token.startsWith('"') ? token : `"${token}"`,
  );
  const records: Record<string, string | boolean | null>[] = JSON.parse(quoted);
  return records.map((record) =>
    columns.map((column) => (record[column] === null ? null : String(record[column]))),
  );
}

for (const [name, columns, rows] of [
  ['flights-200k.json', ['delay', 'distance', 'time'], 200_000],
  [
    'movies.json',
    [
      'Title',
      'US Gross',
      'Worldwide Gross',
      'US DVD Sales',
      'Production Budget',
      'Release Date',
      'MPAA Rating',
      'Running Time min',
      'Distributor',
      'Source',
      'Major Genre',
      'Creative Type',
      'Director',
      'Rotten Tomatoes Rating',
      'IMDB Rating',
      'IMDB Votes',
    ],
    3201,
  ],
] as const) {
  test(`${name}: every value`, () =>
    withProject(
      { 'medallion.config.ts': filesConfig({ t: `'${name}'` }), [name]: readFileSync(vegaFile(name)) },
      async (project) => {
        const result = await loaded(project);
        assert.equal([result.status, result.read, result.inserted], ['succeeded', rows, rows]);
        assert.equal(result.notices, []);
        const expected = checksumOf(readJson(vegaFile(name), columns));
        assert.is(expected.rows, rows);
        assert.equal(await checksumIn(project.sql, 'bronze.t', columns), expected);
        const found = Object.keys((await project.sql`select * from bronze.t limit 1`)[0]!);
        assert.equal(found.slice(0, -4), columns);
      },
    ));
}

const flights = ['date', 'delay', 'distance', 'origin', 'destination'] as const;

/** The same file by the library's own conversions, which for these types lose nothing. */
async function readFlights(): Promise<(string | null)[][]> {
  const rows = await parquetReadObjects({
    file: await asyncBufferFromFile(vegaFile('flights-3m.parquet')),
    compressors,
  });
  return rows.map((row) =>
    flights.map((column) => {
      const value = row[column];
      if (value === null || value === undefined) return null;
      return value instanceof Date ? value.toISOString().slice(0, 19).replace('T', ' ') : String(value);
    }),
  );
}

test('flights-3m.parquet: every value of three million rows', () =>
  withProject(
    {
      'medallion.config.ts': filesConfig({ t: `'flights-3m.parquet'` }),
      'flights-3m.parquet': readFileSync(vegaFile('flights-3m.parquet')),
    },
    async (project) => {
      const result = await loaded(project);
      assert.equal([result.status, result.read, result.inserted], ['succeeded', 3_000_000, 3_000_000]);
      assert.equal(await checksumIn(project.sql, 'bronze.t', flights), checksumOf(await readFlights()));
    },
  ));

test.run();
