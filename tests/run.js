// `npm test`: runs every tests/cli/**/*.test.ts in a process of its own, against one embedded server and, where it is installed, Debian's
// Postgres 15. Files that begin with `// core` run once for each server, with `// core, pooled` on the first and through a transaction pooler in front of the second.
// Files with a line `// in one process` call commands in their own process, where that is not what they test. Arguments are filters on file names.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startServers } from './support/servers.js';
import { transpile } from './support/typescript-hooks.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const filters = process.argv.slice(2);
// Those who ask for more kills have the time for them.
const limitMs = (process.env.MDL_KILLS ? 60 : 8) * 60_000;
const patienceMs = 20_000;

const files = readdirSync(join(root, 'tests', 'cli'), { recursive: true, encoding: 'utf8' })
  .filter(
    (name) =>
      name.endsWith('.test.ts') && (filters.length === 0 || filters.some((filter) => name.includes(filter))),
  )
  .sort();
const temporary = mkdtempSync(join(tmpdir(), 'mdl-tests-'));
const typescript = join(root, 'tests', 'support', 'typescript.js');
// Once for all processes: each would do it anew for the file that it runs and those that support it.
const code = join(temporary, 'code');
for (const name of readdirSync(join(root, 'tests'), { recursive: true, encoding: 'utf8' })) {
  if (!/(?<!\.d)\.ts$/.test(name)) continue;
  const file = join(code, 'tests', `${name}.js`);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, await transpile(join(root, 'tests', name)));
}
const servers = await startServers(temporary);
const children = new Set();
let stopping = false;
const stop = () => {
  stopping = true;
  for (const child of children) child.kill('SIGKILL');
};
process.on('SIGINT', stop);
process.on('SIGTERM', stop);

let passed = 0;
let failed = 0;
// Told at the end, where they are looked for.
const failures = [];
try {
  const all = [...servers.list, ...(servers.pooled ? [servers.pooled] : [])];
  // The pooler stands in front of the older server: with it, both versions and both ways to connect are met by two runs and not three.
  const pairwise = servers.pooled ? [servers.list[0], servers.pooled] : servers.list;
  console.log(`Postgres servers: ${all.map(({ name }) => name).join(', ')}`);
  const jobs = files.flatMap((file) => {
    const text = readFileSync(join(root, 'tests', 'cli', file), 'utf8');
    const where = text.startsWith('// core, pooled')
      ? pairwise
      : text.startsWith('// core')
        ? servers.list
        : servers.list.slice(0, 1);
    const inProcess = /^\/\/ in one process$/m.test(text);
    return where.map((server) => ({ file, server, inProcess }));
  });
  const next = async () => {
    for (let job = jobs.shift(); job && !stopping; job = jobs.shift()) report(job, await runFile(job));
  };
  // More than there are cores at least: each waits for servers, disks and browsers now and then.
  await Promise.all([next(), next(), next(), next()]);
} finally {
  await servers.stop();
  rmSync(temporary, { recursive: true, force: true });
}
if (stopping || passed + failed === 0) failed++;
for (const failure of failures) console.log(failure);
console.log(`\n${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;

function runFile({ file, server, inProcess }) {
  return new Promise((resolve) => {
    const started = Date.now();
    const child = spawn(process.execPath, ['--import', typescript, join(root, 'tests', 'cli', file)], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        MDL_TEST_URL: server.url,
        MDL_TEST_MDL_URL: server.mdlUrl ?? server.url,
        MDL_TEST_SERVER: server.name,
        MDL_TEST_CODE: code,
        MDL_TEST_IN_PROCESS: inProcess ? '1' : '0',
        FORCE_COLOR: '0',
        NO_COLOR: '1',
        CI: '1',
      },
    });
    children.add(child);
    let output = '';
    const stopAfter = (ms) =>
      setTimeout(() => {
        output += `\nstopped after ${(Date.now() - started) / 1000} s`;
        child.kill('SIGKILL');
      }, ms);
    let timer = stopAfter(limitMs);
    child.stderr.on('data', (chunk) => (output += chunk));
    child.stdout.on('data', (chunk) => {
      output += chunk;
      if (!/^\s*Duration:/m.test(chunk)) return;
      // All tests have ended, and something of one that failed goes on.
      clearTimeout(timer);
      timer = stopAfter(patienceMs);
    });
    child.on('close', (code) => {
      clearTimeout(timer);
      children.delete(child);
      resolve({ output, code, ms: Date.now() - started });
    });
  });
}

/** uvu prints its counts; a file that crashed, or ran no test, counts as one failure. */
function report({ file, server }, { output, code, ms }) {
  const sum = (label) =>
    [...output.matchAll(new RegExp(`^\\s*${label}:\\s+(\\d+)`, 'gm'))].reduce(
      (total, match) => total + Number(match[1]),
      0,
    );
  const total = sum('Total');
  const good = sum('Passed');
  const bad = total === 0 || (code !== 0 && total === good) ? 1 : total - good;
  passed += good;
  failed += bad;
  console.log(
    `${bad > 0 ? 'FAIL' : 'ok  '}  ${file} on ${server.name}: ${good} of ${total} in ${(ms / 1000).toFixed(1)} s`,
  );
  if (bad > 0) failures.push(`\n${file} on ${server.name}:\n${output}`);
  else for (const [line] of output.matchAll(/\bmeasured: .*/g)) console.log(`      ${line}`);
}
