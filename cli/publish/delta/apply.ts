import { quoteIdentifier, quoteRelation, type Relation } from '../../database/identifiers.js';
import { deltaKey, keyColumn, type Sides, sameKey, writtenColumns } from './sides.js';

/** In the order in which they are to run: what goes away makes room for what comes. */
export interface ApplyDelta {
  readonly deletes: string;
  readonly updates: string;
  readonly inserts: string;
  /** Instead of these three: rows that change go, too, and come anew. */
  readonly replaced: { readonly deletes: string; readonly inserts: string };
}

/**
 * The statements that make the published relation equal to the staged one, for the publishing transaction. Each affects as many rows as the delta counts
 * for it, or one of the relations is not any more what was compared. Rows that trade the values of a unique constraint among them fail with 23505, as
 * Postgres checks row by row, unless they are `replaced`.
 */
export function applyDeltaSql(sides: Sides, delta: Relation): ApplyDelta {
  const [published, staged, changes] = [sides.published, sides.staged, delta].map(quoteRelation);
  const [p, s] = [keyColumn(sides, 'p'), keyColumn(sides, 's')];
  const d = (place: number) => `d.${deltaKey(place)}`;
  const columns = sides.columns.map(quoteIdentifier);
  const written = writtenColumns(sides).map(quoteIdentifier);
  const deletes = (which: string) =>
    `delete from ${published} p using ${changes} d where d.mdl_op ${which} and ${sameKey(sides, p, d)}`;
  const inserts = (which: string) =>
    `insert into ${published} (${columns.join(', ')})
select ${columns.map((column) => `s.${column}`).join(', ')}
  from ${changes} d join ${staged} s on ${sameKey(sides, s, d)}
 where d.mdl_op ${which}`;
  return {
    deletes: deletes(`= 'd'`),
    updates:
      written.length === 0
        ? // Nothing but the key, which is the same: no row can have changed.
          `select from ${changes} d where d.mdl_op = 'u'`
        : `update ${published} p set ${written.map((column) => `${column} = s.${column}`).join(', ')}
  from ${changes} d join ${staged} s on ${sameKey(sides, s, d)}
 where d.mdl_op = 'u' and ${sameKey(sides, p, d)}`,
    inserts: inserts(`= 'i'`),
    replaced: { deletes: deletes(`in ('d', 'u')`), inserts: inserts(`in ('i', 'u')`) },
  };
}
