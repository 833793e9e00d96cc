import type { Transaction } from '../database/connect.js';
import { kindSql, quoteLiteral } from '../database/identifiers.js';
import { attachedSql } from './carried/attached.js';
import { commentsSql, defaultRightsSql, publicationsSql, rightsSql } from './carried/rights.js';
import {
  columnSettingsSql,
  foreignColumnsSql,
  ownedSequencesSql,
  storageSettingsSql,
} from './carried/settings.js';
import { withdrawnRights } from './grants.js';
import type { Move } from './move.js';
import type { OwnRelation } from './relations.js';
import type { Replacement } from './survey.js';

/** Something of others on a relation that is about to be replaced. */
export interface CarriedObject {
  /** For messages: `index clientes_by_city`. */
  readonly description: string;
  /** The relation, quoted and qualified. */
  readonly relation: string;
  /** Gives it to the new relation, once that has its name; null: nothing can. */
  readonly statement: string | null;
  /** Lets it go from the old relation, which would take it along. */
  readonly before?: string;
}

/**
 * What others put on relations that are about to be replaced, and the default privileges of the schemas that new ones come to, as statements: one round trip.
 * Expects an empty `search_path`, so that the statements are qualified, and the successors still in the stage.
 * @param serverVersion as Postgres counts it, e.g. 180004
 */
export async function readCarriedObjects(
  tx: Transaction,
  replacements: readonly Replacement[],
  serverVersion: number,
): Promise<readonly CarriedObject[]> {
  const replaced = replacements.flatMap(({ move, old }) => (old ? [{ move, ...old }] : []));
  const fresh = replacements.flatMap(({ move, old }) => (old ? [] : [move.to]));
  const found = await Promise.all([
    ...(replaced.length === 0
      ? []
      : [
          tx.unsafe<CarriedObject[]>(ownedSequencesSql(oidsOf(replaced))),
          tx.unsafe<CarriedObject[]>(carriedSql(replaced, serverVersion)),
        ]),
    ...(fresh.length === 0 ? [] : [tx.unsafe<CarriedObject[]>(defaultRightsSql(jsonLiteral(fresh)))]),
  ]);
  return found.flat();
}

type Replaced = OwnRelation & { readonly move: Move };

function oidsOf(replaced: readonly Replaced[]): string {
  return `${quoteLiteral(`{${replaced.map(({ oid }) => oid).join(',')}}`)}::oid[]`;
}

function carriedSql(replaced: readonly Replaced[], serverVersion: number): string {
  const rows = replaced.map(({ oid, owned: { grants, ...owned }, move }) => ({
    ...{ oid, kind: kindSql(move.kind), from_schema: move.from.schema, from_name: move.from.name, ...owned },
    withdrawn: withdrawnRights(grants, move.grants),
  }));
  const parts = [
    ...[foreignColumnsSql, attachedSql, storageSettingsSql, columnSettingsSql, rightsSql, commentsSql],
    publicationsSql(serverVersion),
  ];
  return `
    with old as (
      select r.*, s.oid as successor
        from jsonb_to_recordset(${jsonLiteral(rows)})
             as r (oid oid, kind text, from_schema name, from_name name, indexes text[], constraints text[], policies text[], row_security boolean, comments text[],
                   options text[], columns text[], defaults text[], not_null text[], withdrawn jsonb)
        join pg_namespace n on n.nspname = r.from_schema
        join pg_class s on s.relnamespace = n.oid and s.relname = r.from_name
    )
    select o.oid::regclass::text as relation, found.description, found.statement
      from old o
     cross join lateral (${parts.join('\n    union all')}) as found (step, description, statement)
     order by o.oid, found.step`;
}

function jsonLiteral(value: unknown): string {
  return quoteLiteral(JSON.stringify(value));
}
