import type { ColumnType } from './catalog.js';

/** A type as the catalog's queries give it. */
export interface TypeRow {
  readonly names: readonly string[];
  readonly sql: string;
  readonly array: string | null;
  readonly display: string;
  readonly category: string;
  readonly base: string;
  readonly enumLabels: readonly string[] | null;
}

export function toType({
  sql,
  array,
  display,
  category,
  base,
  enumLabels,
}: Omit<TypeRow, 'names'>): ColumnType {
  return { sql, array: array ?? undefined, display, category, base, enumLabels: enumLabels ?? undefined };
}

/** What a row of pg_type `t`, of namespace `tn`, is, as the properties of a `ColumnType`; `b` is its base type. */
export const typeProperties = `
  'sql', quote_ident(tn.nspname) || '.' || quote_ident(t.typname),
  'array', (select quote_ident(an.nspname) || '.' || quote_ident(a.typname)
              from pg_type a join pg_namespace an on an.oid = a.typnamespace where a.oid = t.typarray),
  'category', b.typcategory, 'base', b.typname,
  'enumLabels', (select jsonb_agg(e.enumlabel order by e.enumsortorder) from pg_enum e where e.enumtypid = b.oid)`;

/** The `tn` and `b` of a row of pg_type `t`. */
export const typeJoins = `
  join pg_namespace tn on tn.oid = t.typnamespace
  join pg_type b on b.oid = case when t.typtype = 'd' then t.typbasetype else t.oid end`;
