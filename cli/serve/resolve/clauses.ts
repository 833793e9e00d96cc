import type { CatalogRelation, ColumnType } from '../catalog/catalog.js';
import type { Condition, Field, OrderTerm } from '../parse/tree.js';
import { notEmbedded, RequestError } from './errors.js';
import type { Expression, Predicate, Sort } from './query.js';

/** One relation of the request, as its clauses see it. */
export interface Scope {
  readonly relation: CatalogRelation;
  /** Unique in the statement. */
  readonly alias: string;
  /** @throws RequestError 42703 */
  value(field: Field): Expression;
  /** The embedded relation of a name, as filters and orders write it. */
  embedOf(name: string): { readonly shape: 'one' | 'many'; readonly scope: Scope } | undefined;
  /**
   * Gives the parent a value to sort by.
   * @returns the name under which it finds it
   */
  hide(value: Expression): string;
}

export function resolvePredicate(scope: Scope, condition: Condition): Predicate {
  if (condition.kind !== 'filter')
    return {
      kind: condition.kind,
      isNegated: condition.isNegated,
      predicates: condition.conditions.map((inner) => resolvePredicate(scope, inner)),
    };
  const { field, isNegated, comparison } = condition;
  const embed = embedTested(scope, field);
  if (embed) {
    if (comparison.kind !== 'is' || !['null', 'not_null'].includes(comparison.value))
      throw new RequestError(
        400,
        'PGRST120',
        `Bad operator on the '${field.name}' embedded resource`,
        'Only is null or not is null filters are allowed on embedded resources',
      );
    return { kind: 'embedded', of: embed, exists: (comparison.value === 'not_null') !== isNegated };
  }
  const value = scope.value(field);
  return { kind: 'comparison', isNegated, value, type: typeOf(value), comparison };
}

/** A name that is no column can be that of an embedded relation: whether it has rows is asked then. */
function embedTested(scope: Scope, { name, path }: Field): string | undefined {
  return path.length === 0 && !scope.relation.columns.has(name)
    ? scope.embedOf(name)?.scope.alias
    : undefined;
}

/** Of a column; JSON has none of its own. */
function typeOf(value: Expression): ColumnType | undefined {
  return value.kind === 'column' || value.kind === 'computed' ? value.type : undefined;
}

/** @throws RequestError PGRST108, PGRST118 */
export function resolveSort(scope: Scope, { embed, field, direction, nulls }: OrderTerm): Sort {
  if (embed === undefined) return { value: scope.value(field), direction, nulls };
  const found = scope.embedOf(embed);
  if (!found) throw notEmbedded(embed);
  if (found.shape === 'many')
    throw new RequestError(
      400,
      'PGRST118',
      `A related order on '${embed}' is not possible`,
      `'${scope.relation.name}' and '${embed}' do not form a many-to-one or one-to-one relationship`,
    );
  const output = found.scope.hide(found.scope.value(field));
  return { value: { kind: 'embedded', of: found.scope.alias, output, ifNone: 'null' }, direction, nulls };
}
