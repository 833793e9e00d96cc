import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { errorCodes } from 'medallion';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const test = suite('error codes');
const root = fileURLToPath(new URL('../..', import.meta.url));
const textOf = (folder: string) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('codes.ts') && name !== 'errors.test.ts')
    .map((name) => readFileSync(join(root, folder, name), 'utf8'))
    .join('\n');

/** Conditions that a test cannot bring about, and why. */
const unreachable: Readonly<Record<string, string>> = {
  MDL2004: 'needs a Postgres before 14',
  MDL2101: 'needs a platform without binaries',
  MDL9001: 'is raised for what nobody thought of',
};

test('every code is raised by the engine and met by a test', () => {
  const engine = textOf('cli');
  const tests = textOf('tests/cli');
  for (const code of Object.keys(errorCodes)) {
    assert.ok(engine.includes(`'${code}'`), `${code} is never raised`);
    if (!unreachable[code]) assert.ok(tests.includes(code), `${code} is in no test`);
  }
});

test('docs/errors.md is what the table says', () => {
  const before = readFileSync(join(root, 'docs/errors.md'), 'utf8');
  assert.is(
    execFileSync(process.execPath, ['scripts/errors-doc.js', '--print'], { cwd: root, encoding: 'utf8' }),
    before,
  );
});

test.run();
