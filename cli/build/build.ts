import { MedallionError } from '../errors/index.js';
import { countEvents } from '../events/counts.js';
import type { Emit, Event, PublishedState, RunCounts } from '../events/events.js';
import { collectFindings } from '../events/findings.js';
import type { Selection } from '../graph/select.js';
import { selectNodes } from '../graph/select.js';
import type { NodeName } from '../project/model.js';
import { openRunTracing } from '../telemetry/traces/open-run.js';
import { type CarryOutOptions, carryOut } from './carry-out.js';
import { conclude, concludeUnbegun } from './conclude.js';
import { withoutBorrowed } from './environment/environment.js';
import { resolveProject } from './environment/resolve.js';
import { toMedallionError } from './errors.js';
import { askedInterval } from './incremental/asked-interval.js';
import type { OpenProject } from './open-project.js';
import { makePlan, type Phases } from './plan.js';
import type { PlanOptions } from './planned/keep-plan.js';
import { openRunSession, type RunFinished, type RunSession, type SessionOptions } from './run-session.js';

export interface RunOptions extends Partial<Selection> {
  /** For the history; default `build`. */
  readonly command?: string;
  /** What begins it, for the history and for hooks: `schedule nightly`, `trigger orders`, ... Default: `by hand`. */
  readonly cause?: string;
  /** Default: loads and models. */
  readonly phases?: Phases;
  /** Start nothing more after the first failure. */
  readonly failFast?: boolean;
  /** `all` (default): one failing test publishes nothing. `passing`: what passed and reads nothing that failed is published. */
  readonly publish?: 'all' | 'passing';
  /** Keep failing rows in `medallion.test_failures`. */
  readonly storeFailures?: boolean;
  /** Fail at once when another run is going on. */
  readonly noWait?: boolean;
  /** Read every source, also those that did not change since their last load. */
  readonly fullRefresh?: boolean;
  /** Build also models that have not changed. */
  readonly force?: boolean;
  /** Loads read from this value of each table's cursor on. */
  readonly since?: string | undefined;
  /** Of models that are filled by time: fill the intervals from here on again, e.g. `2024-01-31`; without an offset in the time zone of each model. */
  readonly from?: string | undefined;
  /** ... up to here, excluded. */
  readonly to?: string | undefined;
  /** Loads read so many rows of each table at most. */
  readonly limit?: number | undefined;
  /** Take up again what this run did not bring to its end. */
  readonly retry?: { readonly runId: number; readonly nodes: ReadonlySet<NodeName> } | undefined;
  /** Publish nothing: keep what would be published as the open plan. */
  readonly plan?: PlanOptions | undefined;
  /** Of a build of everything: when the project's files were read, in milliseconds since 1970. Remembers for `recallUnchanged` what has nothing to do next time. */
  readonly readAtMs?: number | undefined;
  readonly emit?: Emit;
  readonly signal?: AbortSignal;
}

export interface RunOutcome {
  readonly runId: number | null;
  readonly status: 'succeeded' | 'failed' | 'interrupted';
  readonly counts: RunCounts;
  readonly durationMs: number;
  /** The error that ended the run before its nodes could tell their own. */
  readonly error?: MedallionError | undefined;
}

/**
 * Carries out one run: loads, builds in the stage, audits, publishes. Failures of nodes are in the outcome and in the events,
 * which always end with `run.finished`; nothing is thrown once the run has begun.
 */
export function build(project: OpenProject, options: RunOptions = {}): Promise<RunOutcome> {
  return carryOutRun(project, options, async () => {
    const { select = [], exclude = [] } = options;
    const resolved = await resolveProject(project, { select, exclude });
    const { graph, changes } = resolved;
    const wanted = options.retry?.nodes ?? selectNodes(graph, { select, exclude }, changes);
    const plan = makePlan(
      graph,
      withoutBorrowed(resolved, wanted),
      options.phases ?? { load: true, models: true },
    );
    const asked = askedInterval(options, plan.models, graph);
    return {
      project: resolved,
      work: (session, reporting) => carryOut(session, plan, { ...options, asked, ...reporting }),
    };
  });
}

/** The work of a run. */
export type RunWork = (session: RunSession, reporting: RunReporting) => Promise<void>;

export type RunReporting = Pick<CarryOutOptions, 'emit' | 'signal' | 'cause'>;

/**
 * Carries out one run, whatever its work is: with lock, history, hooks that come last, messages and traces.
 * @param prepare what can be done before it begins, without the lock; its errors are told as the run's
 */
export async function carryOutRun(
  project: OpenProject,
  options: RunOptions & Pick<SessionOptions, 'adoptStage'>,
  prepare: () => Promise<{ readonly project: OpenProject; readonly work: RunWork }>,
): Promise<RunOutcome> {
  const started = performance.now();
  const { command = 'build', cause = 'by hand' } = options;
  const emit = options.emit ?? (() => {});
  const tracing = await openRunTracing(project.options.traces, { command, cause });
  const cancelled = new AbortController();
  const signal = AbortSignal.any([cancelled.signal, ...(options.signal ? [options.signal] : [])]);
  const tally = countEvents();
  const found = collectFindings();
  const statusWith = (ending: MedallionError | undefined) => statusOf(tally.counts(), ending, signal);
  const status = () => statusWith(error);
  const unrecorded: Event[] = [];
  let record = (event: Event): void => void unrecorded.push(event);
  const tell = (event: Event) => {
    tally.read(event);
    found.read(event);
    record(event);
    tracing?.read(event);
    emit(event);
  };
  let runId: number | null = null;
  let error: MedallionError | undefined;
  const concluded = () => ({
    ...{ command, cause, selection: describeSelection(options), error },
    ...{ startedMs: started, statusWith, counts: tally.counts, findings: found.findings, emit: tell, signal },
  });
  const finished = (readersSee?: PublishedState | null): RunFinished => {
    if (status() === 'interrupted') error ??= interruption(cancelled.signal);
    const durationMs = performance.now() - started;
    const [counts, told] = [tally.counts(), error?.toJSON()];
    return { event: 'run.finished', runId, status: status(), counts, durationMs, readersSee, error: told };
  };
  let last: RunFinished | undefined;
  try {
    const { project: prepared, work } = await prepare();
    const session = await openRunSession(prepared, {
      command,
      selection: describeSelection(options),
      cause,
      options: { ...repeatable(options), ...(tracing && { traceId: tracing.traceId }) },
      retryOf: options.retry?.runId ?? null,
      noWait: options.noWait ?? false,
      adoptStage: options.adoptStage,
      emit: tell,
      signal,
      onCancel: (by) => cancelled.abort(by),
    });
    runId = session.runId;
    record = session.record;
    unrecorded.forEach(record);
    try {
      await work(session, { cause, emit: tell, signal });
    } catch (cause) {
      error = toMedallionError(cause, signal);
    }
    error = await conclude(session, concluded());
    if (cancelled.signal.aborted) error = interruption(cancelled.signal);
    last = await session.finish(finished(), finished).catch((cause: unknown) => {
      error ??= toMedallionError(cause, signal);
      return undefined;
    });
  } catch (cause) {
    error = toMedallionError(cause, signal);
    await concludeUnbegun(project, concluded());
  }
  last ??= finished();
  tracing?.read(last);
  const untraced = await tracing?.end();
  if (untraced !== undefined) emit({ event: 'notice', message: untraced });
  emit(last);
  return { runId, status: last.status, counts: last.counts, durationMs: last.durationMs, error };
}

/** @param cancelled with the words of whoever asked for the end as its reason, if somebody did */
function interruption(cancelled: AbortSignal): MedallionError {
  return new MedallionError('MDL5002', {
    message: cancelled.aborted ? `Cancelled: ${cancelled.reason}.` : 'Interrupted.',
  });
}

const kept = [
  ...(['select', 'exclude', 'phases', 'publish', 'failFast', 'storeFailures', 'fullRefresh'] as const),
  ...(['force', 'since', 'limit', 'from', 'to', 'plan'] as const),
];

/** What the history keeps of the options: with them the run can be begun again. */
function repeatable(options: RunOptions): Readonly<Record<string, unknown>> {
  return Object.fromEntries(kept.map((name) => [name, options[name]]));
}

function describeSelection(options: RunOptions): string | null {
  const parts = [...(options.select ?? []), ...(options.exclude ?? []).map((text) => `--exclude ${text}`)];
  return parts.length > 0 ? parts.join(' ') : null;
}

function statusOf(
  counts: RunCounts,
  error: MedallionError | undefined,
  signal: AbortSignal,
): RunOutcome['status'] {
  if (signal.aborted || error?.code === 'MDL5002') return 'interrupted';
  return error || counts.failed > 0 || counts.testsFailed > 0 ? 'failed' : 'succeeded';
}
