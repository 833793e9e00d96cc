// Writes docs/errors.md from the table of codes; with --print to standard output instead.
import { writeFileSync } from 'node:fs';
import { errorCodes } from '../dist/errors/codes.js';

const groups = [
  [1000, 'Usage and configuration'],
  [1200, 'Models, macros and tests as files'],
  [1300, 'The graph'],
  [2000, 'The database'],
  [3000, 'Sources and loads'],
  [4000, 'Builds and data tests'],
  [4300, 'Publishing'],
  [5000, 'Runs'],
  [7000, 'Hooks and notifications'],
  [9000, 'Internal'],
];
const groupOf = (code) => groups.findLast(([first]) => Number(code.slice(3)) >= first)[1];
const lines = [
  '# Errors',
  '',
  'Every error has a stable code, says what is wrong, where (file, line and column of what you wrote) and what to do. This page is generated from `cli/errors/codes.ts`.',
  '',
];
lines.push(
  'The exit code of a command: 0 all well; 1 a model, load or test failed; 2 wrong usage or configuration; 130 interrupted.',
  '',
);
let group;
for (const [code, { title, advice, exit }] of Object.entries(errorCodes)) {
  if (groupOf(code) !== group) {
    group = groupOf(code);
    lines.push(`## ${group}`, '', '| code | what | what to do | exit |', '|---|---|---|---|');
    // The blank line before the next heading is added when that heading comes.
  }
  lines.push(`| ${code} | ${title} | ${advice.replaceAll('|', '\\|')} | ${exit} |`);
  const next = Object.keys(errorCodes)[Object.keys(errorCodes).indexOf(code) + 1];
  if (next && groupOf(next) !== group) lines.push('');
}
const text = `${lines.join('\n')}\n`;
if (process.argv.includes('--print')) process.stdout.write(text);
else writeFileSync(new URL('../docs/errors.md', import.meta.url), text);
