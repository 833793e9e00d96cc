import { z } from 'zod';
import { attemptSettings } from '../config/attempts.js';
import { pageName } from '../config/dashboard-schema.js';
import { distributeValues } from '../config/distribution.js';
import { grantsSchema } from '../config/grants.js';
import { knownRlsKeys, rlsSchema } from '../config/rls.js';
import { chartSchema, knownChartKeys } from './charts/schema.js';
import { incrementalSchema } from './incremental-schema.js';
import { snapshotSchema } from './snapshot.js';

const name = z.string().min(1);
const nameOrNames = z
  .union([name, z.array(name).min(1)])
  .transform((value) => (typeof value === 'string' ? [value] : value));
/** `unique`, or a map such as `{ between: [0, 120], severity: warn }`; what it means is decided by the registry of tests. */
const test = z.union([name, z.record(z.string(), z.unknown())]);

const columnObject = z.strictObject({
  type: name.optional(),
  description: z.string().optional(),
  not_null: z.boolean().default(false),
  unique: z.boolean().default(false),
  // YAML reads `default: 0` and `default: true` as values; they are SQL text all the same.
  default: z.union([z.string(), z.number(), z.boolean()]).transform(String).optional(),
  check: name.optional(),
  tests: z.array(test).default([]),
});

const column = z.union([
  columnObject,
  z.string().transform((type) => columnObject.parse({ type })),
  z.null().transform(() => columnObject.parse({})),
]);

const foreignKey = z.strictObject({ columns: nameOrNames, references: name });

const check = z.union([
  name.transform((expression) => ({ expression, name: undefined })),
  z.strictObject({ name: name.optional(), expression: name }),
]);

const index = z.union([
  name.transform((only) => ({ columns: [only], unique: false, using: undefined, where: undefined })),
  z.strictObject({
    columns: nameOrNames,
    unique: z.boolean().default(false),
    using: z.string().regex(/^\w+$/).optional(),
    where: name.optional(),
  }),
]);

export const modelSchema = z.strictObject({
  description: z.string().optional(),
  materialized: z
    .enum(['table', 'view', 'materialized_view', 'incremental', 'snapshot', 'ephemeral'])
    .optional(),
  incremental: incrementalSchema.optional(),
  snapshot: snapshotSchema.optional(),
  primary_key: nameOrNames.optional(),
  columns: z.record(name, column).optional(),
  unique: z.array(nameOrNames).default([]),
  foreign_keys: z.array(foreignKey).default([]),
  checks: z.array(check).default([]),
  indexes: z.array(index).default([]),
  tests: z.array(test).default([]),
  tags: z.array(name).default([]),
  grants: grantsSchema.prefault({}),
  rls: rlsSchema.optional(),
  security_invoker: z.boolean().default(false),
  distribute_by: name.optional(),
  distribute: z.enum(distributeValues).optional(),
  dashboard: pageName.optional(),
  charts: z.array(chartSchema).default([]),
  timeout: attemptSettings.timeout,
  retries: attemptSettings.retries,
  retry_delay: attemptSettings.retryDelay,
  freshness: attemptSettings.timeout,
  publish: z.enum(['auto', 'delta', 'swap']).default('auto'),
  meta: z.record(z.string(), z.unknown()).default({}),
  enabled: z.boolean().default(true),
});

/** Front matter of `tests/**` `/*.sql`. */
export const singularTestSchema = z.strictObject({
  description: z.string().optional(),
  severity: z.enum(['error', 'warn']).default('error'),
  error_if: z.string().optional(),
  warn_if: z.string().optional(),
  tags: z.array(name).default([]),
  enabled: z.boolean().default(true),
});

/** What is looked for at the top by those who forget where it belongs. */
const nestedKeys = Object.entries({
  snapshot: snapshotSchema,
  incremental: incrementalSchema,
  'columns.<name>': columnObject,
}).flatMap(([within, { shape }]) => Object.keys(shape).map((key) => `${within}.${key}`));

/** The settings that are valid at a path of a model's front matter; those at the top with those below it. */
export function knownModelKeys(path: readonly PropertyKey[]): readonly string[] {
  if (path.length === 0) return [...Object.keys(modelSchema.shape), ...nestedKeys];
  switch (path[0]) {
    case 'columns':
      return Object.keys(columnObject.shape);
    case 'charts':
      return knownChartKeys(path.slice(1));
    case 'foreign_keys':
      return Object.keys(foreignKey.shape);
    case 'checks':
      return ['name', 'expression'];
    case 'indexes':
      return ['columns', 'unique', 'using', 'where'];
    case 'incremental':
      return Object.keys(incrementalSchema.shape);
    case 'snapshot':
      return Object.keys(snapshotSchema.shape);
    case 'grants':
      return Object.keys(grantsSchema.shape);
    case 'rls':
      return knownRlsKeys(path.slice(1));
    default:
      return [];
  }
}
