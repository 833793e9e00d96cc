import { redactedJson } from '../errors/index.js';
import type { Emit } from '../events/events.js';

/** One event on each line; the engine's last one, `run.finished`, is the last line. */
export function jsonLinesReporter(stream: NodeJS.WritableStream): {
  emit: Emit;
  say(line: string): void;
  finish(): void;
} {
  return {
    emit: (event) => {
      stream.write(`${redactedJson({ time: new Date().toISOString(), ...event })}\n`);
    },
    // For people only.
    say() {},
    finish() {},
  };
}
