import { valuesOf } from './values.ts';

type Json = Readonly<Record<string, unknown>>;

/** Space between small multiples, and that of their axes, in pixels. */
const between = 20;
const axis = 60;

/**
 * The size of each of a chart's small multiples, so that all of them together are as wide as the chart.
 * @returns undefined for a chart that is one
 */
export function facetSize(
  { encoding = {} }: Json,
  rows: readonly Json[],
  width: number,
  height: number,
): { readonly width: number; readonly height: number } | undefined {
  const { row, column, facet } = encoding as Record<string, Json | undefined>;
  if (!row && !column && !facet) return undefined;
  const count = (definition: Json | undefined) => (definition ? valuesOf(definition, rows).size : 1);
  const all = count(facet);
  const columns = facet ? Math.min(Number(facet.columns ?? all), all) : count(column);
  const lines = facet ? Math.ceil(all / columns) : count(row);
  const part = (whole: number, parts: number, least: number) =>
    Math.max(least, Math.floor((whole - axis - between * (parts - 1)) / parts));
  return { width: part(width, columns, 80), height: lines > 1 ? part(height, lines, 60) : height };
}
