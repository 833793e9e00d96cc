import type { ProjectColumn, ProjectForeignKey, ProjectRelation } from '../../../serve/ui/shapes.ts';
import { isNameLike } from '../../parts/name-like.ts';
import type { Row } from './exact-json.ts';
import { type Filter, figureNames, namesOf, type Sort, type View, wholeView } from './view.ts';
import { writeView } from './view-query.ts';
import { encode, writeQuery } from './written.ts';

/** A column of the table that is shown: of the relation, or a figure of groups. */
export interface ShownColumn {
  /** In the rows. */
  readonly name: string;
  readonly by: Sort['by'];
  readonly kind: ProjectColumn['kind'];
  readonly type: string;
  readonly description: string | null;
  /** Numbers that name something have no thousands. */
  readonly isName: boolean;
}

export function shownColumns(view: View, relation: ProjectRelation): readonly ShownColumn[] {
  const { group } = view;
  const known = new Map(relation.columns.map((column) => [column.name, column]));
  const figures = group ? figureNames(group, relation) : [];
  return namesOf(view, relation).map((name) => {
    const figure = group?.figures[figures.indexOf(name)];
    const column = known.get(figure ? (figure.column ?? '') : name);
    if (figure && (figure.aggregate === 'count' || !column))
      return {
        ...{ name, by: figure, kind: 'number' as const, type: 'bigint' },
        ...{ description: null, isName: false },
      };
    return {
      name,
      by: figure ?? { column: name },
      kind: column?.kind ?? 'other',
      // Of an average, Postgres gives all digits that it has.
      type: figure?.aggregate === 'avg' ? 'average' : (column?.type ?? ''),
      description: column?.description ?? null,
      isName: isKeyLike(column?.name ?? name, relation) && !['sum', 'avg'].includes(figure?.aggregate ?? ''),
    };
  });
}

/** Whether numbers of a column name something: nobody wants their sum. */
export function isKeyLike(name: string, { primaryKey, foreignKeys }: ProjectRelation): boolean {
  return (
    isNameLike.test(name) ||
    primaryKey.includes(name) ||
    foreignKeys.some(({ columns }) => columns.includes(name))
  );
}

/** The page of a view. */
export function viewHref(view: View, relation: ProjectRelation): string {
  const query = writeQuery(writeView(view, relation));
  return `/ui/explore/${encode(`${relation.schema}.${relation.name}`)}${query && `?${query}`}`;
}

function equal(column: string, value: unknown): Filter {
  return {
    ...{ kind: 'filter', column, isNegated: false },
    comparison: { kind: 'compare', operator: 'eq', quantifier: undefined, value: String(value) },
  };
}

/** The page of the row that a foreign key points to; undefined where there is none. */
export function referencedHref(
  key: ProjectForeignKey,
  row: Row,
  relations: readonly ProjectRelation[],
): string | undefined {
  return rowsHref(
    relations,
    key.schema,
    key.relation,
    key.referenced,
    key.columns.map((name) => row[name]),
  );
}

/** The pages of the rows that point to one, by the foreign keys of others. */
export function referringHrefs(
  { schema, name }: ProjectRelation,
  row: Row,
  relations: readonly ProjectRelation[],
): readonly { readonly label: string; readonly href: string }[] {
  return relations.flatMap((other) =>
    other.foreignKeys.flatMap((key) => {
      if (key.schema !== schema || key.relation !== name) return [];
      const values = key.referenced.map((column) => row[column]);
      const href = rowsHref(relations, other.schema, other.name, key.columns, values);
      return href === undefined ? [] : [{ label: `${other.name} (${key.columns.join(', ')})`, href }];
    }),
  );
}

function rowsHref(
  relations: readonly ProjectRelation[],
  schema: string,
  name: string,
  columns: readonly string[],
  values: readonly unknown[],
): string | undefined {
  const relation = relations.find((one) => one.schema === schema && one.name === name);
  if (!relation || values.some((value) => value === null || value === undefined)) return undefined;
  return viewHref({ ...wholeView, filters: columns.map((column, i) => equal(column, values[i])) }, relation);
}
