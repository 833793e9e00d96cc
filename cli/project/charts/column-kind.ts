import type { ColumnKind } from './chart.js';

const names: Readonly<Record<Exclude<ColumnKind, 'other'>, RegExp>> = {
  number:
    /^(smallint|integer|int|int2|int4|int8|bigint|numeric|decimal|real|float|float4|float8|double precision|money)$/,
  time: /^(date|timestamp|timestamptz|timestamp with(out)? time zone)$/,
  boolean: /^bool(ean)?$/,
  text: /^(text|varchar|character varying|char|character|bpchar|name|uuid|citext)$/,
};

/** What a column of a declared type can be used for; undefined where the type is not Postgres's own. */
export function kindOfType(type: string): ColumnKind | undefined {
  const plain = type
    .toLowerCase()
    .replace(/\s*\([^)]*\)/, '')
    .replace(/^pg_catalog\./, '')
    .trim();
  if (/\[\]$| array$/.test(plain)) return 'other';
  const kind = Object.entries(names).find(([, pattern]) => pattern.test(plain))?.[0];
  return kind as ColumnKind | undefined;
}

/** By the oid of pg_type, which is the same on every server. @see https://github.com/postgres/postgres/blob/master/src/include/catalog/pg_type.dat */
const oids: ReadonlyMap<number, ColumnKind> = new Map([
  ...[20, 21, 23, 700, 701, 790, 1700].map((oid) => [oid, 'number'] as const),
  ...[1082, 1114, 1184].map((oid) => [oid, 'time'] as const),
  [16, 'boolean'],
  ...[18, 19, 25, 1042, 1043, 2950].map((oid) => [oid, 'text'] as const),
]);

export function kindOfOid(oid: number): ColumnKind | undefined {
  return oids.get(oid);
}
