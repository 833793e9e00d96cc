import type { Sql } from '../database/connect.js';
import type { Relation } from '../database/identifiers.js';

/** Where this run finds a relation that a view reads, and where readers will. */
export interface ReadPlace {
  readonly current: Relation;
  readonly published: Relation;
}

/**
 * Whether a published view reads the relations that the staged one will read once all is published. A view keeps to the relations that it was made on: the same
 * query reads others when a layer has moved, or when an environment has a relation of its own now, or no longer.
 * @param parents what the model reads
 */
export async function readsTheSame(
  sql: Sql,
  staged: Relation,
  published: Relation,
  parents: readonly ReadPlace[],
): Promise<boolean> {
  const [now, before] = await Promise.all([readsOf(sql, staged), readsOf(sql, published)]);
  const places = new Map(parents.map((parent) => [wordOf(parent.current), wordOf(parent.published)]));
  const after = new Set([...now].map((place) => places.get(place) ?? place));
  return after.size === before.size && [...after].every((place) => before.has(place));
}

/** The relations that a view, materialized or not, names. */
async function readsOf(sql: Sql, { schema, name }: Relation): Promise<ReadonlySet<string>> {
  const rows = await sql<Relation[]>`
    select distinct n.nspname as schema, c.relname as name
      from pg_class v
      join pg_rewrite r on r.ev_class = v.oid
      join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid and d.refclassid = 'pg_class'::regclass and d.refobjid <> v.oid
      join pg_class c on c.oid = d.refobjid
      join pg_namespace n on n.oid = c.relnamespace
     where v.relname = ${name} and v.relnamespace = (select oid from pg_namespace where nspname = ${schema})`;
  return new Set(rows.map(wordOf));
}

function wordOf({ schema, name }: Relation): string {
  return JSON.stringify([schema, name]);
}
