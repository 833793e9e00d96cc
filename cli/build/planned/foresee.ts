import type { Transaction } from '../../database/connect.js';
import { quoteLiteral, quoteRelation } from '../../database/identifiers.js';
import { MedallionError } from '../../errors/index.js';
import { environmentViews } from '../../publish/environment-views.js';
import type { Move } from '../../publish/move.js';
import { type Survey, survey } from '../../publish/survey.js';
import { requireKeepable } from '../../publish/swap.js';
import { plural } from '../../text/format.js';
import { toMedallionError } from '../errors.js';
import type { RunSession } from '../run-session.js';
import { brokenKeys, brokenViews } from './foreseen-sql.js';

export interface Foresight {
  /** What of others would be bound to the new relation, by model. */
  readonly others: ReadonlyMap<string, readonly string[]>;
  /** Why the publish would fail now. */
  readonly refusals: readonly string[];
}

/**
 * Looks ahead at what a publish would do with what others have on our relations: nothing is changed, and no lock is taken that readers would notice. What
 * only Postgres can tell, while it is done, is not foreseen.
 */
export async function foresee(
  { side, project, database }: RunSession,
  moves: readonly Move[],
): Promise<Foresight> {
  const refusals: string[] = [];
  const others = new Map<string, string[]>();
  const refuse = (cause: unknown) => {
    if (!(cause instanceof MedallionError)) throw toMedallionError(cause);
    refusals.push(cause.message);
  };
  await side.begin('read only', async (tx) => {
    await tx.unsafe(`set local search_path = ''`);
    const swaps = moves.filter(({ delta }) => !delta);
    const found = await survey(tx, project.options.name, swaps).catch(refuse);
    if (found) {
      const ofEnvironments = await environmentViews(tx, project.options.name, found.views);
      await requireKeepable(tx, found, database.serverVersion, ofEnvironments).catch(refuse);
      const own = await readOwn(tx, project.options.name);
      for (const { name, reads, what } of bound(found)) {
        const node = own.get(reads);
        if (node !== undefined && !own.has(name)) others.set(node, [...(others.get(node) ?? []), what]);
      }
      refusals.push(...(await columnsOfViews(tx, swaps)));
    }
    refusals.push(...(await rowsOfKeys(tx, moves)));
  });
  return { others, refusals: [...new Set(refusals)] };
}

/** The nodes that this project has published, by the quoted and qualified name of the relation. */
async function readOwn(tx: Transaction, project: string): Promise<ReadonlyMap<string, string>> {
  const rows = await tx<{ name: string; node: string }[]>`
    select pg_catalog.format('%I.%I', schema_name, table_name) as name, node from medallion.relations where project = ${project}`;
  return new Map(rows.map(({ name, node }) => [name, node]));
}

function bound({ views, keys, objects }: Survey) {
  return [
    ...views.map(({ name, reads, isMaterialized }) => ({
      ...{ name, reads },
      what: `${isMaterialized ? 'materialized view' : 'view'} ${name}`,
    })),
    ...keys.map(({ table, constraint, references }) => ({
      ...{ name: table, reads: references },
      what: `foreign key ${constraint} of ${table}`,
    })),
    ...objects.map(({ description, reads }) => ({ name: description, reads, what: description })),
  ];
}

/** Views that read a column that goes away. */
async function columnsOfViews(tx: Transaction, swaps: readonly Move[]): Promise<readonly string[]> {
  if (swaps.length === 0) return [];
  const broken = await tx.unsafe<{ view: string; column: string; relation: string }[]>(
    brokenViews(pairs(swaps)),
  );
  return broken.map(
    ({ view, column, relation }) =>
      `The view ${view} reads the column ${column} of ${relation}, which goes away.`,
  );
}

/** Rows of others that refer to rows that go away. */
async function rowsOfKeys(tx: Transaction, moves: readonly Move[]): Promise<readonly string[]> {
  const whole = moves.filter(({ delta, kind }) => kind === 'table' && mayLoseRows(delta));
  if (whole.length === 0) return [];
  const keys = await tx.unsafe<{ name: string; table: string; relation: string; count: string }[]>(
    brokenKeys(pairs(whole)),
  );
  const refusals: string[] = [];
  for (const { name, table, relation, count } of keys) {
    // Another's table may be none of our business to read: the publish will tell.
    const lost = await tx
      .savepoint(async (inner) => (await inner.unsafe<[{ lost: number }]>(count))[0].lost)
      .catch(() => 0);
    if (lost > 0)
      refusals.push(
        `The foreign key ${name} of ${table} refers to rows of ${relation} that go away: ${plural(lost, 'row')}.`,
      );
  }
  return refusals;
}

function mayLoseRows(delta: Move['delta']): boolean {
  return !delta || delta.isWhole || delta.counts.deleted > 0;
}

function pairs(moves: readonly Move[]): string {
  return quoteLiteral(
    JSON.stringify(
      moves.map(({ to, from }) => ({ published: quoteRelation(to), staged: quoteRelation(from) })),
    ),
  );
}
