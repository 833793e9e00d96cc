import type { HookContext } from '../../config/define-hooks.js';

/** What hooks are told of the run; those in TypeScript are given more. */
export type HookState = Pick<
  HookContext,
  'runId' | 'command' | 'cause' | 'status' | 'counts' | 'failures' | 'published'
> & {
  /** Always said, also that there is none. */
  readonly error: HookContext['error'];
};
