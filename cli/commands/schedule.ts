import type { Argv } from 'yargs';
import { openDatabase } from '../build/open-database.js';
import { loadOptions } from '../config/load.js';
import type { Options } from '../config/options.js';
import { migrate } from '../database/migrations/index.js';
import {
  type DaemonOptions,
  requireSchedules,
  runSchedules,
  type ScheduleEvent,
} from '../orchestrate/daemon.js';
import { nextOccurrence } from '../orchestrate/due.js';
import { listOccurrences, type Occurrence } from '../orchestrate/occurrences.js';
import { jsonLinesReporter } from '../report/json-lines.js';
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
        describe: 'The schedules, when they are next due and what became of the last times',
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
    await runSchedules({
      project: { dir: args.projectDir, ...overridesOf(args) },
      signal: interrupt.signal,
      ...scheduleReporter(args.json),
    });
  } finally {
    interrupt.release();
  }
}

/** How schedules, and their runs, are told of. */
export function scheduleReporter(json: boolean): Pick<DaemonOptions, 'emit' | 'emitRun'> {
  if (!json) return { emit: tell };
  const { emit } = jsonLinesReporter(process.stdout);
  return { emit: (event) => emit(event as never), emitRun: emit };
}

function tell(event: ScheduleEvent): void {
  const style = makeStyle(capabilities(process.stdout, process.env).color);
  const say = (text: string) => process.stdout.write(`${style.bold(event.schedule)}  ${text}\n`);
  switch (event.event) {
    case 'schedule.waiting':
      return void say(style.dim(event.next ? `next at ${event.next}` : 'is never due again'));
    case 'schedule.begun':
      return void say(`${event.due} begins`);
    case 'schedule.skipped':
      return void say(`${event.due} ${style.yellow(skips[event.reason])}`);
    case 'schedule.retried':
      return void say(style.yellow(`failed; tried again at ${event.at} (attempt ${event.attempt})`));
    case 'schedule.finished': {
      const color = event.status === 'succeeded' ? style.green : style.red;
      const run = event.runId === null ? '' : `: npx mdl runs show ${event.runId}`;
      return void say(`${event.due} ${color(event.status)}${run}`);
    }
    case 'schedule.failed':
      process.stderr.write(`${event.schedule}  ${event.error.code} ${event.error.message}\n`);
  }
}

const skips = {
  overlap: 'skipped: the run before still goes on',
  missed: 'missed: nobody was there',
  crashed: 'crashed',
} as const;

async function list(options: Options, json: boolean): Promise<void> {
  const schedules = requireSchedules(options);
  const database = await openDatabase(options);
  try {
    const sql = database.connect({ max: 1, applicationName: 'mdl schedule' });
    await migrate(sql);
    const occurrences = await listOccurrences(sql, options.name, 5);
    const now = Date.now();
    const rows = schedules.map(({ name, cron, timezone, ...schedule }) => {
      const next = nextOccurrence({ name, cron, timezone, ...schedule }, now);
      return {
        ...{ schedule: name, cron, timezone, next: next === undefined ? null : new Date(next).toISOString() },
        last: occurrences.filter((one) => one.schedule === name),
      };
    });
    if (json) process.stdout.write(`${JSON.stringify(rows)}\n`);
    else print(rows);
  } finally {
    await database.close();
  }
}

interface Listed {
  readonly schedule: string;
  readonly cron: string;
  readonly timezone: string;
  readonly next: string | null;
  readonly last: readonly Occurrence[];
}

function print(rows: readonly Listed[]): void {
  const able = capabilities(process.stdout, process.env);
  const style = makeStyle(able.color);
  const columns = ['schedule', 'cron', 'timezone', 'next'].map((name) => ({ name, align: 'left' as const }));
  process.stdout.write(
    `${formatTable(
      columns,
      rows.map(({ schedule, cron, timezone, next }) => [schedule, cron, timezone, next]),
      { width: tableWidth(process.stdout, able), style },
    )}\n`,
  );
  for (const { schedule, last } of rows)
    for (const { due, status, attempts, runId } of last)
      process.stdout.write(
        `${schedule}  ${due.toISOString()}  ${status}${attempts > 1 ? `, ${attempts} attempts` : ''}${runId === null ? '' : `, run ${runId}`}\n`,
      );
}
