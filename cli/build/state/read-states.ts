import type { Sql } from '../../database/connect.js';
import type { Relation } from '../../database/identifiers.js';
import type { Calls, SqlFacts } from '../../graph/sql-facts/facts.js';
import { shapeSql } from '../../publish/shape-sql.js';
import type { Settings } from './settings.js';

/** Rises when what mdl makes of the same definition changes. */
export const inputsVersion = 1;

/** What a published result was made from: `medallion.relations.inputs`. */
export interface Inputs {
  /** Of what made it; a later mdl that builds in another way has another one. */
  readonly version: number;
  /** Of the rendered query. */
  readonly textHash: string;
  readonly facts: SqlFacts;
  readonly contract: string;
  readonly tests: string;
  readonly charts: string;
  /** Of the bodies of the functions of users that it calls. */
  readonly functions: string;
  /** What its data tests call, and a hash of the bodies of those of users; missing as `settings` is. */
  readonly testCalls?: Calls;
  readonly testFunctions?: string;
  /** What its data tests read beside it and its parents, as `parents`; missing where they read nothing. */
  readonly tested?: Readonly<Record<string, string>>;
  /** Of the session that made it; missing where an older mdl did. */
  readonly settings?: Settings;
  /** What it read, by node: names the parent's rows as they were. */
  readonly parents: Readonly<Record<string, string>>;
  /** When its rows were made, ISO 8601. */
  readonly builtAt: string;
}

/** A node as it is published: a row of `medallion.relations` met with the catalog. */
export interface PublishedNode {
  readonly node: string;
  readonly inputs: Inputs | null;
  readonly version: number;
  /** What stands in its place now: nothing, the relation as it was published, or one that others have altered or made. */
  readonly stands: 'missing' | 'whole' | 'altered';
  /** It was published in another place than where the project has it now, which is `missing` then. Its version goes on, so that none is ever given twice. */
  readonly isElsewhere: boolean;
  /** Rows written by the latest publish by delta, in a second. */
  readonly rowsPerSecond: number | null;
}

/**
 * What is published of nodes: one query, whatever their number.
 * @param places where this project publishes each
 */
export async function readStates(
  sql: Sql,
  project: string,
  places: readonly (Relation & { readonly node: string })[],
): Promise<ReadonlyMap<string, PublishedNode>> {
  const rows = await sql.begin(async (tx) => {
    await tx.unsafe(`set local search_path = ''`);
    return tx.unsafe<PublishedNode[]>(
      `select r.node, r.inputs, r.data_version as version, r.rows_per_s as "rowsPerSecond",
            (r.schema_name, r.table_name) <> (p.schema, p.name) as "isElsewhere",
            case when c.oid is null then 'missing'
                 when r.shape is null or r.shape = (${shapeSql('c', 'r.owned')}) then 'whole'
                 else 'altered' end as stands
       from pg_catalog.json_to_recordset($2::text::json) as p (node text, schema text, name text)
       join medallion.relations r on r.project = $1 and r.node = p.node
       left join (pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace)
         on n.nspname = p.schema and c.relname = p.name and (r.schema_name, r.table_name) = (p.schema, p.name)`,
      [project, JSON.stringify(places.map(({ node, schema, name }) => ({ node, schema, name })))],
    );
  });
  return new Map(rows.map((row) => [row.node, { ...row, inputs: row.inputs && complete(row.inputs) }]));
}

/** An older mdl looked for no operators and casts. */
function complete(inputs: Inputs): Inputs {
  return { ...inputs, facts: { ...{ operators: [], casts: [] }, ...inputs.facts } };
}
