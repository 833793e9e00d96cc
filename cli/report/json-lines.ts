import type { Emit } from '../events/events.js';
import { redact } from './redact.js';

/** One event on each line; the engine's last one, `run.finished`, is the last line. */
export function jsonLinesReporter(stream: NodeJS.WritableStream): {
  emit: Emit;
  say(line: string): void;
  finish(): void;
} {
  return {
    emit: (event) => {
      stream.write(`${redact(JSON.stringify({ time: new Date().toISOString(), ...event }))}\n`);
    },
    // For people only.
    say() {},
    finish() {},
  };
}
