import type { Sql, Transaction } from '../database/connect.js';
import { insist } from '../database/insist.js';
import { migrate } from '../database/migrations/index.js';
import type { Emit, Event, PublishedState } from '../events/events.js';
import { renewGrants } from '../publish/grants.js';
import type { Move, PublishResult } from '../publish/move.js';
import { publishRelations } from '../publish/publish.js';
import { mdlVersion } from '../version.js';
import { watchForCancel } from './cancel-run.js';
import { cancelStatements } from './cancel-statements.js';
import { type CrashWatch, watchCrashes } from './crash-watch.js';
import { guardLock, type LockState } from './guard-lock.js';
import { finishRun, type RunStart, readPublishedState, startRun } from './history.js';
import { openDatabase, type ProjectDatabase } from './open-database.js';
import type { OpenProject } from './open-project.js';
import { endOpenPlan } from './planned/end-plan.js';
import { tidyHistory } from './retention.js';
import { grantSchemas, namedRoles, requireRoles } from './roles.js';
import { takeRunLock } from './run-lock.js';
import { openRunLog } from './run-log.js';
import { findScaleOut, type ScaleOut } from './scale-out.js';
import { dropStage, endLeftoverSessions, prepareSchemas, runApplicationName } from './stage.js';
import { standInForSupabase } from './supabase-stand-in.js';

/** A run under way: the lock is held, the stage is empty or that of the open plan, the history has begun. */
export interface RunSession extends Pick<ScaleOut, 'isScaledOut'> {
  readonly project: OpenProject;
  readonly database: ProjectDatabase;
  /** The pool that loads and builds, `threads` connections; what it commits is made durable by the publish. */
  readonly sql: Sql;
  /** For bookkeeping beside a busy pool. */
  readonly side: Sql;
  readonly runId: number;
  readonly command: string;
  /** Somebody wants the run to end. */
  readonly signal: AbortSignal;
  /** The name of its connections in pg_stat_activity. */
  readonly applicationName: string;
  publish(moves: readonly Move[], alongside?: (tx: Transaction) => Promise<void>): Promise<PublishResult>;
  /**
   * Drops the stage unless it is kept, ends the history, gives everything back.
   * @param describe the run's last event, once it is known what readers see
   */
  finish(
    outcome: Pick<RunFinished, 'status' | 'counts' | 'error'>,
    describe: (readersSee: PublishedState | null) => RunFinished,
  ): Promise<RunFinished>;
  /** Whether the stage outlives the run: somebody may publish what is in it. Default: it does not. */
  keepStage(keep: boolean): void;
  /** Whether the stage is still this run's. */
  lockState(): Promise<LockState>;
  readonly crashWatch: CrashWatch;
  /** Keeps an event in the history. */
  record(event: Event): void;
  /** Waits until the history has what was recorded so far. */
  flush(): Promise<void>;
}

export type RunFinished = Extract<Event, { readonly event: 'run.finished' }>;

export interface SessionOptions
  extends Pick<RunStart, 'command' | 'selection' | 'cause' | 'options' | 'retryOf'> {
  readonly noWait: boolean;
  /** Takes over the stage of the open plan; default: the plan is outdated, and the stage begins empty. */
  readonly adoptStage?: boolean | undefined;
  readonly emit: Emit;
  readonly signal: AbortSignal;
  /** Somebody else asks for the run's end. */
  readonly onCancel: (by: string) => void;
}

/**
 * Begins a run: one at a time for each project and database. What a killed run left behind is cleaned up first.
 * @throws MedallionError MDL20xx, MDL21xx, MDL5001, MDL5002
 */
export async function openRunSession(project: OpenProject, session: SessionOptions): Promise<RunSession> {
  const { options } = project;
  const database = await openDatabase(options);
  try {
    let onLockLost = () => {};
    const lockSql = database.connect({
      max: 1,
      applicationName: `mdl-lock:${options.name}`,
      onClose: () => onLockLost(),
      // Whoever waits for another run waits as long as that takes.
      statementTimeout: '0',
    });
    const lock = await takeRunLock(lockSql, {
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
      renew: true,
    });
    // By another name: what cancels the run's statements is not to cancel how they are told of.
    const side = database.connect({
      max: 1,
      applicationName: `${applicationName}:side`,
      statementTimeout: options.statementTimeout,
      renew: true,
    });
    const publishSql = database.connect({ max: 1, applicationName, renew: true });
    await migrate(side);
    const { isScaledOut, beforePublish } = await findScaleOut(side, project.graph);
    await endLeftoverSessions(side, options.name, database);
    if (!session.adoptStage) await clearStage(side, project, session);
    await prepareRights(side, project, database.isEmbedded);
    const { command, selection, cause, retryOf } = session;
    const runId = await startRun(side, {
      ...{ command, selection, cause, retryOf, options: session.options, mdlVersion },
      project: options.name,
      target: options.target,
    });
    const guard = guardLock(lock, side, runId, () => {
      // Nothing of this run may reach what is the other's stage now.
      void sql.end({ timeout: 0 });
      void publishSql.end({ timeout: 0 });
    });
    onLockLost = guard.onLost;
    const crashWatch = watchCrashes(side, runId);
    const log = openRunLog(side, runId, crashWatch);
    const flush = () => insist(log.flush);
    const stopCancelling = cancelOnAbort(database, applicationName, session.signal);
    let keepsStage = false;
    const stopWatching = watchForCancel(side, runId, session.onCancel);
    return {
      project,
      database,
      sql,
      side,
      runId,
      command,
      signal: session.signal,
      applicationName,
      isScaledOut,
      publish: (moves, alongside) =>
        publishRelations(
          {
            sql: publishSql,
            project: options.name,
            runId,
            serverVersion: database.serverVersion,
            timeoutMs: options.publishTimeoutMs,
            begin: beforePublish(moves),
            emit: session.emit,
            signal: session.signal,
          },
          moves,
          alongside,
        ),
      keepStage: (keep) => {
        keepsStage = keep;
      },
      lockState: guard.state,
      crashWatch,
      record: log.read,
      flush,
      async finish({ status, counts, error }, describe) {
        try {
          await stopCancelling();
          await stopWatching();
          await flush();
          if (!keepsStage && (await guard.state()) === 'held')
            await insist(() => dropStage(side, options.name, session.emit));
          await insist(() => finishRun(side, runId, status, counts, error));
          const finished = describe(await insist(() => readPublishedState(side, options.name)));
          log.read(finished);
          await flush();
          if (status !== 'interrupted') await tidyHistory(side, options, session.emit);
          return finished;
        } finally {
          guard.stop();
          await lock.release();
          await database.close();
        }
      },
    };
  } catch (error) {
    await database.close();
    throw error;
  }
}

/** What is in the stage goes, and with it the plan that was to be published from there. */
async function clearStage(
  side: Sql,
  { options }: OpenProject,
  { command, emit }: SessionOptions,
): Promise<void> {
  const ended = await endOpenPlan(side, options.name, 'outdated', `mdl ${command}`);
  if (ended !== undefined)
    emit({
      event: 'notice',
      message: `The open plan of run ${ended} is outdated: its stage makes room for this run.`,
    });
  await dropStage(side, options.name, emit);
}

async function prepareRights(side: Sql, project: OpenProject, isEmbedded: boolean): Promise<void> {
  const { options } = project;
  await requireRoles(side, namedRoles(project), isEmbedded);
  if (isEmbedded) await standInForSupabase(side, project);
  await prepareSchemas(side, options);
  await grantSchemas(side, project);
  await renewGrants(side, options.name, [...options.bronze.values()]);
}

/**
 * Ctrl-C ends the running statements on the server too; the driver alone would wait for them.
 * @returns ends that, and waits for what is under way: it must not hit what comes after
 */
function cancelOnAbort(
  database: ProjectDatabase,
  applicationName: string,
  signal: AbortSignal,
): () => Promise<void> {
  let cancelling: Promise<void> | undefined;
  const cancel = () => {
    cancelling = cancelStatements(database, applicationName).catch(() => {});
  };
  signal.addEventListener('abort', cancel);
  return async () => {
    signal.removeEventListener('abort', cancel);
    await cancelling;
  };
}
