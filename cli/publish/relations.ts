import type { Queryable, Transaction } from '../database/connect.js';
import type { Relation } from '../database/identifiers.js';
import type { Move } from './move.js';

/** What Medallion itself made on a published relation; everything else on it belongs to others and is kept. */
export interface Owned {
  readonly indexes: readonly string[];
  readonly constraints: readonly string[];
  /** Column names with a description; an empty string stands for the relation itself. */
  readonly comments: readonly string[];
  readonly grants: readonly string[];
}

/** A row of `medallion.relations` met with the catalog: a published relation as it is now. */
export interface PublishedRelation {
  readonly oid: number;
  readonly kind: 'table' | 'view' | 'other';
  /** Null: the relation exists and Medallion did not make it. */
  readonly owned: Owned | null;
}

/** Looks up what stands where a relation is to be published; undefined when the place is free. */
export async function findPublished(
  tx: Transaction,
  project: string,
  node: string,
  place: Relation,
): Promise<PublishedRelation | undefined> {
  const [row] = await tx<{ oid: number; relkind: string; owned: Owned | null }[]>`
    select c.oid::int8 as oid, c.relkind::text as relkind, r.owned
      from pg_catalog.pg_class c
      join pg_catalog.pg_namespace n on n.oid = c.relnamespace
      left join medallion.relations r
        on r.project = ${project} and r.node = ${node} and r.schema_name = n.nspname and r.table_name = c.relname
     where n.nspname = ${place.schema} and c.relname = ${place.name}`;
  if (!row) return undefined;
  return {
    oid: row.oid,
    kind: row.relkind === 'r' ? 'table' : row.relkind === 'v' ? 'view' : 'other',
    owned: row.owned,
  };
}

/** Lists what is on a staged relation: all of it is ours. */
export async function readOwned(
  tx: Transaction,
  relation: Relation,
  grants: readonly string[],
): Promise<Owned> {
  const [row] = await tx<{ indexes: string[]; constraints: string[]; comments: string[] }[]>`
    with relation as (
      select c.oid from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
       where n.nspname = ${relation.schema} and c.relname = ${relation.name}
    )
    select coalesce((select json_agg(x.relname) from pg_catalog.pg_index i join pg_catalog.pg_class x on x.oid = i.indexrelid
                      where i.indrelid = relation.oid), '[]') as indexes,
           coalesce((select json_agg(conname) from pg_catalog.pg_constraint where conrelid = relation.oid), '[]') as constraints,
           coalesce((select json_agg(coalesce(a.attname, '')) from pg_catalog.pg_description d
                       left join pg_catalog.pg_attribute a on a.attrelid = d.objoid and a.attnum = d.objsubid
                      where d.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.objoid = relation.oid), '[]') as comments
      from relation`;
  return { indexes: row!.indexes, constraints: row!.constraints, comments: row!.comments, grants };
}

/** Records that a relation was published: its data version rises by one. */
export async function recordPublished(
  tx: Queryable,
  project: string,
  runId: number,
  move: Move,
  owned: Owned,
): Promise<void> {
  await tx`
    insert into medallion.relations as r (project, node, schema_name, table_name, kind, fingerprint, run_id, owned)
    values (${project}, ${move.node}, ${move.to.schema}, ${move.to.name}, ${move.kind}, ${move.fingerprint}, ${runId}, ${tx.json(owned as never)})
    on conflict (project, node) do update
       set schema_name = excluded.schema_name, table_name = excluded.table_name, kind = excluded.kind,
           fingerprint = excluded.fingerprint, run_id = excluded.run_id, owned = excluded.owned,
           data_version = r.data_version + 1, published_at = now()`;
}
