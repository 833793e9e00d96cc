import { isCancelled, postgresError } from '../database/postgres-error.js';
import { databaseTrouble, moreTime } from '../database/trouble.js';
import { type ErrorCode, MedallionError, type Where } from '../errors/index.js';
import type { Model } from '../project/model.js';
import type { ComposedSql } from './model-sql.js';

/**
 * Runs statements; Postgres's error comes back with the place in the user's file that its position stands for.
 * @param contractFrom errors at or behind this offset are the contract's, not the select's
 */
export async function located<Result>(
  model: Model,
  statement: ComposedSql,
  code: ErrorCode,
  execute: () => PromiseLike<Result>,
  contractFrom = Number.POSITIVE_INFINITY,
): Promise<Result> {
  try {
    return await execute();
  } catch (cause) {
    const position = postgresError(cause)?.position ?? 0;
    throw modelError(model, statement, position > contractFrom ? 'MDL4003' : code, cause);
  }
}

export function modelError(
  model: Model,
  statement: ComposedSql,
  code: ErrorCode,
  cause: unknown,
): MedallionError {
  const known = postgresError(cause);
  if (isCancelled(cause))
    return new MedallionError('MDL5002', { message: `${model.name} was interrupted.`, cause });
  // A right that the select lacks is told at its place, like any other error of the select.
  const trouble =
    known?.sqlstate === '42501' ? undefined : databaseTrouble(cause, `while ${model.name} was built`);
  if (trouble) return trouble;
  if (!known) throw cause;
  const where: Where = (known.position === undefined
    ? statement.where
    : statement.locate(known.position)) ?? {
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
    case '57014':
      return moreTime;
    case '42P01':
      return 'Name models with {{ref "layer.name"}}; other relations need their schema.';
    default:
      return undefined;
  }
}
