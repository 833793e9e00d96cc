import type { BronzeTable } from '../config/options.js';
import { quoteRelation } from '../database/identifiers.js';
import { didYouMean, MedallionError } from '../errors/index.js';
import type { SourceTable } from '../sources/source.js';
import type { LoadContext } from './context.js';
import type { BronzeState } from './load-table.js';

/** A column that the table's settings name and that its source does not have, and what it was to be. */
export function missingColumn(
  { key, cursor, distribution }: Pick<BronzeTable, 'key' | 'cursor' | 'distribution'>,
  columns: readonly string[],
): { readonly role: string; readonly column: string } | undefined {
  const wanted = [
    ...key.map((column) => ({ role: 'key', column })),
    ...(cursor === undefined ? [] : [{ role: 'cursor', column: cursor }]),
    ...(distribution?.kind === 'column' ? [{ role: 'distribution', column: distribution.column }] : []),
  ];
  return wanted.find(({ column }) => !columns.includes(column));
}

/** @throws MedallionError MDL3005 */
export function requireColumns(table: BronzeTable, source: SourceTable): void {
  const missing = missingColumn(table, source.columns);
  if (missing === undefined) return;
  throw new MedallionError('MDL3005', {
    message: `${table.node}: the ${missing.role} column "${missing.column}" is not in ${source.origin}.`,
    where: { file: source.origin, line: 1 },
    hint: didYouMean(missing.column, source.columns),
  });
}

/** @throws MedallionError MDL3007, MDL4302 when what stands in the place of a bronze table is not one of ours */
export function refuseForeignTable(table: BronzeTable, state: BronzeState): void {
  if (!state.columns) return;
  if (state.problem)
    throw new MedallionError('MDL3007', {
      message: `${quoteRelation(table.relation)} is not a bronze table: ${state.problem}.`,
    });
  if (!state.isOurs)
    throw new MedallionError('MDL4302', {
      message: `${quoteRelation(table.relation)} exists already and was not made by this project, so ${table.node} cannot be loaded there.`,
    });
}

/**
 * Whether bronze has all columns that the last load brought in. Where others have dropped one, the same source is read again; not by `append`, which would have
 * every row twice then.
 */
export function keepsColumns(
  strategy: BronzeTable['strategy'],
  bronze: readonly string[],
  source: readonly string[],
): boolean {
  return strategy === 'append' || source.every((column) => bronze.includes(column));
}

/** What rows have in a column that their source has lost. */
const afterLoss: Readonly<Record<BronzeTable['strategy'], string>> = {
  replace: 'null in all rows',
  append: 'null in the rows of this load',
  upsert: 'rows that are there keep what they have, new ones have null',
};

/** @returns columns of bronze that the source has lost */
export function tellColumnChanges(
  context: LoadContext,
  table: BronzeTable,
  source: SourceTable,
  state: BronzeState,
): readonly string[] {
  if (!state.columns) return [];
  const lost = state.columns.filter((column) => !source.columns.includes(column));
  const fresh = source.columns.filter((column) => !state.columns!.includes(column));
  const tell = (message: string) =>
    context.emit({ event: 'notice', node: table.node, message, where: { file: source.origin, line: 1 } });
  if (lost.length > 0)
    tell(
      `${source.origin} no longer has ${lost.map((column) => `"${column}"`).join(', ')}: ${afterLoss[table.strategy]}.`,
    );
  if (fresh.length > 0)
    tell(`${source.origin} has new columns: ${fresh.map((column) => `"${column}"`).join(', ')}.`);
  return lost;
}
