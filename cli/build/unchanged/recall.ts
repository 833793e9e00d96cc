import { setImmediate as turn } from 'node:timers/promises';
import { recordStillUnchanged } from '../../bronze/bookkeeping.js';
import { connect, type Sql, type Transaction } from '../../database/connect.js';
import { countEvents } from '../../events/counts.js';
import type { Emit, Event } from '../../events/events.js';
import { mdlVersion } from '../../version.js';
import { finishRun, readPublishedState, recordRun } from '../history.js';
import { findSchemasMarked, stageComment } from '../marked-schemas.js';
import { tidyHistory } from '../retention.js';
import { tryRunLock } from '../run-lock.js';
import { recordWritten, writtenEvents } from '../run-log.js';
import { type Memory, readMemory } from './memory.js';
import { stateToken } from './state-token.js';
import { standAsBefore } from './watched-paths.js';

/** Events that are told in one go: some milliseconds' worth, in which nothing else is done. */
const eventsAtOnce = 100;

/**
 * Carries out a build of everything where it is known from the last one that nothing has to be done: the project's files stand as they did, and so does what
 * the database has of it. Neither the project is read nor are models asked about; the run is in the history all the same.
 * @param projectDir absolute path
 * @param emit is told of the run while it is still being written down
 * @returns false: this is not known, or not so, or could not be written down. Then nothing has been done, and what was told is void.
 */
export async function recallUnchanged(projectDir: string, configFile: string, emit: Emit): Promise<boolean> {
  const startedMs = performance.now();
  const memory = readMemory(projectDir, configFile);
  if (!memory || (memory.until !== null && Date.now() >= memory.until)) return false;
  const { database } = memory;
  const url = 'url' in database ? database.url : process.env[database.variable];
  if (!url || !standAsBefore(memory.paths)) return false;
  const sql = connect({ url, settings: 'none', max: 2, applicationName: 'mdl' });
  try {
    const finished = await sql.begin(async (tx) => {
      if (!(await tryRunLock(tx, memory.project))) throw new Changed();
      return recordUnchangedRun(sql, tx, memory, startedMs, emit);
    });
    await tidyHistory(sql, { name: memory.project, history: memory.history }, emit);
    emit(finished);
    return true;
  } catch {
    // What is wrong there is told by a build that looks at everything.
    return false;
  } finally {
    await sql.end({ timeout: 1 });
  }
}

class Changed extends Error {}

/**
 * Tells of all but the end, and writes all of it down: for many models that takes as long as it takes the server to find on another connection that nothing has
 * changed, so both are done at once.
 * @returns the end
 * @throws Changed what was written down must be taken back
 */
async function recordUnchangedRun(
  sql: Sql,
  tx: Transaction,
  memory: Memory,
  startedMs: number,
  emit: Emit,
): Promise<Event> {
  const { project, target, written } = memory;
  const isUnchanged = stillUnchanged(sql, memory);
  // Whoever fails first ends this; the other must not count as unhandled then.
  isUnchanged.catch(() => {});
  const start = { project, command: 'build', target, mdlVersion, selection: null, cause: 'by hand' };
  const [readersSee, runId] = await Promise.all([
    readPublishedState(tx, project),
    recordRun(tx, { ...start, options: {}, retryOf: null }),
  ]);
  const events = memory.events.map((event) => (event.event === 'run.started' ? { ...event, runId } : event));
  const tally = countEvents();
  events.forEach(tally.read);
  const counts = tally.counts();
  const loads = events.flatMap((event) => (event.event === 'load.finished' ? [event.node] : []));
  await Promise.all([
    recordWritten(tx, runId, written),
    recordWritten(tx, runId, writtenEvents(events.slice(0, 1), 1)),
    recordStillUnchanged(tx, runId, project, loads),
    tell(events, emit),
  ]);
  if (!(await isUnchanged)) throw new Changed();
  const durationMs = performance.now() - startedMs;
  const end: Event = { event: 'run.finished', runId, status: 'succeeded', counts, readersSee, durationMs };
  await Promise.all([
    recordWritten(tx, runId, writtenEvents([end], events.length + 1)),
    finishRun(tx, runId, 'succeeded', counts, undefined),
  ]);
  return end;
}

/** Whether the database has of the project what it had, and nobody is at work there. */
async function stillUnchanged(sql: Sql, { project, schemas, token }: Memory): Promise<boolean> {
  const [now, left, running] = await Promise.all([
    stateToken(sql, project, schemas),
    findSchemasMarked(sql, stageComment(project)),
    sql`select from medallion.runs where project = ${project} and status = 'running'`,
  ]);
  // A stage holds an open plan, or what a killed run has left.
  return now === token && left.length === 0 && running.count === 0;
}

/** Lets other work go on meanwhile. */
async function tell(events: readonly Event[], emit: Emit): Promise<void> {
  for (let i = 0; i < events.length; i += eventsAtOnce) {
    events.slice(i, i + eventsAtOnce).forEach(emit);
    await turn();
  }
}
