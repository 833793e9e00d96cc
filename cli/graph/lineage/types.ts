/** Names of types as people write them, and as Postgres does. */
const written: Readonly<Record<string, string>> = {
  int: 'integer',
  int2: 'smallint',
  int4: 'integer',
  int8: 'bigint',
  float4: 'real',
  float8: 'double precision',
  bool: 'boolean',
  varchar: 'character varying',
  char: 'character',
  decimal: 'numeric',
  timestamp: 'timestamp without time zone',
  timestamptz: 'timestamp with time zone',
  time: 'time without time zone',
  timetz: 'time with time zone',
};

/** Whether a value that goes from one column to the other stays as it is; true where a type is not known. */
export function sameType(a: string | undefined, b: string | undefined): boolean {
  return a === undefined || b === undefined || asPostgres(a) === asPostgres(b);
}

function asPostgres(type: string): string {
  const text = type
    .trim()
    .toLowerCase()
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/ ?([(),]) ?/g, '$1');
  return text.replace(/^\w+/, (name) => (text.startsWith(`${name} `) ? name : (written[name] ?? name)));
}
