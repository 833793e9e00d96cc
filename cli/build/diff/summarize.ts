import type { Queryable } from '../../database/connect.js';
import { quoteRelation, type Relation } from '../../database/identifiers.js';
import type { PlannedModel } from '../../events/planned.js';
import type { RelationDiff } from './diff.js';
import { schemaWords } from './schema-words.js';

/** How one relation would become another, in words and numbers. */
export type Summary = Pick<PlannedModel, 'schema' | 'rows' | 'key' | 'columns' | 'uncompared'>;

/** A difference as plans tell it. */
export function summarizeDiff({ schema, rows, key, columns }: RelationDiff): Summary {
  return {
    schema: schema.map(schemaWords),
    rows: {
      ...{ before: rows.a, after: rows.b, added: rows.onlyB, removed: rows.onlyA },
      changed: key === null ? null : rows.changed,
    },
    key,
    columns: columns.map(({ name, rows: count, samples }) => ({
      ...{ name, rows: count },
      samples: samples.map(({ key: values, a, b }) => ({ key: values, before: a, after: b })),
    })),
  };
}

/** What stands beside nothing: all of its rows are added. */
export async function summarizeNew(
  sql: Queryable,
  relation: Relation,
  primaryKey: readonly string[],
): Promise<Summary> {
  const [{ rows: after }] = await sql.unsafe<[{ rows: number }]>(
    `select count(*) as rows from ${quoteRelation(relation)}`,
  );
  const rows = { before: 0, after, added: after, removed: 0, changed: 0 };
  return { schema: [], rows, key: primaryKey.length > 0 ? primaryKey : null, columns: [] };
}

/** Nothing could be held against each other. @param why in words for people */
export function notCompared(why: string): Summary {
  return { schema: [], rows: null, key: null, columns: [], uncompared: why };
}
