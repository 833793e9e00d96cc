import { quoteIdentifier, quoteRelation, type Relation } from '../database/identifiers.js';
import type { Policy, PolicyCondition } from '../project/model.js';
import type { Template } from '../project/template.js';
import { type ComposedSql, compose } from './model-sql.js';

/**
 * The policies of a model, for its staged table: they are there before anyone can read it.
 * @param render turns a condition into SQL
 */
export function policiesSql(
  relation: Relation,
  policies: readonly Policy[],
  render: (template: Template) => string,
): ComposedSql[] {
  return policies.map((policy) => policySql(relation, policy, render));
}

function policySql(
  relation: Relation,
  { name, command, roles, using, check, where }: Policy,
  render: (template: Template) => string,
): ComposedSql {
  const clause = (keyword: string, condition: PolicyCondition | undefined) =>
    condition
      ? [
          { text: ` ${keyword} (` },
          { text: render(condition.template), locate: () => condition.where },
          { text: '\n)' },
        ]
      : [];
  return compose(
    [
      {
        text: `create policy ${quoteIdentifier(name)} on ${quoteRelation(relation)} for ${command} to ${roles.map(quoteIdentifier).join(', ')}`,
      },
      ...clause('using', using),
      ...clause('with check', check),
    ],
    // Only syntax errors of a policy come with a position.
    using && check ? where : (using ?? check)?.where,
  );
}

/**
 * The relations that policies of a table read, each once for each policy.
 * @param table quoted and qualified, as a string constant
 */
export function policyReadsSql(table: string): string {
  return `
    select distinct p.polname as policy, n.nspname as schema, c.relname as name
      from pg_catalog.pg_policy p
      join pg_catalog.pg_depend d on d.classid = 'pg_catalog.pg_policy'::pg_catalog.regclass and d.objid = p.oid
      join pg_catalog.pg_class c on d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass and c.oid = d.refobjid and c.oid <> p.polrelid
      join pg_catalog.pg_namespace n on n.oid = c.relnamespace
     where p.polrelid = ${table}::pg_catalog.regclass`;
}
