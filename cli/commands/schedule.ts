import type { Argv } from 'yargs';
import { openDatabase } from '../build/open-database.js';
import { loadOptions } from '../config/load.js';
import type { Options } from '../config/options.js';
import { migrate } from '../database/migrations/index.js';
import { requireSchedules, runDaemon } from '../orchestrate/daemon.js';
import { nextOccurrence } from '../orchestrate/due.js';
import { listTriggers, type TriggerState } from '../orchestrate/firings.js';
import { listOccurrences, type Occurrence } from '../orchestrate/occurrences.js';
import { type DaemonReporter, daemonJsonReporter, daemonTextReporter } from '../report/schedule.js';
import { capabilities, makeStyle, tableWidth } from '../report/style.js';
import { formatTable } from '../report/table.js';
import { overridesOf, type ProjectArguments, projectFlags } from './flags.js';
import { interruptSignal } from './interrupt.js';

export const builder = (yargs: Argv) =>
  yargs
    .options({
      ...projectFlags,
      list: {
        type: 'boolean',
        default: false,
        describe: 'Schedules and triggers, what is next and what became of the last times',
      },
      json: {
        type: 'boolean',
        default: false,
        describe: 'One event on each line, as JSON, those of the runs too',
      },
    })
    .example('mdl schedule', 'runs the project when its schedule says, until Ctrl-C')
    .example('mdl schedule --list', 'what comes next, and what has been');

interface Arguments extends ProjectArguments {
  readonly list: boolean;
  readonly json: boolean;
}

export async function handler(args: Arguments): Promise<void> {
  if (args.list) return list(await loadOptions(args.projectDir, overridesOf(args)), args.json);
  const interrupt = interruptSignal(() => {
    if (!args.json) process.stdout.write('Ending; a run that is going on is interrupted.\n');
  });
  try {
    await runDaemon({
      project: { dir: args.projectDir, ...overridesOf(args) },
      signal: interrupt.signal,
      ...daemonReporter(args.json),
    });
  } finally {
    interrupt.release();
  }
}

/** How schedules and triggers, and their runs, are told of. */
export function daemonReporter(json: boolean): DaemonReporter {
  return json
    ? daemonJsonReporter(process.stdout)
    : daemonTextReporter(
        process.stdout,
        process.stderr,
        makeStyle(capabilities(process.stdout, process.env).color),
      );
}

async function list(options: Options, json: boolean): Promise<void> {
  requireSchedules(options);
  const database = await openDatabase(options);
  try {
    const sql = database.connect({ max: 1, applicationName: 'mdl schedule' });
    await migrate(sql);
    const occurrences = await listOccurrences(sql, options.name, 5);
    const states = await listTriggers(sql, options.name);
    const now = Date.now();
    const schedules = options.schedules.map((schedule): ListedSchedule => {
      const next = nextOccurrence(schedule, now);
      return {
        ...{ schedule: schedule.name, cron: schedule.cron, timezone: schedule.timezone },
        next: next === undefined ? null : new Date(next).toISOString(),
        last: occurrences.filter((one) => one.schedule === schedule.name),
      };
    });
    const triggers = options.triggers.map(({ name, kind, watches }): ListedTrigger => {
      const last = states.find(({ trigger }) => trigger === name);
      return { trigger: name, kind, watches, last: last ?? null };
    });
    if (json) process.stdout.write(`${JSON.stringify([...schedules, ...triggers])}\n`);
    else print(schedules, triggers);
  } finally {
    await database.close();
  }
}

interface ListedSchedule {
  readonly schedule: string;
  readonly cron: string;
  readonly timezone: string;
  readonly next: string | null;
  readonly last: readonly Occurrence[];
}

interface ListedTrigger {
  readonly trigger: string;
  readonly kind: string;
  readonly watches: string;
  readonly last: TriggerState | null;
}

function print(schedules: readonly ListedSchedule[], triggers: readonly ListedTrigger[]): void {
  const able = capabilities(process.stdout, process.env);
  const layout = { width: tableWidth(process.stdout, able), style: makeStyle(able.color) };
  const table = (names: readonly string[], rows: readonly (readonly (string | null)[])[]) => {
    if (rows.length === 0) return;
    const columns = names.map((name) => ({ name, align: 'left' as const }));
    process.stdout.write(`${formatTable(columns, rows, layout)}\n`);
  };
  table(
    ['schedule', 'cron', 'timezone', 'next'],
    schedules.map(({ schedule, cron, timezone, next }) => [schedule, cron, timezone, next]),
  );
  for (const { schedule, last } of schedules)
    for (const { due, ...outcome } of last)
      process.stdout.write(`${schedule}  ${due.toISOString()}  ${describe(outcome)}\n`);
  table(
    ['trigger', 'on', 'watches', 'fired'],
    triggers.map(({ trigger, kind, watches, last }) => [
      ...[trigger, kind, watches],
      last?.firedAt?.toISOString() ?? null,
    ]),
  );
  for (const { trigger, last } of triggers) {
    if (last?.status) process.stdout.write(`${trigger}  ${describe({ ...last, status: last.status })}\n`);
    if (last?.pending) process.stdout.write(`${trigger}  fired, and waits for its run\n`);
  }
}

function describe({ status, attempts, runId }: { status: string; attempts: number; runId: number | null }) {
  return `${status}${attempts > 1 ? `, ${attempts} attempts` : ''}${runId === null ? '' : `, run ${runId}`}`;
}
