import { toMedallionError } from '../build/errors.js';
import { errorCodes } from '../errors/index.js';
import { withoutControls } from '../report/controls.js';
import { errorLines } from '../report/error.js';
import { redact } from '../report/redact.js';
import { capabilities, makeStyle } from '../report/style.js';

/** Tells the error that ended a command and sets the exit code that belongs to it. */
export function failWith(error: unknown, json: boolean): void {
  const known = toMedallionError(error);
  process.exitCode = errorCodes[known.code].exit;
  if (json) {
    const counts = {
      models: 0,
      loads: 0,
      rowsRead: 0,
      rowsChanged: 0,
      rejected: 0,
      testsPassed: 0,
      testsWarned: 0,
      testsFailed: 0,
      published: 0,
      failed: 0,
      skipped: 0,
    };
    const status = known.code === 'MDL5002' ? 'interrupted' : 'failed';
    process.stdout.write(
      `${redact(JSON.stringify({ event: 'run.finished', runId: null, status, counts, durationMs: 0, error: known.toJSON() }))}\n`,
    );
    return;
  }
  const style = makeStyle(capabilities(process.stderr, process.env).color);
  process.stderr.write(`${redact(errorLines(withoutControls(known.toJSON()), style).join('\n'))}\n`);
  if (known.code === 'MDL9001' && error instanceof Error && error.stack)
    process.stderr.write(`${redact(style.dim(withoutControls(error.stack)))}\n`);
}
