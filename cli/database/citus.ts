import type { Queryable } from './connect.js';
import { quoteLiteral, quoteRelation, type Relation } from './identifiers.js';

/** Where the rows of one table go. */
export type Placement =
  | {
      readonly kind: 'column';
      readonly column: string;
      /** A distributed table whose rows of the same value must be on the same node; undefined: all tables by a column of this type (Citus's default). */
      readonly with: Relation | undefined;
    }
  | { readonly kind: 'reference' };

/** @returns the version of the `citus` extension, e.g. `13.0-1`; undefined: the database has none */
export async function citusVersion(sql: Queryable): Promise<string | undefined> {
  const [row] = await sql<
    { version: string }[]
  >`select extversion as version from pg_catalog.pg_extension where extname = 'citus'`;
  return row?.version;
}

/** Spreads a table, which should be empty, over the nodes. Expects the extension. */
export function distributeSql(relation: Relation, placement: Placement): string {
  const name = quoteLiteral(quoteRelation(relation));
  if (placement.kind === 'reference') return `select pg_catalog.create_reference_table(${name})`;
  const colocated = placement.with ? quoteRelation(placement.with) : 'default';
  return `select pg_catalog.create_distributed_table(${name}, ${quoteLiteral(placement.column)}, colocate_with => ${quoteLiteral(colocated)})`;
}

/** How Citus has a relation. `local`: on the node that is asked, as any table of Postgres. Expects the extension. */
export async function placedAs(
  sql: Queryable,
  { schema, name }: Relation,
): Promise<'column' | 'reference' | 'local'> {
  // The method `n` is also that of local tables which Citus knows because of a foreign key: those are not replicated (`t`).
  const [row] = await sql<{ kind: 'column' | 'reference' | 'local' }[]>`
    select case when p.partmethod = 'h' then 'column' when p.repmodel = 't' then 'reference' else 'local' end as kind
      from pg_catalog.pg_dist_partition p
      join pg_catalog.pg_class c on c.oid = p.logicalrelid
      join pg_catalog.pg_namespace n on n.oid = c.relnamespace
     where n.nspname = ${schema} and c.relname = ${name}`;
  return row?.kind ?? 'local';
}

/** Whether rows with the same value of both tables' distribution columns are on the same nodes. Expects the extension. */
export async function areTogether(sql: Queryable, one: Relation, other: Relation): Promise<boolean> {
  const rows = await sql<{ colocationid: number }[]>`
    select p.colocationid
      from pg_catalog.pg_dist_partition p
      join pg_catalog.pg_class c on c.oid = p.logicalrelid
      join pg_catalog.pg_namespace n on n.oid = c.relnamespace
     where (n.nspname = ${one.schema} and c.relname = ${one.name}) or (n.nspname = ${other.schema} and c.relname = ${other.name})`;
  return rows.length === 2 && rows[0]!.colocationid === rows[1]!.colocationid;
}

/**
 * First statement of a transaction that changes both reference tables and tables with a foreign key onto them: Citus refuses that once it has
 * opened several connections to a node, see docs/scale-out.md.
 */
export const oneConnectionForEachNode = `set local citus.multi_shard_modify_mode to 'sequential'`;
