import type { VegaChart } from '../../../project/charts/chart.ts';
import type { ProjectRelation } from '../../../serve/ui/shapes.ts';
import { identifier } from '../../parts/dialect.ts';

type Json = Readonly<Record<string, unknown>>;

/** Aggregates that the API has too, by Vega-Lite's names. */
const ofApi: Readonly<Record<string, string>> = {
  sum: 'sum',
  mean: 'avg',
  average: 'avg',
  min: 'min',
  max: 'max',
  count: 'count',
};

/** A chart whose sums the database makes: it reads a row for each mark, whatever the relation's size. */
export interface PushedDown {
  readonly select: readonly string[];
  readonly spec: Json;
  /** What was made from what, by the name that it has now. */
  readonly made: ReadonlyMap<string, { readonly field: string | undefined; readonly aggregate: string }>;
}

/** @returns undefined for charts that need the rows themselves */
export function pushDown(
  { spec, sort, limit }: VegaChart,
  relation: ProjectRelation,
): PushedDown | undefined {
  if (sort !== null || limit !== null) return undefined;
  if (Object.keys(spec).some((key) => key !== 'mark' && key !== 'encoding')) return undefined;
  const kinds = new Map(relation.columns.map(({ name, kind }) => [name, kind]));
  const encoding = Object.entries((spec.encoding ?? {}) as Record<string, unknown>);
  const select = new Set<string>();
  const made = new Map<string, { field: string | undefined; aggregate: string }>();
  const replaced: [string, unknown][] = [];
  for (const [channel, definition] of encoding) {
    if (typeof definition !== 'object' || definition === null || Array.isArray(definition)) return undefined;
    const { field, aggregate, ...rest } = definition as { field?: unknown; aggregate?: unknown };
    if ('bin' in rest || 'timeUnit' in rest || 'condition' in rest) return undefined;
    if ('sort' in rest && typeof rest.sort === 'object' && rest.sort !== null) return undefined;
    // Inside of a value, or made by nobody knows whom.
    if (field !== undefined && !(typeof field === 'string' && kinds.has(field))) return undefined;
    if (aggregate === undefined) {
      if (field !== undefined) select.add(identifier(field));
      replaced.push([channel, definition]);
      continue;
    }
    const known = typeof aggregate === 'string' ? ofApi[aggregate] : undefined;
    if (known === undefined || (field === undefined && aggregate !== 'count')) return undefined;
    if (aggregate !== 'count' && kinds.get(field!) !== 'number') return undefined;
    // count counts rows, whatever field stands beside it.
    const counted = aggregate === 'count' ? undefined : field;
    const alias = counted === undefined ? 'count' : `${counted}_${known}`;
    if (kinds.has(alias)) return undefined;
    made.set(alias, { field: counted, aggregate: aggregate as string });
    select.add(
      counted === undefined
        ? `${identifier(alias)}:count()`
        : `${identifier(alias)}:${identifier(counted)}.${known}()`,
    );
    replaced.push([channel, { ...rest, field: alias, type: 'quantitative' }]);
  }
  return made.size > 0
    ? { select: [...select], spec: { ...spec, encoding: Object.fromEntries(replaced) }, made }
    : undefined;
}
