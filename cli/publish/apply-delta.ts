import type { Transaction } from '../database/connect.js';
import { quoteRelation, type Relation } from '../database/identifiers.js';
import { errorCode, postgresError } from '../database/postgres-error.js';
import { MedallionError } from '../errors/index.js';
import type { DeltaCounts } from './delta/index.js';
import type { Delta, Move } from './move.js';
import { recordKept } from './relations.js';

/** A staged relation that is published by delta. */
export type DeltaMove = Move & { readonly delta: Delta };

/** The published rows are no longer those that the staged ones were compared with: somebody has written into the relation. */
export class StaleDelta extends Error {
  constructor(readonly move: DeltaMove) {
    super(move.node);
  }
}

/** Keys forbid to write the rows one after the other, in any order; all at once they may stand. */
export class RefusedDelta extends Error {
  constructor(
    override readonly cause: unknown,
    readonly move: DeltaMove,
  ) {
    super('rows cannot be written one by one');
  }
}

export interface DeltaTimes {
  readonly node: string;
  readonly rows: number;
  readonly ms: number;
}

/**
 * Writes the rows that differ, inside the publishing transaction; readers go on with what they see. New rows come from the top of the foreign keys down,
 * old ones go from the bottom up; keys of ours are checked when all are written. Where other keys than the primary one stand in the way of that, old rows go first;
 * where they trade their values, rows that change go as well, and come anew.
 * @param moves referenced relations before those that refer to them
 * @throws StaleDelta, RefusedDelta; MedallionError MDL4301 (a row that goes is referred to by a table of others)
 */
export async function applyDeltas(
  tx: Transaction,
  project: string,
  runId: number,
  moves: readonly DeltaMove[],
): Promise<readonly DeltaTimes[]> {
  if (moves.length === 0) return [];
  const keys = await deferrableKeys(tx, moves);
  if (keys !== '') await tx.unsafe(`set constraints ${keys} deferred`);
  const times = await writeInSomeOrder(tx, moves);
  if (keys !== '')
    await tx.unsafe(`set constraints ${keys} immediate`).catch((cause: unknown) => {
      throw keyError(cause) ?? cause;
    });
  await recordKept(tx, project, moves, { runId });
  await recordSpeeds(tx, project, times);
  return times;
}

/** The foreign keys between what is written and other tables that can be checked later, as a list of names. Those that others have deferred stay so. */
async function deferrableKeys(tx: Transaction, moves: readonly DeltaMove[]): Promise<string> {
  const written = JSON.stringify(moves.map(({ to: { schema, name } }) => ({ schema, name })));
  const keys = await tx<Relation[]>`
    with written as (
      select c.oid
        from pg_catalog.json_to_recordset(${written}::text::json) as w (schema text, name text)
        join pg_catalog.pg_namespace n on n.nspname = w.schema
        join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = w.name)
    select distinct n.nspname as schema, k.conname as name
      from pg_catalog.pg_constraint k join pg_catalog.pg_namespace n on n.oid = k.connamespace
     where k.contype = 'f' and k.condeferrable and not k.condeferred
       and (k.conrelid in (select oid from written) or k.confrelid in (select oid from written))`;
  return keys.map(quoteRelation).join(', ');
}

async function writeInSomeOrder(
  tx: Transaction,
  moves: readonly DeltaMove[],
): Promise<readonly DeltaTimes[]> {
  const replacing = moves.map(asReplacing);
  for (const [wanted, order] of [
    [moves, ['updates', 'inserts', 'deletes']],
    [moves, ['deletes', 'updates', 'inserts']],
  ] as const) {
    try {
      return await tx.savepoint((inner) => write(inner as Transaction, wanted, order));
    } catch (cause) {
      if (!(cause instanceof RefusedDelta)) throw cause;
    }
  }
  return write(tx, replacing, ['deletes', 'updates', 'inserts']);
}

/** The same rows, none of them updated in its place where it may go and come anew. */
function asReplacing(move: DeltaMove): DeltaMove {
  const { statements, counts } = move.delta;
  if (!statements.replaced) return move;
  const { inserted, updated, deleted } = counts;
  return {
    ...move,
    delta: {
      ...move.delta,
      statements: statements.replaced,
      counts: { inserted: inserted + updated, updated: 0, deleted: deleted + updated },
    },
  };
}

/** Whether it stands in the way of writing rows one after the other; a key that is none of those that are written now will stand there in any order. */
function isKeyViolation(cause: unknown, moves: readonly DeltaMove[]): boolean {
  const code = errorCode(cause);
  if (code === '23505' || code === '23P01') return true;
  const { schema_name: schema, table_name: table } = cause as Record<string, string>;
  return code === '23503' && moves.some(({ to }) => to.schema === schema && to.name === table);
}

type Part = 'deletes' | 'updates' | 'inserts';

const countOf: Readonly<Record<Part, keyof DeltaCounts>> = {
  deletes: 'deleted',
  updates: 'updated',
  inserts: 'inserted',
};

async function write(
  tx: Transaction,
  moves: readonly DeltaMove[],
  order: readonly Part[],
): Promise<readonly DeltaTimes[]> {
  const spent = new Map<DeltaMove, number>();
  const take = async (move: DeltaMove, part: Part) => {
    const { statements, counts } = move.delta;
    const statement = statements[part];
    if (statement === undefined || counts[countOf[part]] === 0) return;
    const started = performance.now();
    const { count } = await tx.unsafe(statement).catch((cause: unknown) => {
      const told = keyError(cause, move.to) ?? cause;
      throw isKeyViolation(cause, moves) ? new RefusedDelta(told, move) : told;
    });
    spent.set(move, (spent.get(move) ?? 0) + performance.now() - started);
    if (count !== counts[countOf[part]]) throw new StaleDelta(move);
  };
  for (const parts of grouped(order))
    for (const move of parts.includes('deletes') ? moves.toReversed() : moves)
      for (const part of partsOf(move, parts)) await take(move, part);
  return moves.map((move) => {
    const { inserted, updated, deleted } = move.delta.counts;
    return { node: move.node, rows: inserted + updated + deleted, ms: spent.get(move) ?? 0 };
  });
}

function partsOf({ delta }: DeltaMove, parts: readonly Part[]): readonly Part[] {
  if (delta.oldRowsFirst !== true) return parts;
  return parts.includes('inserts') ? ['deletes', 'inserts'] : [];
}

/** Deletes go through the relations the other way round, so they are a pass of their own. */
function grouped(order: readonly Part[]): readonly (readonly Part[])[] {
  const others = order.filter((part) => part !== 'deletes');
  return order[0] === 'deletes' ? [['deletes'], others] : [others, ['deletes']];
}

/** How fast rows were written tells the next run what publishing by delta costs; a handful of rows tells nothing. */
async function recordSpeeds(tx: Transaction, project: string, times: readonly DeltaTimes[]): Promise<void> {
  const telling = times.filter(({ rows, ms }) => rows >= 1000 && ms > 0);
  if (telling.length === 0) return;
  const speeds = telling.map(({ node, rows, ms }) => ({ node, speed: (rows / ms) * 1000 }));
  await tx`
    update medallion.relations r set rows_per_s = s.speed
      from pg_catalog.json_to_recordset(${JSON.stringify(speeds)}::text::json) as s (node text, speed float8)
     where r.project = ${project} and r.node = s.node`;
}

/** A row that is referred to cannot go. @param written the relation whose rows were written */
function keyError(cause: unknown, written?: Relation): MedallionError | undefined {
  const known = postgresError(cause);
  if (known?.sqlstate !== '23503') return undefined;
  const { constraint_name: key, schema_name: schema, table_name: table } = cause as Record<string, string>;
  const isOther = written && (written.schema !== schema || written.name !== table);
  const onto = isOther ? ` onto ${written.schema}.${written.name}` : '';
  return new MedallionError('MDL4301', {
    message: `The foreign key ${key} of ${schema}.${table}${onto} cannot be kept: ${known.message}`,
    cause,
    postgres: known,
  });
}
