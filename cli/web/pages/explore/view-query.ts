import { UrlSyntaxError } from '../../../serve/parse/reader.ts';
import type { Condition, OrderTerm, SelectItem } from '../../../serve/parse/tree.ts';
import { parseUrl } from '../../../serve/parse/url.ts';
import type { ProjectRelation } from '../../../serve/ui/shapes.ts';
import { identifier } from '../../parts/dialect.ts';
import {
  type Figure,
  type Filter,
  figureNames,
  type Group,
  isFigure,
  isSameSort,
  type Sort,
  type View,
} from './view.ts';
import { type Parameter, writeFilter, writeGroup } from './written.ts';

/** What a page's URL says. */
export interface ReadView {
  readonly view: View;
  /** Parameters that say what the page does not show, or what nobody understands. */
  readonly ignored: readonly string[];
}

/** As deep as filters of a view are. */
const limits = { depth: 2 };

/** A view as the query of the page's URL: in the dialect of the API, so that a query of the one works in the other. */
export function writeView(view: View, relation: ProjectRelation): readonly Parameter[] {
  const { columns, group, filters, sort, limit, offset } = view;
  const names = group ? figureNames(group, relation) : [];
  const terms = sort.map(({ by, isDescending }) => {
    const figure = isFigure(by) ? group?.figures.findIndex((one) => isSameSort(one, by)) : undefined;
    const name = figure === undefined ? by.column! : names[figure]!;
    return `${identifier(name)}.${isDescending ? 'desc' : 'asc'}`;
  });
  return [
    ...(group ? [['select', writeGroup(group, relation)] as const] : []),
    ...(columns ? [['select', columns.map(identifier).join(',')] as const] : []),
    ...filters.map(writeFilter),
    ...(terms.length > 0 ? [['order', terms.join(',')] as const] : []),
    ...(limit === null ? [] : [['limit', String(limit)] as const]),
    ...(limit === null || offset === 0 ? [] : [['offset', String(offset)] as const]),
  ];
}

/** Reads what `writeView` writes, and of other queries of the API what a view can show. */
export function readView(parameters: Iterable<Parameter>, relation: ProjectRelation): ReadView {
  const ignored: string[] = [];
  let selected: Pick<View, 'columns' | 'group'> = { columns: null, group: null };
  let order: readonly OrderTerm[] = [];
  let limit: number | null = null;
  let offset = 0;
  const filters: Filter[] = [];
  for (const [name, value] of parameters) {
    try {
      const { select, root, embedded } = parseUrl([[name, value]], limits);
      const read = root.conditions.map(toFilter);
      const wanted = name === 'select' ? toSelected(select) : selected;
      if (!wanted || embedded.size > 0 || read.includes(undefined)) {
        ignored.push(`${name}=${value}`);
        continue;
      }
      selected = wanted;
      filters.push(...(read as Filter[]));
      if (root.order.length > 0) order = root.order;
      limit = root.limit || limit;
      offset = root.offset ?? offset;
    } catch (error) {
      if (!(error instanceof UrlSyntaxError)) throw error;
      ignored.push(`${name}=${value}`);
    }
  }
  const sort = order.flatMap((term) => toSort(term, selected.group, relation) ?? []);
  return { view: { ...selected, filters, sort, limit, offset: limit === null ? 0 : offset }, ignored };
}

function toSelected(items: readonly SelectItem[]): Pick<View, 'columns' | 'group'> | undefined {
  const columns: string[] = [];
  const figures: Figure[] = [];
  let hasAll = items.length === 0;
  for (const item of items) {
    if (item.kind === 'all') {
      hasAll = true;
      continue;
    }
    if (item.kind === 'embed' || item.cast || item.aggregateCast || (item.field?.path.length ?? 0) > 0)
      return undefined;
    const column = item.field?.name ?? null;
    if (item.aggregate) figures.push({ aggregate: item.aggregate, column });
    else if (column !== null && !columns.includes(column)) columns.push(column);
  }
  const distinct = figures.filter((figure, i) => figures.findIndex((one) => isSameSort(one, figure)) === i);
  if (distinct.length > 0)
    return hasAll ? undefined : { columns: null, group: { columns, figures: distinct } };
  return { columns: hasAll ? null : columns, group: null };
}

function toFilter(condition: Condition): Filter | undefined {
  if (condition.kind === 'filter') {
    const { field, isNegated, comparison } = condition;
    return field.path.length === 0
      ? { kind: 'filter', column: field.name, isNegated, comparison }
      : undefined;
  }
  if (condition.isNegated) return undefined;
  const [first, second, ...more] = condition.conditions.map(toFilter);
  if (!first || more.length > 0) return undefined;
  if (condition.conditions.length === 1) return first;
  return condition.kind === 'and' && second ? toBetween(first, second) : undefined;
}

function toBetween(first: Filter, second: Filter): Filter | undefined {
  if (first.column !== second.column) return undefined;
  const [from, to] = [comparedWith(first), comparedWith(second)];
  if (from?.operator !== 'gte' || (to?.operator !== 'lt' && to?.operator !== 'lte')) return undefined;
  const isClosed = to.operator === 'lte';
  return { kind: 'between', column: first.column, from: from.value, to: to.value, isClosed };
}

function comparedWith(filter: Filter) {
  if (filter.kind !== 'filter' || filter.isNegated || filter.comparison.kind !== 'compare') return undefined;
  return filter.comparison.quantifier === undefined ? filter.comparison : undefined;
}

function toSort(
  { field, embed, direction }: OrderTerm,
  group: Group | null,
  relation: ProjectRelation,
): Sort | undefined {
  if (embed !== undefined || field.path.length > 0) return undefined;
  const figure = group?.figures[figureNames(group, relation).indexOf(field.name)];
  return { by: figure ?? { column: field.name }, isDescending: direction === 'desc' };
}
