import type { Sql } from '../database/connect.js';
import { quoteLiteral, quoteRelation, type Relation } from '../database/identifiers.js';
import { MedallionError } from '../errors/index.js';
import { relationKind } from '../project/model.js';
import { refusedPart } from './blame.js';
import { commentsSql } from './comments-sql.js';
import { constraintsSql, foreignKeysSql, indexesSql, uniqueIndexesSql } from './contract-sql.js';
import { describeModel } from './describe-model.js';
import { buildDistributed } from './distributed-model.js';
import type { BuiltModel, ModelBuild } from './model-build.js';
import { located, modelError } from './model-error.js';
import { compose, createSql, filledColumns, joinSql, plainSql } from './model-sql.js';
import { policiesSql, policyReadsSql } from './policies-sql.js';

/**
 * Builds a model in the stage: rows, keys, checks, indexes and comments in one go, which is one transaction.
 * @throws MedallionError MDL1212 (charts), MDL4001 (its SQL fails), MDL4002 (columns), MDL4003 (the contract cannot be applied), MDL4014, MDL2006, MDL5002
 */
export async function buildModel(sql: Sql, build: ModelBuild): Promise<BuiltModel> {
  const { model, relation } = build;
  const kind = relationKind(model);
  const shape = await describeModel(sql, build);
  const { columns, selected } = shape;
  requireSecurityInvoker(build);
  const options = model.securityInvoker ? ' with (security_invoker = true)' : '';
  const withData = createSql(kind, relation, build.query, shape, options);
  const create = build.isEmpty ? compose([...withData.pieces, { text: '\nwith no data' }]) : withData;
  const comments = commentsSql(kind, relation, model.contract).map(plainSql);
  if (kind === 'view') {
    await located(model, create, 'MDL4001', () => sql.unsafe(joinSql([create, ...comments]).text));
    return { rows: undefined, violation: undefined, filled: [] };
  }
  if (build.isScaledOut && model.distribution) {
    const built = await buildDistributed(sql, build, model.distribution, shape);
    await secureRows(sql, build);
    return built;
  }
  const contract =
    kind === 'materialized_view'
      ? [...uniqueIndexesSql(relation, model.contract), ...indexesSql(relation, model.contract)]
      : [
          ...constraintsSql(relation, model.contract),
          ...indexesSql(relation, model.contract),
          ...foreignKeysSql(relation, model.contract, build.targetOf),
        ];
  const filled = build.isEmpty ? [] : [plainSql(`analyze ${quoteRelation(relation)}`)];
  const whole = joinSql([create, ...contract, ...comments, ...filled]);
  try {
    // Statements without rows share one result; its count is that of the first that has one, `create table as`.
    const { count } = await located(
      model,
      whole,
      'MDL4001',
      () => sql.unsafe(whole.text),
      create.text.length,
    );
    await secureRows(sql, build);
    return { rows: count, violation: undefined, filled: filledColumns(shape) };
  } catch (violation) {
    if (!(violation instanceof MedallionError && violation.postgres)) throw violation;
    if (!violation.postgres.sqlstate.startsWith('23')) {
      if (violation.where?.line !== undefined) throw violation;
      const refused = await refusedPart(sql, build, columns, selected, violation.cause);
      throw refused ? modelError(model, refused.statement, 'MDL4003', refused.cause) : violation;
    }
    // Without its constraints the relation can be asked which rows break them.
    const { count } = await located(model, create, 'MDL4001', () => sql.unsafe(create.text));
    return { rows: count, violation, filled: filledColumns(shape) };
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
export async function secureRows(sql: Sql, build: ModelBuild): Promise<void> {
  const { model, relation } = build;
  if (!model.policies) return;
  await sql.unsafe(`alter table ${quoteRelation(relation)} enable row level security`);
  for (const policy of policiesSql(relation, model.policies, build.render))
    await located(model, policy, 'MDL4003', () => sql.unsafe(policy.text));
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
