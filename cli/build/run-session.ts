import type { Sql, Transaction } from '../database/connect.js';
import { migrate } from '../database/migrations/index.js';
import type { MedallionError } from '../errors/index.js';
import type { Emit, Event, PublishedState, RunCounts } from '../events/events.js';
import { renewGrants } from '../publish/grants.js';
import type { Move, PublishResult } from '../publish/move.js';
import { publishRelations } from '../publish/publish.js';
import { mdlVersion } from '../version.js';
import { finishRun, historyWriter, readPublishedState, startRun } from './history.js';
import { openDatabase, type ProjectDatabase } from './open-database.js';
import type { OpenProject } from './open-project.js';
import { grantSchemas, namedRoles, requireRoles } from './roles.js';
import { takeRunLock } from './run-lock.js';
import { dropStage, endLeftoverSessions, prepareSchemas, runApplicationName } from './stage.js';
import { standInForSupabase } from './supabase-stand-in.js';

/** A run under way: the lock is held, the stage is empty, the history has begun. */
export interface RunSession {
  readonly project: OpenProject;
  readonly database: ProjectDatabase;
  /** The pool that loads and builds, `threads` connections; what it commits is made durable by the publish. */
  readonly sql: Sql;
  /** For bookkeeping beside a busy pool. */
  readonly side: Sql;
  readonly runId: number;
  readonly command: string;
  publish(moves: readonly Move[], alongside?: (tx: Transaction) => Promise<void>): Promise<PublishResult>;
  /** Drops the stage, ends the history, gives everything back. */
  finish(
    status: 'succeeded' | 'failed' | 'interrupted',
    counts: RunCounts,
    error: MedallionError | undefined,
  ): Promise<PublishedState | null>;
  /** Reads events into the history. */
  record(event: Event): void;
}

export interface SessionOptions {
  readonly command: string;
  readonly selection: string | null;
  readonly noWait: boolean;
  readonly emit: Emit;
  readonly signal: AbortSignal;
}

/**
 * Begins a run: one at a time for each project and database. What a killed run left behind is cleaned up first.
 * @throws MedallionError MDL20xx, MDL21xx, MDL5001, MDL5002
 */
export async function openRunSession(project: OpenProject, session: SessionOptions): Promise<RunSession> {
  const { options } = project;
  const database = await openDatabase(options);
  try {
    const lockSql = database.connect({
      max: 1,
      applicationName: `mdl-lock:${options.name}`,
      // Whoever waits for another run waits as long as that takes.
      statementTimeout: '0',
    });
    const giveLockBack = await takeRunLock(lockSql, {
      project: options.name,
      noWait: session.noWait,
      isPooled: database.isPooled,
      emit: session.emit,
      signal: session.signal,
    });
    const applicationName = runApplicationName(options.name, database.token);
    const sql = database.connect({
      max: options.threads,
      applicationName,
      statementTimeout: options.statementTimeout,
      asynchronousCommit: true,
    });
    const side = database.connect({ max: 1, applicationName });
    const publishSql = database.connect({ max: 1, applicationName });
    await migrate(side);
    await endLeftoverSessions(side, options.name, database);
    await dropStage(side, options.name, session.emit);
    await prepareRights(side, project, database.isEmbedded);
    const runId = await startRun(side, {
      project: options.name,
      command: session.command,
      target: options.target,
      mdlVersion,
      selection: session.selection,
    });
    const history = historyWriter(side, runId);
    const stopCancelling = cancelOnAbort(database, applicationName, session.signal);
    return {
      project,
      database,
      sql,
      side,
      runId,
      command: session.command,
      publish: (moves, alongside) =>
        publishRelations(
          {
            sql: publishSql,
            project: options.name,
            runId,
            serverVersion: database.serverVersion,
            timeoutMs: options.publishTimeoutMs,
            emit: session.emit,
            signal: session.signal,
          },
          moves,
          alongside,
        ),
      record: history.read,
      async finish(status, counts, error) {
        try {
          stopCancelling();
          await history.flush();
          await dropStage(side, options.name, session.emit);
          await finishRun(side, runId, status, counts, error?.toJSON());
          return await readPublishedState(side, options.name);
        } finally {
          await giveLockBack();
          await database.close();
        }
      },
    };
  } catch (error) {
    await database.close();
    throw error;
  }
}

async function prepareRights(side: Sql, project: OpenProject, isEmbedded: boolean): Promise<void> {
  const { options } = project;
  await requireRoles(side, namedRoles(project), isEmbedded);
  if (isEmbedded) await standInForSupabase(side, project);
  await prepareSchemas(side, options);
  await grantSchemas(side, project);
  await renewGrants(side, options.name, [...options.bronze.values()]);
}

/** Ctrl-C ends the running statements on the server too; the driver alone would wait for them. */
function cancelOnAbort(database: ProjectDatabase, applicationName: string, signal: AbortSignal): () => void {
  const cancel = () => {
    const canceller = database.connect({ max: 1, applicationName: 'mdl' });
    canceller`
      select pg_cancel_backend(pid) from pg_stat_activity
       where application_name = ${applicationName} and usename = current_user and state = 'active'`.catch(
      () => {},
    );
  };
  signal.addEventListener('abort', cancel);
  return () => signal.removeEventListener('abort', cancel);
}
