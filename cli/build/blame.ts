import type { Sql } from '../database/connect.js';
import { quoteIdentifier, quoteRelation } from '../database/identifiers.js';
import { postgresError } from '../database/postgres-error.js';
import type { ContractColumn } from '../project/model.js';
import { constraintsOneByOneSql, foreignKeysSql, indexesSql } from './contract-sql.js';
import type { ModelBuild } from './model-build.js';
import { type ComposedSql, compose, createSql } from './model-sql.js';

/** The build that failed. */
type FailedBuild = Pick<ModelBuild, 'model' | 'query' | 'relation' | 'targetOf'>;

/** A part of a contract that Postgres refuses, as a statement of its own. */
export interface Refused {
  readonly statement: ComposedSql;
  readonly cause: unknown;
}

/**
 * Finds the part of a contract that a failed build is to blame on when Postgres named no place, as it mostly does not for the clauses of `alter table`.
 * The relation must not be there, and is not afterwards.
 * @param cause the failure
 * @returns undefined: the contract is not the reason
 */
export async function refusedPart(
  sql: Sql,
  build: FailedBuild,
  columns: readonly ContractColumn[] | null,
  selected: readonly string[],
  cause: unknown,
): Promise<Refused | undefined> {
  const isValue = postgresError(cause)?.sqlstate.startsWith('22');
  return isValue ? refusedCast(sql, build, columns, selected) : refusedClause(sql, build, columns, selected);
}

/** Each clause alone, on a relation without rows. */
async function refusedClause(
  sql: Sql,
  { model, query, relation, targetOf }: FailedBuild,
  columns: readonly ContractColumn[] | null,
  selected: readonly string[],
): Promise<Refused | undefined> {
  const create = createSql('table', relation, query, { columns, selected });
  const parts = [
    ...constraintsOneByOneSql(relation, model.contract),
    ...indexesSql(relation, model.contract),
    ...foreignKeysSql(relation, model.contract, targetOf),
  ];
  for (const part of parts) {
    const statement = compose(
      [
        ...create.pieces,
        { text: '\nwith no data;\n' },
        ...part.pieces,
        { text: `;\ndrop table ${quoteRelation(relation)}` },
      ],
      part.where,
    );
    try {
      await sql.unsafe(statement.text);
    } catch (cause) {
      return postgresError(cause) && { statement, cause };
    }
  }
  return undefined;
}

/** The select without the contract's casts, then each cast over its rows. */
async function refusedCast(
  sql: Sql,
  { query, relation }: FailedBuild,
  columns: readonly ContractColumn[] | null,
  selected: readonly string[],
): Promise<Refused | undefined> {
  const typed = (columns ?? []).filter(
    (column) => column.type !== undefined && selected.includes(column.name),
  );
  if (typed.length === 0) return undefined;
  try {
    await sql.unsafe(createSql('table', relation, query, { columns: null, selected }).text);
  } catch {
    return undefined;
  }
  try {
    for (const { name, type, where } of typed) {
      const text = `select count(${quoteIdentifier(name)}::${type}) from ${quoteRelation(relation)}`;
      try {
        await sql.unsafe(text);
      } catch (cause) {
        return postgresError(cause) && { statement: compose([{ text, locate: () => where }], where), cause };
      }
    }
    return undefined;
  } finally {
    await sql.unsafe(`drop table ${quoteRelation(relation)}`);
  }
}
