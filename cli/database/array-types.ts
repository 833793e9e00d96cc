import type postgres from 'postgres';
import { parse } from 'postgres-array';

/**
 * Arrays that the engine's own statements read and write, by their object identifiers in pg_type, which are the same on every server. The driver would ask each new
 * connection for all array types that there are; when the server goes away meanwhile, what its question is rejected with ends the process (postgres.js 3.4.9, `fetchArrayTypes`
 * in connection.js), and nobody can catch it.
 * @see https://github.com/postgres/postgres/blob/REL_18_STABLE/src/include/catalog/pg_type.dat
 */
const arraysOf: readonly [read: (element: string) => unknown, ...arrays: number[]][] = [
  // "char", name, text, bpchar, varchar, numeric, regclass, timestamptz
  [String, 1002, 1003, 1009, 1014, 1015, 1231, 2210, 1185],
  // int2, int4, int8, oid, float4, float8
  [Number, 1005, 1007, 1016, 1028, 1021, 1022],
  [(element) => element === 't', 1000],
  // json, jsonb
  [(element) => JSON.parse(element), 199, 3807],
];

export const arrayTypes: Readonly<Record<string, postgres.PostgresType>> = Object.fromEntries(
  arraysOf.flatMap(([read, ...arrays]) =>
    arrays.map((oid) => [
      `array ${oid}`,
      { to: oid, from: [oid], parse: (text: string) => parse(text, read), serialize },
    ]),
  ),
);

/** @see https://www.postgresql.org/docs/current/arrays.html#ARRAYS-IO */
function serialize(values: unknown): string {
  if (!Array.isArray(values)) return String(values);
  const elements = values.map((value) => {
    if (value === null || value === undefined) return 'null';
    if (Array.isArray(value)) return serialize(value);
    const text =
      value instanceof Date
        ? value.toISOString()
        : typeof value === 'object'
          ? JSON.stringify(value)
          : String(value);
    return `"${text.replaceAll(/["\\]/g, '\\$&')}"`;
  });
  return `{${elements.join(',')}}`;
}
