import { setTimeout as sleep } from 'node:timers/promises';
import type { Sql, Transaction } from '../database/connect.js';
import { quoteRelation } from '../database/identifiers.js';
import { errorCode, postgresError } from '../database/postgres-error.js';
import { databaseTrouble } from '../database/trouble.js';
import { endVacuums } from '../database/vacuums.js';
import { MedallionError } from '../errors/index.js';
import type { Emit } from '../events/events.js';
import { applyDeltas, type DeltaMove, RefusedDelta, StaleDelta } from './apply-delta.js';
import { addLateKeys, keysInTheWay, letKeysGo } from './late-keys.js';
import type { Move, PublishResult } from './move.js';
import { recordShapes } from './relations.js';
import { type Survey, survey } from './survey.js';
import { type SwapContext, swap } from './swap.js';

export interface PublishContext extends SwapContext {
  /** A pool of one connection. */
  readonly sql: Sql;
  /** How long readers may keep it waiting. */
  readonly timeoutMs: number;
  /** Statement that has to be the first of the transaction; empty: none. */
  readonly begin: string;
  readonly emit: Emit;
  readonly signal: AbortSignal;
}

/**
 * While a lock request waits, new readers queue behind it: so each wait is far shorter than deadlock_timeout (1 s), and the request is given up and made
 * again after a pause (PITFALLS: then no reader ever failed). Short waits find a moment in which all relations are free at once, which readers that
 * take them in different orders demand; longer ones get past many readers of one relation.
 */
const lockTimeoutsMs = [10, 1, 1, 1];

/** Told of each publish, with the project's name, as it is committed. */
export const publishedChannel = 'medallion_published';

/** How long a row that others are writing may keep a publish by delta waiting, before it is begun anew. */
const rowWaitMs = 2000;

/**
 * Publishes staged relations: all in ONE transaction, together with the bookkeeping in `alongside`, unless the run has published already.
 * @param moves those by delta with referenced relations before those that refer to them
 * @param alongside more statements of the same transaction
 * @throws MedallionError MDL4301, MDL4302, MDL4303 (readers held their locks too long), MDL4304, MDL5002 (aborted), MDL5001 (the lock was lost);
 * StaleDelta: others have written into a relation since its delta was made; RefusedDelta
 */
export async function publishRelations(
  context: PublishContext,
  moves: readonly Move[],
  alongside: (tx: Transaction) => Promise<void> = async () => {},
): Promise<PublishResult> {
  const started = performance.now();
  const { sql, project, runId } = context;
  const swaps = moves.filter(({ delta }) => !delta);
  const deltas = moves.filter((move): move is DeltaMove => move.delta !== undefined);
  const refreshed = deltas.filter(({ refresh }) => refresh !== undefined).map(({ to }) => quoteRelation(to));
  let planned: Survey | undefined;
  for (let attempt = 1; ; attempt++) {
    if (context.signal.aborted)
      throw new MedallionError('MDL5002', { message: 'Interrupted before publishing.' });
    let told: readonly string[] = [];
    const attemptStarted = performance.now();
    const lockTimeoutMs = lockTimeoutsMs[attempt % lockTimeoutsMs.length]!;
    try {
      planned ??= await sql.begin(async (tx) => {
        await tx.unsafe(`set local search_path = ''`);
        return survey(tx, project, swaps);
      });
      const { locks, tables } = planned;
      const materializedViews = [...planned.materializedViews, ...refreshed];
      await sql.begin(async (tx) => {
        await tx.unsafe(
          [
            ...(context.begin === '' ? [] : [context.begin]),
            `set local search_path = ''; set local statement_timeout = 0; set local lock_timeout = ${rowWaitMs}`,
          ].join('; '),
        );
        if (await isPublished(tx, runId)) return;
        if (tables.length + materializedViews.length > 0)
          await tx.unsafe(endVacuums(tables, rowWaitMs, materializedViews));
        const lockAndLook = async () => {
          if (deltas.length === 0) await tx.unsafe(`set local lock_timeout = ${lockTimeoutMs}; ${locks}`);
          else if (locks !== '') await takeLocks(tx, context, locks, started);
          // Others may have put something on our relations since the locks were planned.
          const found = await survey(tx, project, swaps);
          if (found.locks === locks) return found;
          planned = undefined;
          throw new StaleLocks();
        };
        const early = keysInTheWay(planned!, deltas).length > 0 ? await lockAndLook() : undefined;
        if (early) await letKeysGo(tx, keysInTheWay(early, deltas));
        await applyDeltas(tx, project, runId, deltas);
        told = await swap(tx, context, early ?? (await lockAndLook()));
        await addLateKeys(tx, project, swaps);
        for (const { refresh } of moves) if (refresh !== undefined) await tx.unsafe(refresh);
        await recordShapes(
          tx,
          project,
          swaps.filter(({ inputs }) => inputs).map(({ node }) => node),
        );
        await alongside(tx);
        await tx`select pg_catalog.pg_notify(${publishedChannel}, ${project})`;
      });
      for (const message of told) context.emit({ event: 'notice', message });
      return { durationMs: performance.now() - attemptStarted, attempts: attempt };
    } catch (cause) {
      if (cause instanceof StaleDelta || cause instanceof RefusedDelta) throw cause;
      if (!(cause instanceof StaleLocks) && !mayPass(cause)) throw publishError(cause);
      await pause(context, attempt, started, cause);
    }
  }
}

/**
 * Takes the locks of a swap while rows have been written already: what was written must not be lost to a reader who stands in the way, so the
 * transaction goes back to before the request only.
 */
async function takeLocks(
  tx: Transaction,
  context: PublishContext,
  locks: string,
  started: number,
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    if (context.signal.aborted)
      throw new MedallionError('MDL5002', { message: 'Interrupted before publishing.' });
    try {
      const lockTimeoutMs = lockTimeoutsMs[attempt % lockTimeoutsMs.length];
      await tx.savepoint((inner) => inner.unsafe(`set local lock_timeout = ${lockTimeoutMs}; ${locks}`));
      return;
    } catch (cause) {
      if (errorCode(cause) !== '55P03') throw cause;
      await pause(context, attempt, started, cause);
    }
  }
}

/** @throws MedallionError MDL4303 */
async function pause(
  { timeoutMs, emit, signal }: PublishContext,
  attempt: number,
  started: number,
  cause: unknown,
): Promise<void> {
  const waitedMs = performance.now() - started;
  if (waitedMs > timeoutMs) {
    throw new MedallionError('MDL4303', {
      message: `Readers kept their locks for ${Math.round(waitedMs / 1000)} s; publishing gave up after ${attempt} attempts.`,
      cause,
    });
  }
  emit({ event: 'publish.retried', attempt, waitedMs });
  await sleep(Math.random() * Math.min(2 * attempt, 250), undefined, { signal }).catch(() => {});
}

/** A lock that was not to be had, a deadlock, rows that others wrote at the same time. */
function mayPass(cause: unknown): boolean {
  return ['55P03', '40P01', '40001'].includes(errorCode(cause) ?? '');
}

/** The locks that were planned are not those that are needed: plan again. */
class StaleLocks extends Error {}

/**
 * A run that begins calls those before it that still say `running` crashed. While this transaction lasts it cannot: whether this run's lock was lost on
 * the way, and its place taken, is settled here.
 * @returns whether a transaction whose connection was lost was committed after all. One that is just being committed is waited for: it has written the run's row
 */
async function isPublished(tx: Transaction, runId: number): Promise<boolean> {
  const [own] = await tx<{ published: boolean }[]>`
    select published_at is not null as published from medallion.runs where run_id = ${runId} and status = 'running' for share`;
  if (!own) {
    throw new MedallionError('MDL5001', {
      message:
        'The connection that held the lock was lost and another run has taken over; this one publishes nothing.',
    });
  }
  return own.published;
}

/** What went wrong with a publish, for people. */
export function publishError(cause: unknown): MedallionError {
  if (cause instanceof MedallionError) return cause;
  const known = postgresError(cause);
  if (known?.sqlstate === '42501') {
    return new MedallionError('MDL4301', {
      message: `A view or key that depends on our relations belongs to another role: ${known.message}`,
      hint: 'Grant that role to the one that mdl connects as.',
      cause,
      postgres: known,
    });
  }
  const trouble = databaseTrouble(cause, 'while publishing');
  if (trouble) return trouble;
  return new MedallionError('MDL4304', {
    message: `Publishing failed: ${known?.message ?? String(cause)}`,
    cause,
    postgres: known,
  });
}
