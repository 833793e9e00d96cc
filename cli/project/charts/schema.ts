import { z } from 'zod';
import { pageName } from '../../config/dashboard-schema.js';
import { text } from '../../config/text.js';

const field = z.string().min(1);
const widths = { full: 12, half: 6, third: 4, quarter: 3 } as const;
const width = z.union(
  [
    z.int().min(2).max(12),
    z.enum(Object.keys(widths) as (keyof typeof widths)[]).transform((name) => widths[name]),
  ],
  `must be a number of twelfths from 2 to 12, or one of ${Object.keys(widths).join(', ')}`,
);

export const aggregates = ['sum', 'avg', 'min', 'max', 'count'] as const;

const common = {
  title: text,
  description: text.optional(),
  dashboard: pageName.optional(),
  order: z.number().optional(),
  width: width.optional(),
  where: z
    .union([z.string().min(1), z.array(z.string().min(1))])
    .transform((value) => [value].flat())
    .default([]),
};
const rows = { sort: z.string().min(1).optional(), limit: z.int().min(1).max(50_000).optional() };
const json = z.record(z.string(), z.unknown());

const vega = z.strictObject({
  ...common,
  ...rows,
  kind: z.literal('chart').default('chart'),
  height: z.int().min(60).max(2000).default(260),
  mark: z.union([z.string(), z.looseObject({ type: z.string() })]).optional(),
  encoding: json.optional(),
  layer: z.array(json).min(1).optional(),
  transform: z.array(json).optional(),
  params: z.array(json).optional(),
  resolve: z
    .strictObject({ scale: json.optional(), axis: json.optional(), legend: json.optional() })
    .optional(),
});

const kpi = z.strictObject({
  ...common,
  kind: z.literal('kpi'),
  value: z
    .union([
      field.transform((name) => ({ field: name, aggregate: 'sum' as const, per: undefined })),
      z.strictObject({
        field: field.optional(),
        aggregate: z.enum(aggregates).default('sum'),
        per: field.optional(),
      }),
    ])
    .refine(
      ({ field, aggregate }) => field !== undefined || aggregate === 'count',
      'needs a field, unless it counts rows',
    ),
  time: field.optional(),
  format: z.string().min(1).default('number'),
  good: z.enum(['up', 'down']).optional(),
});

const table = z.strictObject({
  ...common,
  ...rows,
  kind: z.literal('table'),
  columns: z.array(field).min(1).optional(),
  formats: z.record(z.string(), z.string().min(1)).default({}),
});

const shapes = { chart: vega, kpi, table };

/** One entry of `charts:`; its `kind` says what else it may have. */
export const chartSchema = z.unknown().transform((value, context) => {
  const kind = (value as { kind?: unknown } | null)?.kind ?? 'chart';
  if (typeof kind !== 'string' || !Object.hasOwn(shapes, kind)) {
    context.addIssue({
      code: 'custom',
      path: ['kind'],
      message: `must be one of ${Object.keys(shapes).join(', ')}`,
    });
    return z.NEVER;
  }
  const checked = shapes[kind as keyof typeof shapes].safeParse(value);
  if (checked.success) return checked.data;
  for (const issue of checked.error.issues) context.addIssue(issue as never);
  return z.NEVER;
});

export type CheckedChart = z.output<typeof vega> | z.output<typeof kpi> | z.output<typeof table>;

/** The settings that `charts:` knows: of an entry, whatever its kind, or of a part of it. */
export function knownChartKeys(path: readonly PropertyKey[]): readonly string[] {
  if (path[1] === 'value') return ['field', 'aggregate', 'per'];
  if (path[1] === 'resolve') return ['scale', 'axis', 'legend'];
  return [...new Set(Object.values(shapes).flatMap(({ shape }) => Object.keys(shape)))];
}
