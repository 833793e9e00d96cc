import type { Aggregate, Comparison } from '../../../serve/parse/tree.ts';
import type { ProjectRelation } from '../../../serve/ui/shapes.ts';

/** What rows have to be like; all of a view's filters hold. */
export type Filter =
  | {
      readonly kind: 'filter';
      readonly column: string;
      readonly isNegated: boolean;
      readonly comparison: Comparison;
    }
  | {
      readonly kind: 'between';
      readonly column: string;
      readonly from: string;
      readonly to: string;
      /** Whether `to` itself counts. */
      readonly isClosed: boolean;
    };

/** What is told of each group: `count()`, `receita.sum()`. */
export interface Figure {
  readonly aggregate: Aggregate;
  /** Null: of the rows themselves. */
  readonly column: string | null;
}

export interface Group {
  /** None: one group of all rows. */
  readonly columns: readonly string[];
  /** One at least. */
  readonly figures: readonly Figure[];
}

export interface Sort {
  readonly by: { readonly column: string } | Figure;
  readonly isDescending: boolean;
}

/** What of a relation is shown, and how: all that the page's URL says. */
export interface View {
  /** Null: all, in their order. */
  readonly columns: readonly string[] | null;
  /** Not together with `columns`. */
  readonly group: Group | null;
  readonly filters: readonly Filter[];
  readonly sort: readonly Sort[];
  /** Rows of a page; null: one goes on and on. */
  readonly limit: number | null;
  /** 0 without `limit`. */
  readonly offset: number;
}

/** What menus that change a view are given. */
export interface ViewProps {
  readonly view: View;
  readonly relation: ProjectRelation;
  readonly show: (view: View) => void;
}

export const wholeView: View = { columns: null, group: null, filters: [], sort: [], limit: null, offset: 0 };

export function isFigure(by: Sort['by']): by is Figure {
  return 'aggregate' in by;
}

export function isSameSort(one: Sort['by'], other: Sort['by']): boolean {
  return (
    one.column === other.column &&
    (isFigure(one) ? one.aggregate : null) === (isFigure(other) ? other.aggregate : null)
  );
}

/** The names under which figures come, each other than any column's. */
export function figureNames({ figures }: Group, { columns }: ProjectRelation): readonly string[] {
  const taken = new Set(columns.map(({ name }) => name));
  return figures.map(({ aggregate, column }) => {
    let name = column === null ? aggregate : `${column}_${aggregate}`;
    while (taken.has(name)) name += '_';
    taken.add(name);
    return name;
  });
}

/** The names that the rows of a view have, in their order. */
export function namesOf({ columns, group }: View, relation: ProjectRelation): readonly string[] {
  return group
    ? [...group.columns, ...figureNames(group, relation)]
    : (columns ?? relation.columns.map(({ name }) => name));
}

/** A click on a head: by it upward, downward, no more; `adds`: behind what it is sorted by already. */
export function sortedBy(view: View, by: Sort['by'], adds: boolean): View {
  const before = view.sort.find((sort) => isSameSort(sort.by, by));
  const next: Sort[] = before?.isDescending ? [] : [{ by, isDescending: before !== undefined }];
  const sort = !adds
    ? next
    : before
      ? view.sort.flatMap((one) => (one === before ? next : [one]))
      : [...view.sort, ...next];
  return { ...view, sort, offset: 0 };
}

/** Groups, or rows again; what it was sorted by stays where it is still there. */
export function groupedBy(view: View, group: Group | null): View {
  const isThere = ({ by }: Sort) =>
    isFigure(by)
      ? group?.figures.some((figure) => isSameSort(figure, by))
      : group === null || group.columns.includes(by.column);
  // All groups are shown at once.
  const limit = group ? null : view.limit;
  return { ...view, group, columns: null, sort: view.sort.filter(isThere), limit, offset: 0 };
}
