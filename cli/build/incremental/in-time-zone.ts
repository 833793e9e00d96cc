import type { Sql } from '../../database/connect.js';
import { settingsPerTransaction } from '../../database/pooled.js';
import type { Model, TimeRange } from '../../project/model.js';

/**
 * The pool by which a model is built and tested. One that is filled by time has its `time_zone` as the session's: a cast between a `timestamptz` and a local
 * time would otherwise move rows out of the interval that they were selected for.
 * @param isScaledOut the nodes of a Citus cluster have to be told
 */
export function inTimeZone(sql: Sql, { incremental }: Model, isScaledOut: boolean): Sql {
  if (incremental?.strategy !== 'time_range') return sql;
  return settingsPerTransaction(sql, {
    ...(isScaledOut && { 'citus.propagate_set_commands': 'local' }),
    timezone: (incremental as TimeRange).timeZone,
  });
}
