import type { Options } from '../config/options.js';
import type { Sql } from '../database/connect.js';
import type { Emit } from '../events/events.js';
import { deliver } from './deliver.js';
import { messageOf } from './message.js';
import { occasionFor, type PreviousStatus, readPreviousStatus } from './occasion.js';
import type { RunReport } from './report.js';
import { webhookBody } from './webhook.js';

export interface NotifyRunOptions {
  /** Undefined: the database could not be reached, and what was before is not known. */
  readonly sql: Sql | undefined;
  readonly emit: Emit;
  /** Gives up what is under way. */
  readonly signal: AbortSignal;
}

/**
 * Tells of a run whoever asked to be told, all at once and in 30 seconds at most. What cannot be delivered is a notice; nothing is thrown.
 */
export async function notifyRun(
  options: Options,
  report: RunReport,
  { sql, emit, signal }: NotifyRunOptions,
): Promise<void> {
  const channels = options.channels.filter(({ address }) => address !== undefined);
  if (channels.length === 0) return;
  const previous: PreviousStatus = sql ? await readPreviousStatus(sql, report).catch(() => null) : null;
  const { publicUrl } = options.serve;
  await Promise.all(
    channels.map(async (channel) => {
      const occasion = occasionFor(channel, report, previous);
      if (occasion === undefined) return;
      const { name, kind, rows } = channel;
      const message = messageOf(report, occasion, { rows, publicUrl });
      const body = () => webhookBody(options.name, message, report, rows);
      const { durationMs, reason } = await deliver(channel, message, body, signal);
      if (reason === undefined)
        emit({ event: 'notification.sent', channel: name, kind, occasion, durationMs });
      else
        emit({
          event: 'notice',
          message: `${name} could not be told of the ${occasion} (${kind}): ${reason}`,
          where: { file: options.configFile },
          hint: `Try it with: npx mdl notify ${name}`,
        });
    }),
  );
}
