import { formatWhere, redact } from '../errors/index.js';
import type { Emit, Event } from '../events/events.js';
import { withoutControls } from '../text/controls.js';
import { displayWidth, formatDuration, formatNumber, padEnd, plural, truncate } from '../text/format.js';
import { errorLines } from './error.js';
import { layerTable } from './layer-table.js';
import { hookLines, type LineContext, loadLines, modelLines, testNodeLines } from './node-lines.js';
import { planLines, type ShownPlan } from './plan.js';
import { type Capabilities, makeStyle, type Style, tableWidth } from './style.js';
import { type Hints, summaryLines } from './summary.js';

export interface TerminalReporter {
  readonly emit: Emit;
  /** Shows a line of the command's own, above the live ones. */
  say(line: string): void;
  /** Takes the live lines away and shows the cursor again; may be called twice. */
  finish(): void;
}

interface Running {
  readonly node: string;
  readonly since: number;
  rows: number | undefined;
  share: number | undefined;
  lastPlain: number;
}

const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

/**
 * Shows a run: finished nodes as lines that stay; on a terminal also what runs now, redrawn below them.
 * @param hints the commands that lead on from a run; not needed where no run is reported
 */
export function terminalReporter(
  stream: NodeJS.WriteStream,
  able: Capabilities,
  hints?: Hints,
): TerminalReporter {
  const style = makeStyle(able.color);
  const summary = summaryLines(style, hints);
  const layers = layerTable();
  const running = new Map<string, Running>();
  let hookError: string | undefined;
  let nameWidth = 20;
  let drawn = 0;
  let frame = 0;
  let timer: NodeJS.Timeout | undefined;

  const width = () => stream.columns ?? able.columns;
  const erase = () => (drawn > 0 ? `\u001b[${drawn}A\u001b[0J` : '');
  const liveLines = () =>
    [...running.values()]
      .slice(0, Math.max(1, (stream.rows ?? 24) - 2))
      .map((node) => truncate(liveLine(node, frames[frame % frames.length]!, nameWidth), width() - 1));
  const draw = () => {
    frame++;
    const lines = liveLines();
    stream.write(erase() + lines.map((line) => `${style.dim(line)}\n`).join(''));
    drawn = lines.length;
  };
  const print = (lines: readonly string[]) => {
    stream.write(erase() + lines.map((line) => `${redact(line)}\n`).join(''));
    drawn = 0;
    if (able.interactive && running.size > 0) draw();
  };
  const begin = (node: string) => {
    running.set(node, {
      node,
      since: performance.now(),
      rows: undefined,
      share: undefined,
      lastPlain: performance.now(),
    });
    if (!able.interactive) return;
    if (!timer) {
      stream.write('\u001b[?25l');
      timer = setInterval(draw, 90);
      timer.unref();
    }
  };
  const end = (node: string, lines: readonly string[]) => {
    running.delete(node);
    print(lines);
  };
  const finish = () => {
    if (!timer) return;
    clearInterval(timer);
    timer = undefined;
    running.clear();
    stream.write(`${erase()}\u001b[?25h`);
    drawn = 0;
  };

  let plan: ShownPlan | undefined;
  const emit = (told: Event): void => {
    const event = withoutControls(told);
    summary.note(event);
    layers.note(event);
    const context: LineContext = { style, nameWidth, tableWidth: tableWidth(stream, able) };
    switch (event.event) {
      case 'run.started':
        nameWidth = Math.max(12, ...event.nodes.map(displayWidth));
        print([
          `${style.bold(event.project)} on ${event.database}${event.target === 'default' ? '' : `, target ${event.target}`}`,
        ]);
        return;
      case 'tests.started':
        nameWidth = Math.max(12, ...event.nodes.map(displayWidth));
        return;
      case 'run.waiting':
        print([`Waiting for another run to end: ${event.holder}.`]);
        return;
      case 'notice':
        print(noticeLines(event, style));
        return;
      case 'hook.started':
        begin(event.hook);
        return;
      case 'hook.finished':
        if (event.status === 'failed') hookError ??= event.error?.message;
        end(event.hook, hookLines(event, context));
        return;
      case 'notification.sent':
        print([`  ${style.dim(`told    ${event.channel} of the ${event.occasion} (${event.kind})`)}`]);
        return;
      case 'load.started':
      case 'model.started':
        begin(event.node);
        return;
      case 'load.progress': {
        const node = running.get(event.node);
        if (!node) return;
        node.rows = event.rows;
        node.share = shareOf(event);
        if (!able.interactive && performance.now() - node.lastPlain > 10_000) {
          node.lastPlain = performance.now();
          print([`  ${liveLine(node, '...', nameWidth)}`]);
        }
        return;
      }
      case 'load.finished':
        end(event.node, loadLines(event, context));
        return;
      case 'model.finished':
        // What had not to be built is counted in the table below.
        if (event.status !== 'unchanged') end(event.node, modelLines(event, context));
        return;
      case 'test.finished':
        if (!event.isUnchanged) end(event.node, testNodeLines(event, context));
        return;
      case 'node.retried':
        running.delete(event.node);
        print([
          `  ${style.yellow('again')}   ${padEnd(event.node, nameWidth)}   attempt ${event.attempt} in ${formatDuration(event.waitMs)}: ${style.dim(event.error.code)} ${event.error.message}`,
        ]);
        return;
      case 'publish.retried':
        if (event.error)
          print([
            `  ${style.yellow('again')}   ${padEnd('publish', nameWidth)}   attempt ${event.attempt + 1} after ${formatDuration(event.waitedMs)}: ${style.dim(event.error.code)} ${event.error.message}`,
          ]);
        return;
      case 'node.skipped':
        print([
          `  ${style.dim(`skip    ${padEnd(event.node, nameWidth)}   ${event.because.length > 0 ? `because of ${event.because.join(', ')}` : 'the run was stopped'}`)}`,
        ]);
        return;
      case 'plan.made':
        plan = event;
        return;
      case 'run.finished':
        finish();
        if (event.error && event.error.code !== 'MDL5002' && event.error.message !== hookError)
          print(errorLines(event.error, style));
        print(layerLines(layers.lines({ width: context.tableWidth - 2, style })));
        if (plan) print(planLines(plan, { width: context.tableWidth, style }));
        print(summary.lines(event));
    }
  };
  return { emit, say: (line) => print([line]), finish };
}

function shareOf(event: Extract<Event, { event: 'load.progress' }>): number | undefined {
  if (event.totalBytes && event.bytes) return event.bytes / event.totalBytes;
  return event.totalRows ? event.rows / event.totalRows : undefined;
}

function layerLines(lines: readonly string[]): string[] {
  return lines.length > 0 ? ['', ...lines.map((line) => `  ${line}`)] : [];
}

function liveLine(node: Running, mark: string, nameWidth: number): string {
  const elapsed = performance.now() - node.since;
  const rate =
    node.rows === undefined || elapsed < 200
      ? ''
      : `${formatNumber(Math.round((node.rows / elapsed) * 1000))} rows/s`;
  const parts = [
    node.rows === undefined ? '' : plural(node.rows, 'row'),
    rate,
    node.share === undefined ? '' : `${Math.min(99, Math.floor(node.share * 100))}%`,
    formatDuration(elapsed),
  ];
  return `  ${mark} ${padEnd(node.node, nameWidth + 6)} ${parts.filter((part) => part !== '').join('   ')}`;
}

function noticeLines(event: Extract<Event, { event: 'notice' }>, style: Style): string[] {
  const place = event.where ? ` ${style.cyan(formatWhere(event.where))}` : '';
  return [
    `  ${style.yellow('note')}    ${event.node ? `${event.node}: ` : ''}${event.message}${place}`,
    ...(event.hint ? [`          ${style.dim(event.hint)}`] : []),
  ];
}
