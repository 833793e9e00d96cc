import type { Sql, Transaction } from '../database/connect.js';
import { quoteRelation, type Relation } from '../database/identifiers.js';
import { errorCode, isConnectionLoss, postgresError } from '../database/postgres-error.js';
import { type ErrorCode, MedallionError, type Where } from '../errors/index.js';
import type { CompiledQuery } from '../graph/compile.js';
import type { Model } from '../project/model.js';
import { commentsSql } from './comments-sql.js';
import {
  type ComposedSql,
  constraintsSql,
  createSql,
  foreignKeysSql,
  indexesSql,
  meetContract,
  selectSql,
} from './model-sql.js';

export interface ModelBuild {
  readonly model: Model;
  readonly query: CompiledQuery;
  /** Where it is built. */
  readonly relation: Relation;
  /** Relation and primary key of a model that a foreign key names. */
  targetOf(name: string): { relation: Relation; primaryKey: readonly string[] };
}

export interface BuiltModel {
  /** Undefined for a view. */
  readonly rows: number | undefined;
  /** The error that kept a key or check from being added because rows break it; the relation stands without its constraints then. */
  readonly violation: MedallionError | undefined;
}

/**
 * Builds a model in the stage: rows first, then keys, checks, indexes and comments.
 * @throws MedallionError MDL4001 (its SQL fails), MDL4002 (columns), MDL4003 (the contract cannot be applied), MDL2006, MDL5002
 */
export async function buildModel(sql: Sql, build: ModelBuild): Promise<BuiltModel> {
  const { model, relation } = build;
  const kind = model.materialized === 'view' ? 'view' : 'table';
  const rows = await sql.begin(async (tx) => {
    const select = selectSql(build.query);
    const described = await located(build, select, 'MDL4001', () => tx.unsafe(select.text).describe());
    const selected = described.columns.map((column) => column.name);
    const columns = meetContract(model, selected);
    const create = createSql(kind, relation, build.query, columns, selected);
    const { count } = await located(build, create, 'MDL4001', () => tx.unsafe(create.text));
    const comments = commentsSql(kind, relation, model.contract);
    if (comments.length > 0) await tx.unsafe(comments.join(';\n'));
    return count;
  });
  if (kind === 'view') return { rows: undefined, violation: undefined };
  const violation = await sql
    .begin((tx) => applyConstraints(tx, build))
    .then(
      () => undefined,
      (error: unknown) => {
        if (error instanceof MedallionError && error.postgres?.sqlstate.startsWith('23')) return error;
        throw error;
      },
    );
  return { rows, violation };
}

async function applyConstraints(tx: Transaction, build: ModelBuild): Promise<void> {
  const { relation, model } = build;
  const constraints = constraintsSql(relation, model.contract);
  const statements = [
    ...(constraints ? [constraints] : []),
    ...indexesSql(relation, model.contract),
    ...foreignKeysSql(relation, model.contract, build.targetOf),
  ];
  for (const statement of statements)
    await located(build, statement, 'MDL4003', () => tx.unsafe(statement.text));
  await tx.unsafe(`analyze ${quoteRelation(relation)}`);
}

/** Runs a statement; Postgres's error comes back with the place in the user's file that its position stands for. */
async function located<Result>(
  build: ModelBuild,
  statement: ComposedSql,
  code: ErrorCode,
  execute: () => PromiseLike<Result>,
): Promise<Result> {
  try {
    return await execute();
  } catch (cause) {
    throw modelError(build.model, statement, code, cause);
  }
}

function modelError(model: Model, statement: ComposedSql, code: ErrorCode, cause: unknown): MedallionError {
  const known = postgresError(cause);
  if (errorCode(cause) === '57014' && /user request/.test(known?.message ?? ''))
    return new MedallionError('MDL5002', { message: `${model.name} was interrupted.`, cause });
  if (isConnectionLoss(cause))
    return new MedallionError('MDL2006', {
      message: `The connection was lost while ${model.name} was built: ${(cause as Error).message}`,
      cause,
      postgres: known,
    });
  if (!known) throw cause;
  const where: Where = (known.position === undefined ? undefined : statement.locate(known.position)) ?? {
    file: model.file,
  };
  return new MedallionError(code, {
    message: `${model.name}: ${known.message}`,
    where,
    hint: hintFor(known.sqlstate),
    cause,
    postgres: known,
  });
}

function hintFor(sqlstate: string): string | undefined {
  switch (sqlstate) {
    case '22P02':
    case '22007':
    case '22008':
    case '22003':
      return 'A value does not fit the type that the select or the contract casts it to: clean it in the select, for example with a macro.';
    case '42P01':
      return 'Name models with {{ref "layer.name"}}; other relations need their schema.';
    default:
      return undefined;
  }
}
