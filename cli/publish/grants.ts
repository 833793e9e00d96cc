import { isDeepStrictEqual } from 'node:util';
import { type Grants, type Right, rights } from '../config/grants.js';
import type { Sql } from '../database/connect.js';
import { quoteIdentifier, quoteRelation, type Relation } from '../database/identifiers.js';
import { ownedOf, type RecordedOwned } from './owned.js';

/** A right of a role on a relation. */
export interface GivenRight {
  readonly right: Right;
  readonly role: string;
}

/** Statements that give a relation's rights. */
export function grantStatements(relation: Relation, grants: Grants): string[] {
  return rights
    .filter((right) => grants[right].length > 0)
    .map(
      (right) =>
        `grant ${right} on ${quoteRelation(relation)} to ${grants[right].map(quoteIdentifier).join(', ')}`,
    );
}

/** What the configuration gave before and has taken back. */
export function withdrawnRights(before: Grants, now: Grants): GivenRight[] {
  return rights.flatMap((right) =>
    before[right].filter((role) => !now[right].includes(role)).map((role) => ({ right, role })),
  );
}

/** A relation and the rights that the configuration gives on it. */
export interface GrantedRelation {
  /** `bronze.clientes`: the key in `medallion.relations`. */
  readonly node: string;
  readonly relation: Relation;
  readonly grants: Grants;
}

/**
 * Brings rights on published relations to what the configuration says, for those that no publish replaces: loads change bronze tables in place.
 * One round trip where nothing differs, whatever the number of relations. Rights that others gave stay.
 */
export async function renewGrants(
  sql: Sql,
  project: string,
  relations: readonly GrantedRelation[],
): Promise<void> {
  if (relations.length === 0) return;
  const places = relations.map(({ node, relation: { schema, name } }) => ({ node, schema, name }));
  const rows = await sql<{ node: string; owned: RecordedOwned; held: readonly GivenRight[] }[]>`
    select r.node, r.owned, coalesce(held.rights, '[]') as held
      from pg_catalog.jsonb_to_recordset(${sql.json(places)}) as p (node text, schema name, name name)
      join pg_catalog.pg_namespace n on n.nspname = p.schema
      join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = p.name
      join medallion.relations r
        on r.project = ${project} and r.node = p.node and r.schema_name = p.schema and r.table_name = p.name
     cross join lateral (
             select jsonb_agg(jsonb_build_object('right', lower(a.privilege_type), 'role',
                              case when a.grantee = 0 then 'public' else pg_catalog.pg_get_userbyid(a.grantee) end)) as rights
               from pg_catalog.aclexplode(c.relacl) a) held`;
  const found = new Map(rows.map((row) => [row.node, row]));
  const statements: string[] = [];
  const changed: { node: string; grants: Grants }[] = [];
  for (const { node, relation, grants } of relations) {
    const row = found.get(node);
    if (!row) continue;
    const before = ownedOf(row.owned).grants;
    const holds = (right: Right, role: string) =>
      row.held.some((held) => held.right === right && held.role === role);
    const missing = rights.map(
      (right) => [right, grants[right].filter((role) => !holds(right, role))] as const,
    );
    statements.push(
      ...grantStatements(relation, Object.fromEntries(missing) as unknown as Grants),
      ...withdrawnRights(before, grants)
        .filter(({ right, role }) => holds(right, role))
        .map(
          ({ right, role }) => `revoke ${right} on ${quoteRelation(relation)} from ${quoteIdentifier(role)}`,
        ),
    );
    if (!isDeepStrictEqual(before, grants)) changed.push({ node, grants });
  }
  if (statements.length + changed.length === 0) return;
  await sql.begin(async (tx) => {
    if (statements.length > 0) await tx.unsafe(statements.join(';\n'));
    await tx`
      update medallion.relations as r set owned = r.owned || jsonb_build_object('grants', g.grants)
        from jsonb_to_recordset(${tx.json(changed as never)}) as g (node text, grants jsonb)
       where r.project = ${project} and r.node = g.node`;
  });
}
