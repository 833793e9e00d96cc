import type { Queryable, Transaction } from '../database/connect.js';
import type { RelationKind } from '../database/identifiers.js';
import type { Move } from './move.js';
import { type Owned, ownedOf, type RecordedOwned } from './owned.js';
import { shapeSql } from './shape-sql.js';

/** A row of `medallion.relations` met with the catalog: a published relation as it is now. */
export interface PublishedRelation {
  readonly oid: number;
  readonly kind: RelationKind | 'other';
  /** Null: the relation exists and Medallion did not make it. */
  readonly owned: Owned | null;
}

/** A published relation that Medallion made. */
export interface OwnRelation extends PublishedRelation {
  readonly kind: Move['kind'];
  readonly owned: Owned;
}

/** Looks up what stands where relations are to be published: one for each move, undefined where the place is free. */
export async function findPublished(
  tx: Transaction,
  project: string,
  moves: readonly Move[],
): Promise<(PublishedRelation | undefined)[]> {
  const places = moves.map(({ node, to }, place) => ({ place, node, schema: to.schema, name: to.name }));
  const rows = await tx<{ place: number; oid: number; relkind: string; owned: RecordedOwned | null }[]>`
    select p.place, c.oid::int8 as oid, c.relkind::text as relkind, r.owned
      from pg_catalog.jsonb_to_recordset(${tx.json(places)}) as p (place int4, node text, schema name, name name)
      join pg_catalog.pg_namespace n on n.nspname = p.schema
      join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = p.name
      left join medallion.relations r
        on r.project = ${project} and r.node = p.node and r.schema_name = p.schema and r.table_name = p.name`;
  const found = new Map(rows.map((row) => [row.place, row]));
  return moves.map((_, place) => {
    const row = found.get(place);
    return row && { oid: row.oid, kind: kindOf(row.relkind), owned: row.owned && ownedOf(row.owned) };
  });
}

const kinds: Readonly<Record<string, RelationKind>> = { r: 'table', v: 'view', m: 'materialized_view' };

function kindOf(relkind: string): PublishedRelation['kind'] {
  return kinds[relkind] ?? 'other';
}

/**
 * Records that staged relations are published, with what is on them, all of which is ours: run it before they move.
 * The data version of each rises by one, unless its rows are the same.
 */
export async function recordPublished(
  tx: Transaction,
  project: string,
  runId: number,
  moves: readonly Move[],
): Promise<void> {
  const published = moves.map(
    ({ node, kind, from, to, grants, fingerprint, inputs, proved, charts, hasSameRows }) => ({
      ...{
        node,
        kind,
        from_schema: from.schema,
        from_name: from.name,
        schema_name: to.schema,
        table_name: to.name,
      },
      ...{ grants, fingerprint, inputs, proved, charts, rise: hasSameRows ? 0 : 1 },
    }),
  );
  await tx`
    insert into medallion.relations as r (project, node, schema_name, table_name, kind, fingerprint, inputs, run_id, proved, charts, data_version, owned)
    select ${project}, p.node, p.schema_name, p.table_name, p.kind, p.fingerprint, p.inputs, ${runId}, p.proved, p.charts, p.rise, pg_catalog.jsonb_build_object(
             'indexes', coalesce((select jsonb_agg(x.relname) from pg_catalog.pg_index i join pg_catalog.pg_class x on x.oid = i.indexrelid
                                   where i.indrelid = c.oid), '[]'),
             'constraints', coalesce((select jsonb_agg(conname) from pg_catalog.pg_constraint where conrelid = c.oid), '[]'),
             'policies', coalesce((select jsonb_agg(polname) from pg_catalog.pg_policy where polrelid = c.oid), '[]'),
             'row_security', c.relrowsecurity,
             'comments', coalesce((select jsonb_agg(coalesce(a.attname, '')) from pg_catalog.pg_description d
                                    left join pg_catalog.pg_attribute a on a.attrelid = d.objoid and a.attnum = d.objsubid
                                    where d.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.objoid = c.oid), '[]'),
             'options', coalesce((select jsonb_agg(split_part(o, '=', 1)) from unnest(c.reloptions) o), '[]'),
             'columns', t.columns, 'defaults', t.defaults, 'not_null', t.not_null,
             'grants', p.grants)
      from pg_catalog.json_to_recordset(${JSON.stringify(published)}::text::json)
           as p (node text, kind text, from_schema name, from_name name, schema_name text, table_name text, grants jsonb, fingerprint text, inputs jsonb, proved jsonb, charts json, rise int8)
      join pg_catalog.pg_namespace n on n.nspname = p.from_schema
      join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = p.from_name
     cross join lateral (
             select jsonb_agg(attname) as columns,
                    coalesce(jsonb_agg(attname) filter (where atthasdef), '[]') as defaults,
                    coalesce(jsonb_agg(attname) filter (where attnotnull), '[]') as not_null
               from pg_catalog.pg_attribute where attrelid = c.oid and attnum > 0 and not attisdropped) t
    on conflict (project, node) do update
       set schema_name = excluded.schema_name, table_name = excluded.table_name, kind = excluded.kind,
           fingerprint = excluded.fingerprint, inputs = excluded.inputs, shape = null, run_id = excluded.run_id, proved = excluded.proved, charts = excluded.charts, owned = excluded.owned,
           data_version = r.data_version + excluded.data_version, published_at = now()`;
}

/** What is recorded of a relation that stays where it is. */
export type Kept = Pick<Move, 'node' | 'fingerprint' | 'inputs' | 'proved' | 'charts'>;

/**
 * Records of relations that stay where they are what they are made from now.
 * @param written the run that has written rows into them: their data versions rise; undefined: their rows are what they were
 */
export async function recordKept(
  sql: Queryable,
  project: string,
  kept: readonly Kept[],
  written?: { readonly runId: number },
): Promise<void> {
  if (kept.length === 0) return;
  const rows = kept.map(({ node, fingerprint, inputs, proved, charts }) => ({
    ...{ node, fingerprint, inputs, proved, charts },
  }));
  await sql`
    update medallion.relations r
       set fingerprint = k.fingerprint, inputs = k.inputs, proved = k.proved, charts = k.charts,
           data_version = r.data_version + ${written ? 1 : 0},
           published_at = case when ${written !== undefined} then now() else r.published_at end,
           run_id = coalesce(${written?.runId ?? null}::int8, r.run_id)
      from pg_catalog.json_to_recordset(${JSON.stringify(rows)}::text::json) as k (node text, fingerprint text, inputs jsonb, proved jsonb, charts json)
     where r.project = ${project} and r.node = k.node`;
}

/** Records relations as the catalog has them now, so that a later run notices what others do to them. */
export async function recordShapes(
  tx: Transaction,
  project: string,
  nodes: readonly string[],
): Promise<void> {
  await tx.unsafe(
    `update medallion.relations r set shape = (${shapeSql('c', 'r.owned')})
       from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
      where r.project = $1 and r.node = any($2) and n.nspname = r.schema_name and c.relname = r.table_name`,
    [project, nodes as string[]],
  );
}
