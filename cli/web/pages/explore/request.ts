import type { ProjectRelation } from '../../../serve/ui/shapes.ts';
import { identifier } from '../../parts/dialect.ts';
import { isFigure, type View } from './view.ts';
import { encode, type Parameter, writeFilter, writeGroup, writeQuery } from './written.ts';

/** A term of `order`: `receita.desc.nullslast`. */
export interface OrderedBy {
  readonly column: string;
  readonly isDescending: boolean;
  /** Only where rows may have none: nobody who sorts downward looks for them first. */
  readonly isNullsLast: boolean;
}

/**
 * What the API is asked to sort by. Rows that the wish does not tell apart could come twice in pages, or never: the primary key does, or all columns. By the
 * figures of groups the API does not sort.
 */
export function orderOf({ sort, group }: View, relation: ProjectRelation): readonly OrderedBy[] {
  const { columns, primaryKey } = relation;
  const wished = sort.flatMap(({ by, isDescending }) =>
    isFigure(by)
      ? []
      : [{ column: by.column, isDescending, isNullsLast: isDescending && !primaryKey.includes(by.column) }],
  );
  const names = wished.map(({ column }) => column);
  const distinct =
    group?.columns ??
    (primaryKey.length > 0
      ? primaryKey
      : columns.filter(({ kind }) => kind !== 'other').map(({ name }) => name));
  // What stands behind the whole key changes nothing.
  const isWhole = distinct.every((name) => names.includes(name));
  const more = isWhole ? [] : distinct.filter((name) => !names.includes(name));
  return [...wished, ...more.map((column) => ({ column, isDescending: false, isNullsLast: false }))];
}

/** The `select` of a view; null: all columns. */
export function selectOf({ columns, group }: View, relation: ProjectRelation): string | null {
  return group ? writeGroup(group, relation) : (columns?.map(identifier).join(',') ?? null);
}

/** What is asked of the API for a view, limit and offset aside. */
export function parametersOf(view: View, relation: ProjectRelation): readonly Parameter[] {
  const select = selectOf(view, relation);
  const order = orderOf(view, relation).map(
    ({ column, isDescending, isNullsLast }) =>
      `${identifier(column)}${isDescending ? '.desc' : ''}${isNullsLast ? '.nullslast' : ''}`,
  );
  return [
    ...(select === null ? [] : [['select', select] as const]),
    ...view.filters.map(writeFilter),
    ...(order.length > 0 ? [['order', order.join(',')] as const] : []),
  ];
}

/** The address of rows at the API. */
export function addressOf(relation: ProjectRelation, parameters: readonly Parameter[]): string {
  const query = writeQuery(parameters);
  return `/rest/v1/${encode(relation.name)}${query && `?${query}`}`;
}

/** The address of what a view shows, whole: what is shown to be copied. */
export function viewAddress(view: View, relation: ProjectRelation): string {
  const { limit, offset } = view;
  return addressOf(relation, [
    ...parametersOf(view, relation),
    ...(limit === null ? [] : [['limit', String(limit)] as const]),
    ...(offset === 0 ? [] : [['offset', String(offset)] as const]),
  ]);
}
