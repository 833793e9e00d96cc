import type { Queryable } from '../../database/connect.js';
import type { Relation } from '../../database/identifiers.js';
import { didYouMean, MedallionError } from '../../errors/index.js';
import { readKeyEquality } from '../../publish/delta/index.js';
import { diffAsMultisets } from './as-multisets.js';
import { diffByKey } from './by-key.js';
import { joinedColumn, type SharedColumn } from './comparison.js';
import type { RelationDiff } from './diff.js';
import { requireUnique, usableKey } from './key.js';
import { readShape, type Shape, schemaChanges } from './shape.js';

export interface DiffOptions {
  /** By which rows are told apart. Default: a primary key of one of the relations, or one of `knownKeys`. */
  readonly key?: readonly string[] | undefined;
  /** Keys that are promised elsewhere, such as by a contract. */
  readonly knownKeys?: readonly (readonly string[])[] | undefined;
  /** Only these columns are compared, in shape and in values. */
  readonly columns?: readonly string[] | undefined;
  readonly excludeColumns?: readonly string[] | undefined;
  /** Samples for each column, and keys that are only in one, at most. */
  readonly limit: number;
}

/**
 * Compares two relations of one database; nothing is written. Both are read by more than one statement: call it in a transaction that reads one state of
 * the database.
 * @throws MedallionError MDL4311 (no such relation or column, or none in common), MDL4312 (the key is not one)
 */
export async function diffRelations(
  sql: Queryable,
  a: Relation,
  b: Relation,
  options: DiffOptions,
): Promise<RelationDiff> {
  const [shapeA, shapeB] = [await requireShape(sql, a), await requireShape(sql, b)];
  requireColumns(options, shapeA, shapeB);
  const counts = (name: string) =>
    (options.columns?.includes(name) ?? true) && !options.excludeColumns?.includes(name);
  const shared = shapeA.columns.flatMap((column): SharedColumn[] => {
    const other = shapeB.columns.find(({ name }) => name === column.name);
    return other ? [{ name: column.name, a: column, b: other }] : [];
  });
  const compared = shared.filter(({ name }) => counts(name));
  const key =
    options.key ??
    usableKey([shapeA.primaryKey, shapeB.primaryKey, ...(options.knownKeys ?? [])], shapeA, shapeB);
  const names = compared.map(({ name }) => name);
  const schema = schemaChanges(shapeA, shapeB, counts);
  const concluded = (found: Pick<RelationDiff, 'rows' | 'onlyA' | 'onlyB' | 'columns'>): RelationDiff => ({
    ...{ a, b, schema, key, compared: names, ...found },
    isEqual: schema.length === 0 && found.rows.onlyA + found.rows.onlyB + found.rows.changed === 0,
  });
  if (key === null) {
    if (compared.length === 0)
      throw new MedallionError('MDL4311', {
        message: `${named(a)} and ${named(b)} have no column in common that is compared.`,
      });
    return concluded({
      rows: await diffAsMultisets(sql, a, b, names),
      ...{ onlyA: [], onlyB: [], columns: [] },
    });
  }
  await requireUnique(sql, a, shapeA, key);
  await requireUnique(sql, b, shapeB, key);
  const equality = (await readKeyEquality(sql, a, key)) ?? (await readKeyEquality(sql, b, key));
  const joined = key.map((name, place) =>
    joinedColumn(shared.find((column) => column.name === name)!, equality?.[place]),
  );
  const sameByJoin = new Set(joined.filter(({ mayDiffer }) => !mayDiffer).map(({ name }) => name));
  return concluded(
    await diffByKey(sql, {
      ...{ a, b, key: joined, limit: options.limit },
      compared: compared.filter(({ name }) => !sameByJoin.has(name)),
    }),
  );
}

function named({ schema, name }: Relation): string {
  return `${schema}.${name}`;
}

async function requireShape(sql: Queryable, relation: Relation): Promise<Shape> {
  const shape = await readShape(sql, relation);
  if (shape) return shape;
  throw new MedallionError('MDL4311', { message: `There is no table or view ${named(relation)}.` });
}

/** Columns that are asked for by name exist; those of a key in both. */
function requireColumns({ key, columns, excludeColumns }: DiffOptions, a: Shape, b: Shape): void {
  const [namesA, namesB] = [a, b].map((shape) => shape.columns.map(({ name }) => name));
  const either = new Set([...namesA!, ...namesB!]);
  const both = new Set(namesA!.filter((name) => namesB!.includes(name)));
  const check = (wanted: readonly string[], known: ReadonlySet<string>, where: string) => {
    const unknown = wanted.find((name) => !known.has(name));
    if (unknown !== undefined)
      throw new MedallionError('MDL4311', {
        message: `${where} no column "${unknown}".`,
        hint: didYouMean(unknown, known),
      });
  };
  check(key ?? [], both, 'The two relations do not share a key: in common they have');
  check([...(columns ?? []), ...(excludeColumns ?? [])], either, 'The two relations have');
}
