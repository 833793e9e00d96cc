import { recordStillUnchanged } from '../../bronze/bookkeeping.js';
import { connect, type Transaction } from '../../database/connect.js';
import { countEvents } from '../../events/counts.js';
import type { Event, PublishedState } from '../../events/events.js';
import { mdlVersion } from '../../version.js';
import { finishRun, readPublishedState, recordRun } from '../history.js';
import { tidyHistory } from '../retention.js';
import { tryRunLock } from '../run-lock.js';
import { recordEvents } from '../run-log.js';
import { findSchemasMarked, stageComment } from '../stage.js';
import { type Memory, readMemory } from './memory.js';
import { stateToken } from './state-token.js';
import { standAsBefore } from './watched-paths.js';

/**
 * Carries out a build of everything where it is known from the last one that nothing has to be done: the project's files stand as they did, and so does what
 * the database has of it. Neither the project is read nor are models asked about; the run is in the history all the same.
 * @param projectDir absolute path
 * @returns all that the run tells; undefined: this is not known, or not so, and nothing has been done
 */
export async function recallUnchanged(
  projectDir: string,
  configFile: string,
): Promise<readonly Event[] | undefined> {
  const startedMs = performance.now();
  const memory = readMemory(projectDir, configFile);
  if (!memory || (memory.until !== null && Date.now() >= memory.until)) return undefined;
  const { database } = memory;
  const url = 'url' in database ? database.url : process.env[database.variable];
  if (!url || !standAsBefore(memory.paths)) return undefined;
  const sql = connect({ url, settings: 'none', max: 1, applicationName: 'mdl' });
  try {
    const told = await sql.begin((tx) => recordUnchangedRun(tx, memory, startedMs));
    if (!told) return undefined;
    const notices: Event[] = [];
    await tidyHistory(sql, { name: memory.project, history: memory.history }, (event) => notices.push(event));
    return told.toSpliced(-1, 0, ...notices);
  } catch {
    // What is wrong there is told by a build that looks at everything.
    return undefined;
  } finally {
    await sql.end({ timeout: 1 });
  }
}

async function recordUnchangedRun(
  tx: Transaction,
  memory: Memory,
  startedMs: number,
): Promise<readonly Event[] | undefined> {
  const { project, target, schemas, events } = memory;
  if (!(await tryRunLock(tx, project))) return undefined;
  const [token, left, running] = await Promise.all([
    stateToken(tx, project, schemas),
    findSchemasMarked(tx, stageComment(project)),
    tx`select from medallion.runs where project = ${project} and status = 'running'`,
  ]);
  // A stage holds an open plan, or what a killed run has left.
  if (token !== memory.token || left.length > 0 || running.count > 0) return undefined;
  const start = { project, command: 'build', target, mdlVersion, selection: null, cause: 'by hand' };
  const runId = await recordRun(tx, { ...start, options: {}, retryOf: null });
  const tally = countEvents();
  events.forEach(tally.read);
  const counts = tally.counts();
  const loads = events.flatMap((event) => (event.event === 'load.finished' ? [event.node] : []));
  const [readersSee] = await Promise.all([
    readPublishedState(tx, project),
    recordStillUnchanged(tx, runId, project, loads),
    finishRun(tx, runId, 'succeeded', counts, undefined),
  ]);
  const told = runEvents(events, { runId, counts, readersSee, durationMs: performance.now() - startedMs });
  await recordEvents(tx, runId, told);
  return told;
}

function runEvents(
  events: readonly Event[],
  last: {
    readonly runId: number;
    readonly counts: ReturnType<ReturnType<typeof countEvents>['counts']>;
    readonly readersSee: PublishedState | null;
    readonly durationMs: number;
  },
): readonly Event[] {
  const { runId } = last;
  return [
    ...events.map((event): Event => (event.event === 'run.started' ? { ...event, runId } : event)),
    { event: 'run.finished', status: 'succeeded', ...last },
  ];
}
