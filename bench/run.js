// `npm run bench`: each number is a ratio against the physical limit, measured in the same run. `--quick`: smaller inputs, under three minutes.
import { readFileSync, rmSync } from 'node:fs';
import { measureBuild } from './build.js';
import { measureCompile } from './compile.js';
import { measureDelta } from './delta.js';
import { measureLoad } from './load.js';
import { measurePostgres } from './postgres.js';
import { measureServe } from './serve.js';
import { prepare } from './setup.js';
import { measureStart } from './start.js';

const quick = process.argv.includes('--quick');
const only = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const bench = await prepare();
const rows = [];
try {
  for (const [name, measure] of [
    ['start', measureStart],
    ['compile', measureCompile],
    ['load', measureLoad],
    ['postgres', measurePostgres],
    ['build', measureBuild],
    ['delta', measureDelta],
    ['serve', measureServe],
  ]) {
    if (only.length === 0 || only.includes(name)) rows.push(...(await measure(bench, quick)));
  }
} finally {
  await bench.close();
  rmSync(bench.dir, { recursive: true, force: true });
}

const columns = ['what', 'measured', 'limit', 'ratio', 'target', 'met'];
const widths = columns.map((column) =>
  Math.max(column.length, ...rows.map((row) => String(row[column]).length)),
);
const line = (cells) =>
  cells
    .map((cell, i) => String(cell).padEnd(widths[i]))
    .join('  ')
    .trimEnd();
const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
console.log(
  `\nmedallion ${version}, Node ${process.versions.node}, embedded Postgres, medians of ${quick ? 3 : 5}`,
);
console.log(line(columns));
console.log(line(widths.map((width) => '-'.repeat(width))));
for (const row of rows) console.log(line(columns.map((column) => row[column])));
