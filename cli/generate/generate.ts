import { resolve } from 'node:path';
import type { ProjectDatabase } from '../build/open-database.js';
import type { Options } from '../config/options.js';
import type { Sql } from '../database/connect.js';
import type { Catalog } from '../serve/catalog/catalog.js';
import { readCatalog } from '../serve/catalog/read.js';
import { openApi } from '../serve/http/openapi.js';
import { type FileState, type GeneratedFile, writeFiles } from './files.js';
import { type JsonTypes, readJsonTypes } from './json-types.js';
import { kyselyTypes } from './kysely.js';
import { type ProvedOf, readProved, withProved } from './proved.js';
import { supabaseTypes } from './supabase.js';
import { header } from './typescript.js';
import { zodSchemas } from './zod.js';

/** What is published, as the generators need it. */
interface Published {
  readonly sql: Sql;
  readonly options: Options;
  /** Of the schemas that are exposed. */
  readonly catalog: Catalog;
  readonly types: JsonTypes;
  readonly provedOf: ProvedOf;
}

const jsonMark = '"x-generated-by": "mdl generate"';
const typescript = (name: string, text: string): GeneratedFile => ({
  name,
  text,
  mark: header.slice(0, '// Written by mdl generate'.length),
});

const generators = {
  kysely: async ({ sql, options, provedOf }: Published) => [
    typescript('database.ts', await kyselyTypes(sql, options.generate.schemas, provedOf)),
  ],
  supabase: async ({ catalog, types }: Published) => [
    typescript('supabase.ts', supabaseTypes(catalog, types)),
  ],
  zod: async ({ catalog, types }: Published) => [typescript('schemas.ts', zodSchemas(catalog, types))],
  openapi: async ({ catalog, options: { serve } }: Published) =>
    catalog.schemas.map((schema, place): GeneratedFile => {
      const described = openApi(catalog, schema, `${serve.host}:${serve.port}`, 'published');
      return {
        name: place === 0 ? 'openapi.json' : `openapi.${encodeURIComponent(schema)}.json`,
        text: `${JSON.stringify({ 'x-generated-by': 'mdl generate', ...described }, null, 2)}\n`,
        mark: jsonMark,
      };
    }),
};

export type GeneratedKind = keyof typeof generators;
export const generatedKinds = Object.keys(generators) as readonly GeneratedKind[];

export interface Generated {
  readonly files: readonly FileState[];
  /** Relations that are exposed. */
  readonly relations: number;
}

/**
 * Writes types and schemas of what is published, those that differ from what is there; or only compares them.
 * @throws MedallionError MDL2005, MDL6102, MDL6103
 */
export async function generate(
  options: Options,
  database: ProjectDatabase,
  { kinds, isCheck }: { readonly kinds: readonly GeneratedKind[]; readonly isCheck: boolean },
): Promise<Generated> {
  const sql = database.connect({ max: 2, applicationName: 'mdl generate' });
  try {
    const provedOf = await readProved(sql);
    const catalog = withProved(await readCatalog(sql, options.serve.schemas, options.serve.fronts), provedOf);
    const published: Published = { sql, options, catalog, types: await readJsonTypes(sql), provedOf };
    const files: GeneratedFile[] = [];
    for (const kind of generatedKinds)
      if (kinds.includes(kind)) files.push(...(await generators[kind](published)));
    const dir = resolve(options.projectDir, options.generate.dir);
    return {
      files: writeFiles({ projectDir: options.projectDir, dir }, files, isCheck),
      relations: [...catalog.relations.values()].reduce((sum, { size }) => sum + size, 0),
    };
  } finally {
    await sql.end({ timeout: 5 });
  }
}
