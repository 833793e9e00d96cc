import { Kysely } from 'kysely';
import type { DatabaseMetadata, DatabaseMetadataOptions } from 'kysely-codegen';
import { PostgresJSDialect } from 'kysely-postgres-js';
import type { Sql } from '../database/connect.js';
import { errorCode } from '../database/postgres-error.js';
import { MedallionError } from '../errors/index.js';
import { type ColumnFacts, readColumnFacts } from './column-facts.js';
import { type Codegen, makeSerializer, unmistakable } from './kysely-serializer.js';
import { acceptedTexts, type ProvedOf } from './proved.js';
import { byText, header } from './typescript.js';

/**
 * Kysely's `DB` interface for the schemas, by kysely-codegen on a connection of ours that only reads.
 * @throws MedallionError MDL6103 without typescript
 */
export async function kyselyTypes(sql: Sql, schemas: readonly string[], provedOf: ProvedOf): Promise<string> {
  const codegen = await loadCodegen();
  const dialect = new codegen.PostgresDialect({ dateParser: 'string' });
  // What postgres.js returns where it differs from the driver that kysely-codegen has in mind.
  for (const type of ['interval', 'point', 'circle'] as const)
    dialect.adapter.scalars[type] = new codegen.IdentifierNode('string');
  const facts = await readColumnFacts(sql, schemas);
  const db = new Kysely<unknown>({ dialect: new PostgresJSDialect({ postgres: sql as never }) });
  const text = await db
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute((tx) =>
      codegen.generate({
        // Its declarations name Kysely's CommonJS build, ours the other.
        db: tx as never,
        dialect,
        // None: every table is named with its schema.
        defaultSchemas: [''],
        outFile: null,
        serializer: makeSerializer(codegen, facts.descriptions),
        postprocess: async ({ metadata }) =>
          new codegen.DatabaseMetadata(withFacts(metadata, schemas, facts, provedOf)),
      }),
    );
  return `${header}\n${text}`;
}

/** kysely-codegen imports typescript when it is loaded, without naming it among what it needs. */
async function loadCodegen(): Promise<Codegen> {
  try {
    return await import('kysely-codegen');
  } catch (cause) {
    if (errorCode(cause) !== 'MODULE_NOT_FOUND' || !String(cause).includes("'typescript'")) throw cause;
    throw new MedallionError('MDL6103', { message: 'The package typescript is not installed.', cause });
  }
}

/** Only our schemas, in an order that no locale changes; columns by what the database and the contracts know of them. */
function withFacts(
  { tables }: DatabaseMetadata,
  schemas: readonly string[],
  facts: ColumnFacts,
  provedOf: ProvedOf,
): DatabaseMetadataOptions {
  return {
    tables: tables
      .filter(({ schema }) => schemas.includes(schema!))
      .sort((one, other) => byText(one.schema!, other.schema!) || byText(one.name, other.name))
      .map(({ schema, name, columns, ...table }) => {
        const proved = provedOf({ schema: schema!, name });
        const factsOf = facts.columns.get(schema!)?.get(name);
        return {
          ...table,
          schema: schema!,
          name: unmistakable(schema!, name),
          columns: columns.map((column) => {
            const { type, isArray, labels, isGenerated } = factsOf!.get(column.name)!;
            return {
              ...column,
              dataType: type,
              // Not the type's own schema: with it the labels would be looked up by a name that two types may share.
              dataTypeSchema: 'pg_catalog',
              isArray,
              enumValues: (labels ?? (isArray ? null : acceptedTexts(proved, column.name, type))) as
                | string[]
                | null,
              isNullable: column.isNullable && !proved.not_null?.includes(column.name),
              hasDefaultValue: column.hasDefaultValue || isGenerated,
            };
          }),
        };
      }),
  };
}
