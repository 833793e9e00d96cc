import { toMedallionError } from '../build/errors.js';
import { errorCodes, redact } from '../errors/index.js';
import { noCounts } from '../events/counts.js';
import { errorLines } from '../report/error.js';
import { jsonLinesReporter } from '../report/json-lines.js';
import { capabilities, makeStyle } from '../report/style.js';
import { withoutControls } from '../text/controls.js';

/** Tells the error that ended a command and sets the exit code that belongs to it. */
export function failWith(error: unknown, json: boolean): void {
  const known = toMedallionError(error);
  process.exitCode = errorCodes[known.code].exit;
  if (json) {
    jsonLinesReporter(process.stdout).emit({
      event: 'run.finished',
      runId: null,
      status: known.code === 'MDL5002' ? 'interrupted' : 'failed',
      counts: noCounts,
      durationMs: 0,
      error: known.toJSON(),
    });
    return;
  }
  const style = makeStyle(capabilities(process.stderr, process.env).color);
  process.stderr.write(`${redact(errorLines(withoutControls(known.toJSON()), style).join('\n'))}\n`);
  if (known.code === 'MDL9001' && error instanceof Error && error.stack)
    process.stderr.write(`${redact(style.dim(withoutControls(error.stack)))}\n`);
}
