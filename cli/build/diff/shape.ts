import type { Queryable } from '../../database/connect.js';
import type { Relation } from '../../database/identifiers.js';
import type { RelationKind, SchemaChange } from './diff.js';

export interface ShapeColumn {
  readonly name: string;
  /** As written in SQL: `numeric(12,2)`. */
  readonly type: string;
  /** The type without its modifier, and the collation: what decides whether two columns can be compared as they are. */
  readonly typeId: number;
  readonly collationId: number;
  readonly isNumber: boolean;
  readonly notNull: boolean;
}

/** What diffs know of a relation. */
export interface Shape {
  readonly kind: RelationKind;
  readonly columns: readonly ShapeColumn[];
  readonly primaryKey: readonly string[];
  readonly uniques: readonly (readonly string[])[];
}

/** @returns undefined when there is no relation of this name that has rows */
export async function readShape(sql: Queryable, { schema, name }: Relation): Promise<Shape | undefined> {
  const [shape] = await sql<[Shape?]>`
    select case c.relkind when 'v' then 'view' when 'm' then 'materialized view' when 'f' then 'foreign table' else 'table' end as kind,
           coalesce((select json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod), 'typeId', a.atttypid::int8,
                            'collationId', a.attcollation::int8, 'isNumber', a.atttypid in ('int2'::regtype, 'int4'::regtype, 'int8'::regtype, 'numeric'::regtype),
                            'notNull', a.attnotnull) order by a.attnum)
                       from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped), '[]') as columns,
           coalesce((select json_agg(a.attname order by k.place)
                       from pg_constraint p cross join unnest(p.conkey) with ordinality k (attnum, place)
                       join pg_attribute a on a.attrelid = c.oid and a.attnum = k.attnum
                      where p.conrelid = c.oid and p.contype = 'p'), '[]') as "primaryKey",
           coalesce((select json_agg((select json_agg(a.attname order by k.place)
                                        from unnest(u.conkey) with ordinality k (attnum, place)
                                        join pg_attribute a on a.attrelid = c.oid and a.attnum = k.attnum) order by u.conname)
                       from pg_constraint u where u.conrelid = c.oid and u.contype = 'u'), '[]') as uniques
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = ${schema} and c.relname = ${name} and c.relkind in ('r', 'p', 'v', 'm', 'f')`;
  return shape;
}

/** What B has otherwise than A; of columns only those that count. */
export function schemaChanges(
  a: Shape,
  b: Shape,
  counts: (column: string) => boolean,
): readonly SchemaChange[] {
  const changes: SchemaChange[] = [];
  if (a.kind !== b.kind) changes.push({ change: 'kind', a: a.kind, b: b.kind });
  const [inA, inB] = [a, b].map(({ columns }) => new Map(columns.map((column) => [column.name, column])));
  for (const { name, type } of b.columns)
    if (!inA!.has(name)) changes.push({ change: 'column_added', column: name, type });
  // Views and foreign tables promise nothing of their columns.
  const promise = a.kind === 'table' && b.kind === 'table';
  for (const column of a.columns) {
    const other = inB!.get(column.name);
    if (!other) changes.push({ change: 'column_removed', column: column.name, type: column.type });
    else {
      if (column.type !== other.type)
        changes.push({ change: 'type', column: column.name, a: column.type, b: other.type });
      if (promise && column.notNull !== other.notNull)
        changes.push({ change: 'not_null', column: column.name, a: column.notNull, b: other.notNull });
    }
  }
  const relevant = changes.filter((change) => !('column' in change) || counts(change.column));
  return promise ? [...relevant, ...keyChanges(a, b)] : relevant;
}

function keyChanges(a: Shape, b: Shape): SchemaChange[] {
  const text = (columns: readonly string[]) => JSON.stringify(columns);
  const missing = (from: Shape, in_: Shape) =>
    from.uniques.filter((columns) => !in_.uniques.some((other) => text(other) === text(columns)));
  return [
    ...(text(a.primaryKey) === text(b.primaryKey)
      ? []
      : [{ change: 'primary_key' as const, a: a.primaryKey, b: b.primaryKey }]),
    ...missing(b, a).map((columns) => ({ change: 'unique_added' as const, columns })),
    ...missing(a, b).map((columns) => ({ change: 'unique_removed' as const, columns })),
  ];
}
