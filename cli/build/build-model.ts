import type { Sql } from '../database/connect.js';
import { quoteLiteral, quoteRelation, type Relation } from '../database/identifiers.js';
import { errorCode, postgresError } from '../database/postgres-error.js';
import { databaseTrouble } from '../database/trouble.js';
import { type ErrorCode, MedallionError, type Where } from '../errors/index.js';
import type { CompiledQuery } from '../graph/compile.js';
import type { Model, NodeName } from '../project/model.js';
import type { Template } from '../project/template.js';
import { refusedPart } from './blame.js';
import { commentsSql } from './comments-sql.js';
import { constraintsSql, foreignKeysSql, indexesSql } from './contract-sql.js';
import { type ComposedSql, createSql, joinSql, meetContract, plainSql, selectSql } from './model-sql.js';
import { policiesSql, policyReadsSql } from './policies-sql.js';

export interface ModelBuild {
  readonly model: Model;
  readonly query: CompiledQuery;
  /** Where it is built. */
  readonly relation: Relation;
  /** Relation and primary key of a model that a foreign key names. */
  targetOf(name: string): { relation: Relation; primaryKey: readonly string[] };
  /** SQL of a condition of the model's. */
  render(condition: Template): string;
  /** The model of this run that will replace a published relation. */
  replacing(published: Relation): NodeName | undefined;
  /** As Postgres counts it, e.g. 180004. */
  readonly serverVersion: number;
}

export interface BuiltModel {
  /** Undefined for a view. */
  readonly rows: number | undefined;
  /** The error that kept a key or check from being added because rows break it; the relation stands without its constraints then. */
  readonly violation: MedallionError | undefined;
}

/**
 * Builds a model in the stage: rows, keys, checks, indexes and comments in one go, which is one transaction.
 * @throws MedallionError MDL4001 (its SQL fails), MDL4002 (columns), MDL4003 (the contract cannot be applied), MDL2006, MDL5002
 */
export async function buildModel(sql: Sql, build: ModelBuild): Promise<BuiltModel> {
  const { model, relation } = build;
  const kind = model.materialized === 'view' ? 'view' : 'table';
  const select = selectSql(build.query);
  const described = await located(build, select, 'MDL4001', () => sql.unsafe(select.text).describe());
  const selected = described.columns.map((column) => column.name);
  const columns = meetContract(model, selected);
  requireSecurityInvoker(build);
  const options = model.securityInvoker ? ' with (security_invoker = true)' : '';
  const create = createSql(kind, relation, build.query, columns, selected, options);
  const comments = commentsSql(kind, relation, model.contract).map(plainSql);
  if (kind === 'view') {
    await located(build, create, 'MDL4001', () => sql.unsafe(joinSql([create, ...comments]).text));
    return { rows: undefined, violation: undefined };
  }
  const contract = [
    ...constraintsSql(relation, model.contract),
    ...indexesSql(relation, model.contract),
    ...foreignKeysSql(relation, model.contract, build.targetOf),
  ];
  const whole = joinSql([create, ...contract, ...comments, plainSql(`analyze ${quoteRelation(relation)}`)]);
  try {
    // Statements without rows share one result; its count is that of the first that has one, `create table as`.
    const { count } = await located(
      build,
      whole,
      'MDL4001',
      () => sql.unsafe(whole.text),
      create.text.length,
    );
    await secureRows(sql, build);
    return { rows: count, violation: undefined };
  } catch (violation) {
    if (!(violation instanceof MedallionError && violation.postgres)) throw violation;
    if (!violation.postgres.sqlstate.startsWith('23')) {
      if (violation.where?.line !== undefined) throw violation;
      const refused = await refusedPart(sql, build, columns, selected, violation.cause);
      throw refused ? modelError(model, refused.statement, 'MDL4003', refused.cause) : violation;
    }
    // Without its constraints the relation can be asked which rows break them.
    const { count } = await located(build, create, 'MDL4001', () => sql.unsafe(create.text));
    return { rows: count, violation };
  }
}

function requireSecurityInvoker({ model, serverVersion }: ModelBuild): void {
  if (!model.securityInvoker || serverVersion >= 150_000) return;
  throw new MedallionError('MDL4003', {
    message: `${model.name}: security_invoker needs Postgres 15; this is ${Math.floor(serverVersion / 10_000)}.`,
    where: { file: model.file },
    hint: 'Make it a table with rls of its own: materialized: table.',
  });
}

/** Row-level security and its policies, one by one: Postgres does not say in which of several statements such an error is. */
async function secureRows(sql: Sql, build: ModelBuild): Promise<void> {
  const { model, relation } = build;
  if (!model.policies) return;
  await sql.unsafe(`alter table ${quoteRelation(relation)} enable row level security`);
  for (const policy of policiesSql(relation, model.policies, build.render))
    await located(build, policy, 'MDL4003', () => sql.unsafe(policy.text));
  await refuseLostReads(sql, build);
}

/** A policy that reads what this run replaces, and not its staged successor, would be left with a relation that is gone. */
async function refuseLostReads(sql: Sql, { model, relation, replacing }: ModelBuild): Promise<void> {
  if (!model.policies || model.policies.length === 0) return;
  const reads = await sql.unsafe<(Relation & { policy: string })[]>(
    policyReadsSql(quoteLiteral(quoteRelation(relation))),
  );
  for (const read of reads) {
    const node = replacing(read);
    if (node === undefined) continue;
    const policy = model.policies.find(({ name }) => name === read.policy);
    throw new MedallionError('MDL4003', {
      message: `${model.name}: a policy reads ${node} by its name in the database, which this run gives to another relation.`,
      where: (policy?.using ?? policy?.check)?.where,
      hint: `Name it as a model does: {{ref "${node}"}}.`,
    });
  }
}

/**
 * Runs statements; Postgres's error comes back with the place in the user's file that its position stands for.
 * @param contractFrom errors at or behind this offset are the contract's, not the select's
 */
async function located<Result>(
  build: ModelBuild,
  statement: ComposedSql,
  code: ErrorCode,
  execute: () => PromiseLike<Result>,
  contractFrom = Number.POSITIVE_INFINITY,
): Promise<Result> {
  try {
    return await execute();
  } catch (cause) {
    const position = postgresError(cause)?.position ?? 0;
    throw modelError(build.model, statement, position > contractFrom ? 'MDL4003' : code, cause);
  }
}

function modelError(model: Model, statement: ComposedSql, code: ErrorCode, cause: unknown): MedallionError {
  const known = postgresError(cause);
  if (errorCode(cause) === '57014' && /user request/.test(known?.message ?? ''))
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
      return "Ask for more time in medallion.config.ts, whatever the server's own limit is: statementTimeout: '1h'.";
    case '42P01':
      return 'Name models with {{ref "layer.name"}}; other relations need their schema.';
    default:
      return undefined;
  }
}
