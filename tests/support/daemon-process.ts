/** A daemon in a process of its own, so that it can be killed: `advance` milliseconds come in as lines, what it tells goes out as lines. */
import { createInterface } from 'node:readline';
import { runDaemon } from '../../dist/orchestrate/daemon.js';
import { FakeClock } from './clock.ts';

const [dir, now] = process.argv.slice(2);
const clock = new FakeClock(Number(now));
const ending = new AbortController();
createInterface({ input: process.stdin })
  .on('line', (ms) => clock.advance(Number(ms)))
  .on('close', () => ending.abort());
const tell = (event: object) => process.stdout.write(`${JSON.stringify(event)}\n`);
await runDaemon({
  project: { dir: dir! },
  emit: tell,
  emitRun: (event) => void (event.event === 'run.started' && tell(event)),
  signal: ending.signal,
  clock,
  random: () => 0,
});
