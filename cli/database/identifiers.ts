/** A relation's qualified name, unquoted. */
export interface Relation {
  readonly schema: string;
  readonly name: string;
}

export type RelationKind = 'table' | 'view' | 'materialized_view';

/** As SQL names it: `alter materialized view`. */
export function kindSql(kind: RelationKind): string {
  return kind.replace('_', ' ');
}

/** Postgres truncates longer identifiers silently (NAMEDATALEN - 1, in bytes). */
export const maxIdentifierBytes = 63;

/** `"a ""b"""`: an identifier that means exactly this name. */
export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** `"schema"."name"`. */
export function quoteRelation(relation: Relation): string {
  return `${quoteIdentifier(relation.schema)}.${quoteIdentifier(relation.name)}`;
}

/** A string constant that means exactly this text under any `standard_conforming_strings`. */
export function quoteLiteral(text: string): string {
  const quoted = `'${text.replaceAll("'", "''")}'`;
  return text.includes('\\') ? ` E${quoted.replaceAll('\\', '\\\\')}` : quoted;
}
