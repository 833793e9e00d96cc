import {
  kindSql,
  quoteIdentifier,
  quoteLiteral,
  quoteRelation,
  type Relation,
  type RelationKind,
} from '../database/identifiers.js';
import type { Contract } from '../project/model.js';

/** Descriptions become comments that every client of the database shows. */
export function commentsSql(kind: RelationKind, relation: Relation, contract: Contract): string[] {
  const own = contract.description
    ? [
        `comment on ${kindSql(kind)} ${quoteRelation(relation)} is ${quoteLiteral(contract.description.trim())}`,
      ]
    : [];
  const columns = (contract.columns ?? [])
    .filter((column) => column.description)
    .map(
      (column) =>
        `comment on column ${quoteRelation(relation)}.${quoteIdentifier(column.name)} is ${quoteLiteral(column.description!.trim())}`,
    );
  return [...own, ...columns];
}
