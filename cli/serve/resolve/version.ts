import type { CatalogRelation } from '../catalog/catalog.js';
import type { Expression, Predicate, RowsQuery } from './query.js';

/** Types whose text means the same at any time; that of a date can be `today`. */
const timeless: readonly string[] = [
  ...['bool', 'int2', 'int4', 'int8', 'numeric', 'float4', 'float8', 'text', 'varchar', 'bpchar'],
  ...['uuid', 'json', 'jsonb'],
];

/**
 * Whether a query means something else at another moment: `lt.now`.
 * @param text as it was asked
 * @param parameters the same, decoded
 */
export function namesMoment(text: string, parameters: URLSearchParams): boolean {
  return /now|today|tomorrow|yesterday/i.test(text.includes('%') ? parameters.toString() : text);
}

/** A text that changes whenever what the query gives may have changed; undefined where that can happen at any moment. */
export function versionOf(rows: RowsQuery): string | undefined {
  const relations = new Set<CatalogRelation>();
  if (!collect(rows, relations)) return undefined;
  const versions = [...relations].map(
    ({ schema, name, version }) => version && `${schema}.${name}@${version}`,
  );
  return versions.includes(undefined) ? undefined : versions.sort().join(' ');
}

/** @returns false where a value depends on the moment */
function collect(rows: RowsQuery, relations: Set<CatalogRelation>): boolean {
  relations.add(rows.relation);
  return (
    [...rows.outputs, ...rows.order, ...rows.hidden].every(({ value }) => isSteady(value)) &&
    rows.predicates.every(isSteadyPredicate) &&
    rows.embeds.every(({ rows: inner, junction }) => {
      if (junction) relations.add(junction.relation);
      return collect(inner, relations);
    })
  );
}

function isSteadyPredicate(condition: Predicate): boolean {
  if (condition.kind === 'embedded') return true;
  return condition.kind === 'comparison'
    ? isSteady(condition.value)
    : condition.predicates.every(isSteadyPredicate);
}

function isSteady(value: Expression): boolean {
  switch (value.kind) {
    case 'column':
    case 'embedded':
      return true;
    // Even one that is immutable may be called so by mistake, and read elsewhere.
    case 'computed':
      return false;
    case 'json':
      return isSteady(value.value);
    case 'aggregate':
      return value.value === undefined || isSteady(value.value);
    case 'cast':
      return (
        isSteady(value.value) &&
        (timeless.includes(value.type.base) ||
          (value.value.kind === 'column' && value.value.type.category === 'D'))
      );
  }
}
