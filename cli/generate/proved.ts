import type { Sql } from '../database/connect.js';
import { quoteRelation, type Relation } from '../database/identifiers.js';
import { readSchemaVersion } from '../database/migrations/index.js';
import type { Catalog, CatalogRelation } from '../serve/catalog/catalog.js';
import type { Proved } from '../tests/proved.js';

/** What contracts and tests have proved of published relations. */
export type ProvedOf = (relation: Relation) => Proved;

const firstVersion = 4;

/**
 * Reads what is proved; nothing where no build of this mdl has published yet.
 * @throws MedallionError MDL2005 when the schema medallion is newer than this mdl
 */
export async function readProved(sql: Sql): Promise<ProvedOf> {
  if ((await readSchemaVersion(sql)) < firstVersion) return () => ({});
  const rows = await sql<{ schema: string; name: string; proved: Proved }[]>`
    select schema_name as schema, table_name as name, proved from medallion.relations`;
  const known = new Map(rows.map((row) => [quoteRelation(row), row.proved]));
  return (relation) => known.get(quoteRelation(relation)) ?? {};
}

/** Texts compare as their type says; only in these are equal texts the same characters. */
const exactTexts = new Set(['text', 'varchar']);

/** The only texts that a column holds; undefined where nothing or too little is proved. */
export function acceptedTexts(
  { accepted }: Proved,
  column: string,
  type: string,
): readonly string[] | undefined {
  return accepted && Object.hasOwn(accepted, column) && exactTexts.has(type) ? accepted[column] : undefined;
}

/** The catalog with what is proved: columns without null, also of views, and the texts that a column holds as labels. */
export function withProved(catalog: Catalog, provedOf: ProvedOf): Catalog {
  return {
    ...catalog,
    relations: new Map(
      [...catalog.relations].map(([schema, relations]) => [
        schema,
        new Map(
          [...relations].map(([name, relation]) => [
            name,
            proven(relation, provedOf({ schema: relation.storedIn, name })),
          ]),
        ),
      ]),
    ),
  };
}

function proven(relation: CatalogRelation, proved: Proved): CatalogRelation {
  const columns = [...relation.columns].map(([name, column]) => {
    const labels = column.type.enumLabels ?? acceptedTexts(proved, name, column.type.base);
    return [
      name,
      {
        ...column,
        isNullable: column.isNullable && !proved.not_null?.includes(name),
        type: { ...column.type, enumLabels: labels },
      },
    ] as const;
  });
  return { ...relation, columns: new Map(columns) };
}
