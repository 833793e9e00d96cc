import { z } from 'zod';
import type { Source } from '../sources/source.js';
import { attemptSettings } from './attempts.js';
import { dashboardsSchema } from './dashboard-schema.js';
import { distributeValues } from './distribution.js';
import { grantsSchema } from './grants.js';
import { hooksSchema } from './hooks-schema.js';
import { notifySchema } from './notify-schema.js';
import { rlsSchema } from './rls.js';
import { scheduleSchema } from './schedule-schema.js';
import { serveSchema } from './serve-schema.js';
import { historySchema, telemetrySchema } from './telemetry-schema.js';
import { time } from './time.js';
import { triggersSchema } from './trigger-schema.js';

const projectName = z
  .string()
  .regex(
    /^[a-z][a-z0-9_]{0,29}$/,
    'must be 1 to 30 lower-case letters, digits or _, beginning with a letter',
  );

/** A layer becomes part of file paths and node names: no dots, slashes or quotes. */
const layerName = z
  .string()
  .regex(/^[\p{L}_][\p{L}\p{N}_ -]{0,40}$/u, 'must be letters, digits, spaces, - or _');

const source = z.custom<Source>(
  (value) =>
    typeof value === 'object' &&
    value !== null &&
    typeof (value as Source).open === 'function' &&
    typeof (value as Source).tables === 'function',
  'must be a source such as csv({ dir: "seeds" })',
);

const names = z.array(z.string().min(1)).readonly();

const bronze = z.strictObject({
  from: z.string().regex(/^[^.]+\..+$/, 'must be "<source>.<table>"'),
  key: z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]).optional(),
  load: z.enum(['replace', 'append', 'upsert']).default('replace'),
  cursor: z.string().min(1).optional(),
  deletes: z.enum(['keep', 'mark', 'remove']).default('keep'),
  batchRows: z.int().min(1).max(1_000_000).default(10_000),
  maxRejects: z.int().min(0).optional(),
  description: z.string().optional(),
  tags: names.default([]),
  distributeBy: z.string().min(1).optional(),
  distribute: z.enum(distributeValues).optional(),
  ...attemptSettings,
});

const layer = z.strictObject({
  materialized: z
    .enum(['table', 'view', 'materialized_view', 'ephemeral'], {
      error: ({ input }) =>
        input === 'incremental'
          ? 'a layer cannot be incremental: each model needs settings of its own, in its front matter'
          : undefined,
    })
    .default('table'),
  schema: z.string().min(1).max(63).optional(),
  tags: names.default([]),
  expose: z.boolean().default(false),
  rls: rlsSchema.default(false),
  ...attemptSettings,
});

const schemaName = z.string().regex(/^[^,\s]([^,]*[^,\s])?$/, 'must be the name of a schema, without commas');
const postgrest = z.strictObject({
  role: z.string().min(1).default('authenticator'),
  schemas: z.array(schemaName).optional(),
});

const variables = z.record(z.string(), z.unknown());
const threads = z.int().min(1).max(64);

const generateSchema = z.strictObject({
  dir: z.string().min(1).default('generated'),
  schemas: names.optional(),
});

/** `medallion.config.ts`, checked; the documentation of each setting is on the types in define.ts. */
export const configSchema = z.strictObject({
  name: projectName,
  // Empty counts as absent: DATABASE_URL= in an environment file.
  database: z.string().optional(),
  sources: z.record(z.string(), source).default({}),
  bronze: z.record(z.string().min(1).max(63), bronze).optional(),
  layers: z.record(layerName, layer).default({ silver: layer.parse({}), gold: layer.parse({}) }),
  bronzeSchema: z.string().min(1).max(63).default('bronze'),
  grants: z.record(z.string(), grantsSchema).default({}),
  postgrest: postgrest.prefault({}),
  vars: variables.default({}),
  targets: z
    .record(
      z.string(),
      z.strictObject({
        database: z.string().optional(),
        vars: variables.default({}),
        threads: threads.optional(),
        from: z.string().min(1).optional(),
        schemas: z.string().min(1).optional(),
        grants: z.boolean().optional(),
      }),
    )
    .default({}),
  defaultTarget: z.string().optional(),
  threads: threads.default(4),
  maxRejects: z.int().min(0).default(0),
  serve: serveSchema.prefault({}),
  dashboards: dashboardsSchema.default({}),
  schedule: scheduleSchema.optional(),
  hooks: hooksSchema.prefault({}),
  notify: notifySchema.default({}),
  triggers: triggersSchema,
  generate: generateSchema.prefault({}),
  history: historySchema.prefault({}),
  telemetry: telemetrySchema.prefault({}),
  statementTimeout: time.optional(),
  retries: attemptSettings.retries,
  retryDelay: attemptSettings.retryDelay,
  publishTimeout: time.default('2min'),
});

export type CheckedConfig = z.infer<typeof configSchema>;
