import type { ErrorRecord, RunLoad, RunNode, TestResult } from '../../../serve/ui/runs/shapes.ts';

export type LaneState =
  | 'waiting'
  | 'running'
  | 'succeeded'
  | 'unchanged'
  | 'warned'
  | 'failed'
  | 'skipped'
  | 'interrupted';

/** An attempt, in milliseconds since 1970; it still goes on where `to` is null. */
export interface Bar {
  readonly from: number;
  readonly to: number | null;
  readonly state: LaneState;
}

export type RowCounts = Omit<RunLoad, 'node' | 'source' | 'strategy' | 'status'>;

/** What is known of a node of a run: from its events, or from the history where those are not kept. */
export interface Lane {
  readonly node: string;
  /** Null: it has not come to that. */
  readonly kind: 'load' | 'model' | 'test' | 'publish' | null;
  /** Of a load its strategy. */
  readonly materialized: string | null;
  readonly source: string | null;
  readonly state: LaneState;
  readonly bars: readonly Bar[];
  readonly attempts: number;
  readonly rows: number | null;
  readonly counts: RowCounts | null;
  readonly tests: readonly TestResult[];
  /** Why it was skipped, by the names of the nodes. */
  readonly because: readonly string[];
  readonly reason: string | null;
  readonly error: ErrorRecord | null;
}

/** A lane in the making. */
export type Draft = { -readonly [Key in keyof Lane]: Lane[Key] } & { bars: Bar[] };

/** A node that has not begun. */
export function waiting(node: string): Draft {
  return {
    node,
    kind: null,
    materialized: null,
    source: null,
    state: 'waiting',
    bars: [],
    attempts: 1,
    rows: null,
    counts: null,
    tests: [],
    because: [],
    reason: null,
    error: null,
  };
}

/** An attempt begins. */
export function begin(lane: Draft, kind: 'load' | 'model', materialized: string, at: number): void {
  lane.kind = kind;
  lane.materialized = materialized;
  lane.state = 'running';
  close(lane, 'failed', at);
  lane.bars.push({ from: at, to: null, state: 'running' });
}

/** Ends the bar that is open. @returns whether there was one */
export function close(lane: Draft, state: LaneState, at: number): boolean {
  const last = lane.bars.at(-1);
  if (!last || last.to !== null) return false;
  lane.bars[lane.bars.length - 1] = { from: last.from, to: at, state };
  return true;
}

/** A node has come to its end; one of which no beginning was told began as long ago as it took. */
export function end(
  lane: Draft,
  state: LaneState,
  at: number,
  { durationMs }: { readonly durationMs: number },
): void {
  lane.state = state;
  if (close(lane, state, at)) return;
  const before = lane.bars.at(-1)?.to ?? 0;
  lane.bars.push({ from: Math.max(before, at - durationMs), to: at, state });
}

/** A node that succeeded with tests that warned. */
export function withWarnings(state: RunNode['status'], tests: readonly TestResult[]): LaneState {
  return state === 'succeeded' && tests.some(({ status }) => status === 'warned') ? 'warned' : state;
}

/** What became of a test that is a node of its own. */
export function verdict(tests: readonly TestResult[]): LaneState {
  if (tests.some(({ status }) => status === 'failed' || status === 'errored')) return 'failed';
  return withWarnings('succeeded', tests);
}
