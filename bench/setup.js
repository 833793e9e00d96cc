import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { acquireEmbedded, resetEmbedded } from '../dist/database/embedded/index.js';

export const mdl = fileURLToPath(new URL('../dist/mdl.js', import.meta.url));

/** A folder, an embedded server in it, and what the measurements share. */
export async function prepare() {
  const dir = mkdtempSync(join(tmpdir(), 'mdl-bench-'));
  execFileSync('chmod', ['755', dir]);
  const server = await acquireEmbedded({ projectDir: dir, database: 'bench' });
  return {
    dir,
    url: server.url('bench'),
    write(path, text) {
      mkdirSync(dirname(join(dir, path)), { recursive: true });
      writeFileSync(join(dir, path), text);
    },
    async close() {
      await server.release();
      await resetEmbedded(dir);
    },
  };
}

export function median(values) {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

/** Milliseconds of a command, and its largest resident memory in MiB. */
export function timed(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const started = performance.now();
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
    let memory = 0;
    const timer = setInterval(
      () => {
        try {
          const status = execFileSync('cat', [`/proc/${child.pid}/status`], { encoding: 'utf8' });
          memory = Math.max(memory, Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024);
        } catch {}
      },
      options.memory ? 100 : 2 ** 30,
    );
    let output = '';
    child.stdout.on('data', (chunk) => (output += chunk));
    child.stderr.on('data', (chunk) => (output += chunk));
    child.on('close', (code) => {
      clearInterval(timer);
      const ms = performance.now() - started;
      if (code !== 0) reject(new Error(`${command} ${args.join(' ')} exited with ${code}:\n${output}`));
      else resolve({ ms, memory, output });
    });
  });
}

/** Alternates two measurements, so that both meet the same machine. */
export async function sideBySide(times, first, second) {
  const a = [];
  const b = [];
  for (let i = 0; i < times; i++) {
    a.push(await first(i));
    b.push(await second(i));
  }
  return [median(a), median(b)];
}

const ms = (value) => (value < 1000 ? `${Math.round(value)} ms` : `${(value / 1000).toFixed(2)} s`);

/** A row for times: the ratio may be at most the target. */
export function timeRow(what, measured, limit, target) {
  const ratio = measured / limit;
  return {
    what,
    measured: ms(measured),
    limit: ms(limit),
    ratio: ratio.toFixed(2),
    target: `<= ${target}`,
    met: ratio <= target ? 'yes' : 'no',
  };
}
