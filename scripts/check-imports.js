// Imports in cli/ go one way: from a folder to those before it in this list. No folder knows what uses it.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const order = [
  'errors',
  'events',
  'text',
  'database',
  'sources',
  'config',
  'project',
  'tests',
  'graph',
  'publish',
  'bronze',
  'notify',
  'telemetry',
  'build',
  'serve',
  'generate',
  'orchestrate',
  'web',
  'report',
  'commands',
];
const root = fileURLToPath(new URL('../cli', import.meta.url));
const rankOf = (file) => {
  const parts = relative(root, file).split('/');
  return parts.length === 1 ? order.length : order.indexOf(parts[0]);
};
const problems = [];
const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) => /\.tsx?$/.test(name));
const imports = new Map();
for (const name of files) {
  const file = join(root, name);
  const text = readFileSync(file, 'utf8');
  const found = [...text.matchAll(/(?:from|import\()\s*'(\.[^']+)'/g)].map((match) =>
    resolve(dirname(file), match[1].replace(/\.js$/, '.ts')),
  );
  imports.set(file, found);
  if (rankOf(file) < 0)
    problems.push(`${name}: its folder has no place in the order; add it to scripts/check-imports.js`);
  for (const target of found) {
    if (target === join(root, 'version.ts')) continue;
    if (rankOf(target) > rankOf(file))
      problems.push(`${name} imports ${relative(root, target)}, which is above it`);
  }
}

// Circles, types included: a circle means that two files tell one thing.
const state = new Map();
const visit = (file, path) => {
  if (state.get(file) === 'done') return;
  if (state.get(file) === 'open') {
    problems.push(
      `a circle: ${[...path.slice(path.indexOf(file)), file].map((part) => relative(root, part)).join(' -> ')}`,
    );
    return;
  }
  state.set(file, 'open');
  for (const target of imports.get(file) ?? []) visit(target, [...path, file]);
  state.set(file, 'done');
};
for (const file of imports.keys()) visit(file, []);

for (const problem of problems) console.error(problem);
console.log(`${files.length} files, imports ${problems.length === 0 ? 'go one way' : 'do not go one way'}`);
process.exitCode = problems.length > 0 ? 1 : 0;
