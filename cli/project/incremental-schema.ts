import { z } from 'zod';

const name = z.string().min(1);

export const grains = ['hour', 'day', 'week', 'month', 'quarter', 'year'] as const;
export type Grain = (typeof grains)[number];

/** `incremental` in a model's front matter. What fits together is checked by `parseIncremental`. */
export const incrementalSchema = z.strictObject({
  strategy: z.enum(['append', 'merge', 'delete+insert', 'time_range']),
  key: z
    .union([name, z.array(name).min(1)])
    .transform((value) => (typeof value === 'string' ? [value] : value))
    .optional(),
  time_column: name.optional(),
  grain: z.enum(grains).optional(),
  begin: name.optional(),
  time_zone: name.optional(),
  lookback: z.int().min(0).max(10_000).optional(),
  allow_partials: z.boolean().optional(),
  on_schema_change: z.enum(['fail', 'append', 'sync']).default('fail'),
  on_sql_change: z.enum(['rebuild', 'keep']).default('rebuild'),
});

export type IncrementalSettings = z.output<typeof incrementalSchema>;
