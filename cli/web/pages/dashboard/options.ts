import { useEffect, useState } from 'preact/hooks';
import type { ProjectColumn, ProjectRelation } from '../../../serve/ui/shapes.ts';
import { project, publishes } from '../../app/project.ts';
import { identifier } from '../../parts/dialect.ts';
import type { Board } from './boards.ts';
import { load } from './datasets.ts';
import { timeColumnOf } from './fields.ts';
import { nullValue } from './filters.ts';

/** A column by which a board can be filtered, with its values. */
export interface FilterColumn {
  readonly name: string;
  readonly kind: ProjectColumn['kind'];
  readonly values: readonly string[];
}

/** More values than these are no list to choose from. */
const maxValues = 60;

/** The columns of few values that the board's relations have; undefined until they are known. */
export function useFilterColumns(board: Board): readonly FilterColumn[] | undefined {
  return usePublished(() => findFilterColumns(board), [board.name]);
}

/** The last day that the board's rows tell of; null: they tell of none, undefined: not known yet. */
export function useLastDay(board: Board): string | null | undefined {
  return usePublished(() => findLastDay(board), [board.name]);
}

/** What is found out anew with each publish; what was known before stays until then. */
function usePublished<Found>(find: () => Promise<Found>, keys: readonly unknown[]): Found | undefined {
  const [found, setFound] = useState<Found>();
  useEffect(() => {
    let isCurrent = true;
    find().then(
      (value) => isCurrent && setFound(() => value),
      // The charts tell what is wrong with the API; without an answer there is nothing to choose from.
      () => isCurrent && setFound(undefined),
    );
    return () => {
      isCurrent = false;
    };
  }, [publishes.value, ...keys]);
  return found;
}

function relationsOf(board: Board): readonly ProjectRelation[] {
  return [...new Set(board.charts.map(({ relation }) => relation))];
}

async function findFilterColumns(board: Board): Promise<readonly FilterColumn[]> {
  const found = new Map<string, FilterColumn>();
  const all = relationsOf(board).flatMap((relation) =>
    relation.columns
      .filter(({ kind }) => kind === 'text' || kind === 'boolean')
      .map((column) => ({ relation, column })),
  );
  const values = await Promise.all(all.map(({ relation, column }) => valuesOf(relation, column)));
  const tooMany = new Set<string>();
  all.forEach(({ column: { name, kind } }, i) => {
    const own = values[i];
    if (!own) tooMany.add(name);
    else found.set(name, { name, kind, values: [...new Set([...(found.get(name)?.values ?? []), ...own])] });
  });
  return [...found.values()]
    .filter(({ name, values }) => !tooMany.has(name) && values.length > 1 && values.length <= maxValues)
    .map((column) => ({ ...column, values: [...column.values].sort((a, b) => a.localeCompare(b)) }));
}

/** @returns undefined where there are too many, or nobody can say */
async function valuesOf(
  relation: ProjectRelation,
  { name, kind, accepted }: ProjectColumn,
): Promise<readonly string[] | undefined> {
  if (relation.primaryKey.length === 1 && relation.primaryKey[0] === name) return undefined;
  if (kind === 'boolean') return ['true', 'false'];
  if (accepted) return accepted;
  if (!project.value?.aggregates) return undefined;
  const { rows } = await load({
    relation,
    select: [identifier(name), 'rows:count()'],
    conditions: [],
    sort: null,
    limit: maxValues + 1,
  });
  return rows.length > maxValues
    ? undefined
    : rows.map((row) => (row[name] === null ? nullValue : String(row[name])));
}

async function findLastDay(board: Board): Promise<string | null> {
  const times = new Map(
    board.charts.flatMap(({ chart, relation }) => {
      const time = timeColumnOf(chart, relation);
      return time === undefined
        ? []
        : [[`${relation.schema}.${relation.name} ${time}`, { relation, time }] as const];
    }),
  );
  const days = await Promise.all(
    [...times.values()].map(async ({ relation, time }) => {
      const { rows } = await load({
        relation,
        select: [identifier(time)],
        conditions: [],
        sort: `${identifier(time)}.desc.nullslast`,
        limit: 1,
      });
      const last = rows[0]?.[time];
      return typeof last === 'string' ? last.slice(0, 10) : undefined;
    }),
  );
  return (
    days
      .filter((day) => day !== undefined)
      .sort()
      .at(-1) ?? null
  );
}
