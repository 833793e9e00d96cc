import { z } from 'zod';
import type { HookMoment } from '../events/events.js';
import type { HookFunction } from './define-hooks.js';
import { time, toMilliseconds } from './time.js';

/** One hook as it is configured; nothing of it is read or parsed yet. */
export interface HookDefinition {
  readonly moment: HookMoment;
  /** For messages: its own, or `on_run_end[0]`. */
  readonly name: string;
  readonly action:
    | { readonly kind: 'sql'; readonly text: string }
    | { readonly kind: 'file'; readonly file: string }
    | { readonly kind: 'function'; readonly run: HookFunction };
}

/** The hooks of a project, in the order in which they are called. */
export interface HookOptions {
  readonly hooks: readonly HookDefinition[];
  readonly timeoutMs: number;
}

const text = z.string().refine((sql) => sql.trim() !== '', 'holds no SQL');
const run = z.custom<HookFunction>((value) => typeof value === 'function', 'must be a function');

const named = z
  .strictObject({
    name: z.string().min(1).max(100).optional(),
    sql: text.optional(),
    file: z.string().min(1).optional(),
    run: run.optional(),
  })
  .refine(
    ({ sql, file, run }) => [sql, file, run].filter((part) => part !== undefined).length === 1,
    'needs one of sql, file and run',
  );

/** A bare string or function is the same as one without a name. */
const hook = z.preprocess(
  (value) =>
    typeof value === 'string' ? { sql: value } : typeof value === 'function' ? { run: value } : value,
  named,
);

const hooks = z.preprocess((value) => (Array.isArray(value) ? value : [value]), z.array(hook)).optional();

/** What is called when a run begins and ends. */
export const hooksSchema = z.strictObject({
  on_run_start: hooks,
  on_run_end: hooks,
  on_failure: hooks,
  timeout: time.default('5min'),
});

/** The hooks with their names. */
export function hookOptions({ timeout, ...config }: z.output<typeof hooksSchema>): HookOptions {
  const moments = ['on_run_start', 'on_run_end', 'on_failure'] as const;
  return {
    timeoutMs: toMilliseconds(timeout),
    hooks: moments.flatMap((moment) =>
      (config[moment] ?? []).map(({ name, sql, file, run }, i) => ({
        moment,
        name: name ?? `${moment}[${i}]`,
        action:
          run !== undefined
            ? { kind: 'function' as const, run }
            : file !== undefined
              ? { kind: 'file' as const, file }
              : { kind: 'sql' as const, text: sql! },
      })),
    ),
  };
}

/** The settings that `hooks`, or one hook, knows. */
export function knownHookKeys(path: readonly PropertyKey[]): string[] {
  return Object.keys(path.length === 0 ? hooksSchema.shape : named.shape);
}
