// in one process
import fc from 'fast-check';
import type { Event } from 'medallion';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { capabilities } from '../../dist/report/style.js';
import { terminalReporter } from '../../dist/report/terminal.js';
import { columnsOf, recordingStream, screen } from '../support/screen.ts';

const test = suite('reporter');

const letters = fc.constantFrom(
  'a',
  'Z',
  '_',
  'é',
  'ç',
  'e\u0301',
  '漢',
  '한',
  'あ',
  'Ａ',
  '𠀋',
  '🐘',
  ' ',
  '.',
);
const words = fc.string({ unit: letters, minLength: 1, maxLength: 90 });
/** Data may hold anything, also what moves a cursor. */
const controls = fc.constantFrom('\u001b[31m', '\u001b[2J', '\n', '\t', '\r', '\0', '\u0007', '\u009b');
const data = fc.string({ unit: fc.oneof({ weight: 5, arbitrary: letters }, controls), maxLength: 60 });
const number = fc.nat();
const always = fc.constant;
const optional = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined });
const where = fc.record({ file: words, line: number, column: number });
const error = fc.record({ code: always('MDL4001'), message: words, where, hint: words });
const result = fc.record({
  test: words,
  title: data,
  status: fc.constantFrom('passed', 'warned', 'failed'),
  failures: number,
  samples: fc.array(fc.dictionary(words, fc.option(data)), { maxLength: 5 }),
  where,
});

/** What happens to one node, in order. */
function life(index: number): fc.Arbitrary<Event[]> {
  return fc.tuple(fc.constantFrom('bronze', 'silver', 'gold', 'test'), words).chain(([layer, name]) => {
    const of = (event: string, more: Record<string, fc.Arbitrary<unknown>> = {}) =>
      fc.record({ event: always(event), node: always(`${layer}.${name}${index}`), ...more });
    const ended = { durationMs: fc.nat({ max: 10_000_000 }), status: fc.constantFrom('succeeded', 'failed') };
    const tests = fc.array(result, { maxLength: 4 });
    const counts = { read: number, inserted: number, updated: number, unchanged: number, rejected: number };
    const lives = fc.oneof(
      fc.tuple(
        of('load.started'),
        of('load.progress', { rows: number, bytes: number, totalBytes: number }),
        of('load.finished', { ...ended, ...counts, batches: number, error: optional(error) }),
      ),
      fc.tuple(
        of('model.started'),
        of('model.finished', {
          ...ended,
          materialized: always('table'),
          rows: number,
          tests,
          error: optional(error),
        }),
      ),
      fc.tuple(of('test.finished', { ...ended, results: tests })),
      fc.tuple(of('node.skipped', { because: fc.array(words, { maxLength: 3 }) })),
      fc.tuple(of('notice', { message: words, where, hint: optional(words) })),
    );
    const consistent = (event: Event) =>
      'error' in event && event.error && event.event.endsWith('.finished')
        ? { ...event, status: 'failed' }
        : event;
    return (lives as unknown as fc.Arbitrary<Event[]>).map((events) => events.map(consistent) as Event[]);
  });
}

/** A run of several nodes at once, without its end. */
const run = fc
  .tuple(
    fc.tuple(...Array.from({ length: 6 }, (_, i) => life(i))),
    fc.array(number, { minLength: 1, maxLength: 20 }),
  )
  .map(([lives, picks]) => {
    const open = lives.map((events) => [...events]);
    const nodes = lives.map(([first]) => (first as { node: string }).node);
    const layers = ['bronze', 'silver', 'gold'];
    const events = [{ event: 'run.started', project: 'p', database: 'd', target: 'default', layers, nodes }];
    for (let i = 0; open.length > 0; i++) {
      const at = picks[i % picks.length]! % open.length;
      events.push(open[at]!.shift() as never);
      if (open[at]!.length === 0) open.splice(at, 1);
    }
    return events as unknown as Event[];
  });

/** Shows events as a terminal or a file would get them. */
function show(events: readonly Event[], columns: number, isTTY: boolean, env: NodeJS.ProcessEnv = {}) {
  const stream = recordingStream(columns, isTTY);
  const reporter = terminalReporter(stream, capabilities(stream, env));
  for (const event of events) reporter.emit(event);
  reporter.finish();
  return stream.text();
}

const finished = {
  event: 'run.finished',
  runId: 1,
  status: 'succeeded',
  counts: { loads: 0, failed: 0, skipped: 0, testsPassed: 0, testsWarned: 0, testsFailed: 0, rejected: 0 },
  durationMs: 1,
  readersSee: null,
} as unknown as Event;
// biome-ignore lint/suspicious/noControlCharactersInRegex: it is what must not be there
const colour = /\u001b\[\d+m/;
const columns = fc.integer({ min: 40, max: 200 });

test('what stays on a terminal is what a file gets: no redrawn line wraps, none is left behind', () => {
  fc.assert(
    fc.property(run, columns, (events, width) => {
      const live = show(events, width, true);
      assert.equal(screen(live, width), screen(show(events, width, false), width));
    }),
  );
});

test('no escape codes in a file, no colours with NO_COLOR, whatever is in the data', () => {
  fc.assert(
    fc.property(run, columns, (events, width) => {
      assert.not.match(show([...events, finished], width, false), '\u001b');
      assert.not.match(show([...events, finished], width, true, { NO_COLOR: '1' }), colour);
    }),
  );
});

test('errors and notes are told whole, on any terminal', () => {
  fc.assert(
    fc.property(run, columns, (events, width) => {
      for (const isTTY of [true, false]) {
        const text = show(events, width, isTTY, { NO_COLOR: '1' });
        for (const event of events) {
          const told = event.event === 'notice' ? event : 'error' in event ? event.error : undefined;
          if (!told) continue;
          assert.ok(text.includes(told.message), `${told.message} is missing`);
          if (told.hint) assert.ok(text.includes(told.hint), `${told.hint} is missing`);
          if (told.where)
            assert.ok(text.includes(`${told.where.file}:${told.where.line}:${told.where.column}`));
        }
      }
    }),
  );
});

test('the closing table fits the terminal, and each layer has its line', () => {
  fc.assert(
    fc.property(run, columns, (events, width) => {
      const lines = show([...events, finished], width, true, { NO_COLOR: '1' }).split('\n');
      const head = lines.findIndex((line) => /^ {2}layer +nodes/.test(line));
      if (head < 0) return;
      const table = lines.slice(head, lines.indexOf('', head));
      for (const line of table) assert.ok(columnsOf(line) <= width, line);
      const layers = events.flatMap((event) =>
        'node' in event && /finished|skipped/.test(event.event) ? [event.node!.split('.')[0]!] : [],
      );
      assert.is(table.length, 2 + new Set(layers).size);
    }),
  );
});

test('in a file every node has one line', () => {
  fc.assert(
    fc.property(fc.array(words, { minLength: 1, maxLength: 9 }), columns, (names, width) => {
      const events = names.flatMap((name, i): Event[] => [
        { event: 'model.started', node: `silver.${name}${i}`, materialized: 'table', reason: 'never built' },
        {
          event: 'model.finished',
          node: `silver.${name}${i}`,
          materialized: 'table',
          status: 'succeeded',
          rows: i,
          durationMs: 1,
          tests: [],
        },
      ]);
      const lines = show(events, width, false).trimEnd().split('\n');
      assert.is(lines.length, names.length);
      for (const [i, name] of names.entries()) assert.ok(lines[i]!.includes(`silver.${name}${i}`));
    }),
  );
});

test.run();
