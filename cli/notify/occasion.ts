import type { ChannelOptions } from '../config/notify-schema.js';
import type { Sql } from '../database/connect.js';
import type { Occasion } from '../events/events.js';
import type { RunReport } from './report.js';

/** The run before, of the same command and selection; null: there was none. */
export type PreviousStatus = 'succeeded' | 'failed' | null;

/**
 * How the run before this one ended. One that was interrupted by hand says nothing, and is passed over.
 * @param sql a database that has the schema `medallion`
 */
export async function readPreviousStatus(sql: Sql, report: RunReport): Promise<PreviousStatus> {
  const [row] = await sql<{ succeeded: boolean }[]>`
    select status = 'succeeded' as succeeded
      from medallion.runs r
     where project = ${report.project} and target = ${report.target} and command = ${report.command}
       and selection is not distinct from ${report.selection} and run_id < ${report.runId}
       and (status in ('succeeded', 'failed', 'crashed')
            or exists (select from medallion.occurrences o where o.run_id = r.run_id and o.status = 'timed out'))
     order by run_id desc limit 1`;
  return row ? (row.succeeded ? 'succeeded' : 'failed') : null;
}

/** Why a channel is to be told of a run; undefined: it is not. */
export function occasionFor(
  channel: ChannelOptions,
  report: RunReport,
  previous: PreviousStatus,
): Occasion | undefined {
  const { on, commands, targets, unattended, repeat } = channel;
  if (commands && !commands.includes(report.command)) return undefined;
  if (targets && !targets.includes(report.target)) return undefined;
  if (unattended && !/^(schedule|trigger) /.test(report.cause)) return undefined;
  const occasions = occasionsOf(report, previous);
  if (occasions[0] === 'failure' && previous === 'failed' && !repeat) return undefined;
  return on.includes('always') ? occasions[0] : occasions.find((occasion) => on.includes(occasion as never));
}

/** The most telling one first. */
function occasionsOf(report: RunReport, previous: PreviousStatus): readonly Occasion[] {
  if (report.status !== 'succeeded') return ['failure'];
  return [
    ...(previous === 'failed' ? (['recovery'] as const) : []),
    ...(report.warnings.length > 0 ? (['warning'] as const) : []),
    'success',
  ];
}
