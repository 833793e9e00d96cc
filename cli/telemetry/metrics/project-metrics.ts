import { Cron } from 'croner';
import type { Options } from '../../config/options.js';
import { mdlVersion } from '../../version.js';
import type { ProjectState } from './project-state.js';
import type { Metrics } from './prometheus.js';
import { known, type Sample } from './samples.js';

const endings = ['succeeded', 'failed', 'interrupted', 'crashed'];

/** @param stateOf what was read for this scrape; null: nothing was ever built; undefined: the database does not answer */
export function addProjectMetrics(
  metrics: Metrics,
  { name, target, schedules }: Pick<Options, 'name' | 'target' | 'schedules'>,
  stateOf: () => ProjectState | null | undefined,
): void {
  metrics.gauge(
    'mdl_info',
    'The project that is served, and the version of mdl.',
    ['project', 'target', 'version'],
    () => [{ labels: { project: name, target, version: mdlVersion }, value: 1 }],
  );
  metrics.gauge('mdl_database_up', 'Whether the database answered this scrape.', [], () => [
    { value: stateOf() === undefined ? 0 : 1 },
  ]);
  addRuns(metrics, stateOf);
  addLastRun(metrics, stateOf);
  addFreshness(metrics, stateOf);
  const occurrences = (sample: (one: NonNullable<ProjectState['occurrences']>[number]) => Sample) => () =>
    (stateOf()?.occurrences ?? [])
      .filter(({ schedule }) => schedules.some(({ name }) => name === schedule))
      .map(sample);
  metrics.gauge('mdl_schedule_next_due_timestamp_seconds', 'When a schedule is due next.', ['schedule'], () =>
    schedules.flatMap(({ name, cron, timezone }) => {
      const next = new Cron(cron, { timezone, paused: true }).nextRun();
      return next ? [{ labels: { schedule: name }, value: next.getTime() / 1000 }] : [];
    }),
  );
  metrics.gauge(
    'mdl_schedule_last_due_timestamp_seconds',
    'When the latest occurrence of a schedule was due.',
    ['schedule'],
    occurrences(({ schedule, due }) => ({ labels: { schedule }, value: due })),
  );
  metrics.gauge(
    'mdl_schedule_last_status',
    'What became of the latest occurrence of a schedule: 1 at its status.',
    ['schedule', 'status'],
    occurrences(({ schedule, status }) => ({ labels: { schedule, status }, value: 1 })),
  );
}

function addRuns(metrics: Metrics, stateOf: () => ProjectState | null | undefined): void {
  const runs = (what: 'history' | 'totals') => () =>
    (stateOf()?.[what] ?? []).map(({ status, cause, runs }) => ({ labels: { status, cause }, value: runs }));
  metrics.gauge(
    'mdl_history_runs',
    'Runs that the history holds; retention takes the oldest away.',
    ['status', 'cause'],
    runs('history'),
  );
  metrics.counter(
    'mdl_runs_total',
    'Runs that have ended since this server was first scraped.',
    ['status', 'cause'],
    runs('totals'),
  );
  metrics.counter('mdl_loaded_rows_total', 'Rows that those runs read from sources.', [], () =>
    known(stateOf()?.rows),
  );
  metrics.counter('mdl_rejected_rows_total', 'Rows that those runs could not load.', [], () =>
    known(stateOf()?.rejected),
  );
  metrics.gauge('mdl_runs_in_progress', 'Runs that are going on.', [], () => known(stateOf()?.running));
}

function addLastRun(metrics: Metrics, stateOf: () => ProjectState | null | undefined): void {
  const last = () => stateOf()?.last;
  const count = (name: string) => () => known(last()?.counts?.[name]);
  metrics.gauge(
    'mdl_last_run_status',
    'How the last run ended: 1 at its status, 0 at the others.',
    ['status'],
    () => {
      const run = last();
      return run
        ? endings.map((status) => ({ labels: { status }, value: run.status === status ? 1 : 0 }))
        : [];
    },
  );
  metrics.gauge('mdl_last_run_duration_seconds', 'How long the last run took.', [], () =>
    known(last()?.seconds),
  );
  metrics.gauge('mdl_last_run_finished_timestamp_seconds', 'When the last run ended.', [], () =>
    known(last()?.finished),
  );
  metrics.gauge('mdl_last_run_success_timestamp_seconds', 'When a run last ended well.', [], () =>
    known(stateOf()?.succeeded),
  );
  metrics.gauge(
    'mdl_last_run_loaded_rows',
    'Rows that the last run read from sources.',
    [],
    count('rowsRead'),
  );
  metrics.gauge(
    'mdl_last_run_changed_rows',
    'Bronze rows that the last run added, changed or removed.',
    [],
    count('rowsChanged'),
  );
  metrics.gauge(
    'mdl_last_run_rejected_rows',
    'Rows that the last run could not load.',
    [],
    count('rejected'),
  );
  const named = (label: string, names: Readonly<Record<string, string>>) => () =>
    Object.entries(names).flatMap(([value, name]) =>
      count(name)().map((sample) => ({ ...sample, labels: { [label]: value } })),
    );
  metrics.gauge(
    'mdl_last_run_tests',
    'Data tests of the last run.',
    ['status'],
    named('status', { passed: 'testsPassed', warned: 'testsWarned', failed: 'testsFailed' }),
  );
  metrics.gauge(
    'mdl_last_run_nodes',
    'Loads, models and tests of the last run that failed, were skipped, were published.',
    ['status'],
    named('status', { failed: 'failed', skipped: 'skipped', published: 'published' }),
  );
}

function addFreshness(metrics: Metrics, stateOf: () => ProjectState | null | undefined): void {
  const age = (state: ProjectState, since: number) =>
    Math.max(0, state.now - since + (Date.now() - state.readAt) / 1000);
  metrics.gauge('mdl_last_publish_timestamp_seconds', 'When readers last got something new.', [], () =>
    known(stateOf()?.published),
  );
  metrics.gauge('mdl_publish_age_seconds', 'How long ago that was.', [], () => {
    const state = stateOf();
    return state?.published ? [{ value: age(state, state.published) }] : [];
  });
  metrics.gauge(
    'mdl_relation_age_seconds',
    'How long ago each bronze table and model was published.',
    ['relation'],
    () => {
      const state = stateOf();
      return (state?.relations ?? []).map(({ relation, published }) => ({
        labels: { relation },
        value: age(state!, published),
      }));
    },
  );
}
