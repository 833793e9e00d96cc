import type { Event, RunDetail, RunEvent, RunLoad, RunNode } from '../../../serve/ui/runs/shapes.ts';
import { begin, close, type Draft, end, type Lane, verdict, waiting, withWarnings } from './lane.ts';

export interface Timeline {
  /** Those that began, in that order; then what was skipped and what waits; at last the publish. */
  readonly lanes: readonly Lane[];
  readonly byNode: ReadonlyMap<string, Lane>;
  readonly from: number;
  /** Null while it goes on. */
  readonly to: number | null;
  readonly done: number;
}

/** A run's nodes against time, as far as its events and its history tell. */
export function makeTimeline(run: RunDetail, events: readonly RunEvent[]): Timeline {
  const drafts = new Map<string, Draft>();
  const draft = (node: string): Draft => {
    const lane = drafts.get(node) ?? waiting(node);
    drafts.set(node, lane);
    return lane;
  };
  for (const node of run.planned) draft(node);
  const publish: Draft = { ...waiting('publish'), kind: 'publish', bars: [] };
  for (const { event, at } of events) note(event, Date.parse(at), draft, publish);
  for (const node of run.nodes) fill(draft(node.node), node);
  for (const load of run.loads) fillLoad(draft(load.node), load);
  const to = endOf(run, events);
  const all = [...drafts.values()];
  if (to !== null) for (const lane of all) settle(lane, to);
  const order = (lane: Lane) =>
    lane.bars[0]?.from ?? (lane.state === 'waiting' ? Number.MAX_VALUE : Number.MAX_VALUE / 2);
  return {
    lanes: [...all.sort((a, b) => order(a) - order(b)), ...(publish.state === 'waiting' ? [] : [publish])],
    byNode: drafts,
    from: all.reduce((least, { bars }) => Math.min(least, bars[0]?.from ?? least), Date.parse(run.startedAt)),
    to,
    done: all.filter(({ state }) => state !== 'waiting' && state !== 'running').length,
  };
}

/** A run that crashed has ended with its last word: that it did was found out later. */
function endOf(run: RunDetail, events: readonly RunEvent[]): number | null {
  if (run.status === 'running') return null;
  const lastWord = Date.parse(events.at(-1)?.at ?? run.startedAt);
  return run.status === 'crashed' || run.finishedAt === null ? lastWord : Date.parse(run.finishedAt);
}

function note(event: Event, at: number, draft: (node: string) => Draft, publish: Draft): void {
  switch (event.event) {
    case 'run.started':
      for (const node of event.nodes) draft(node);
      return;
    case 'load.started': {
      const lane = draft(event.node);
      lane.source = event.source;
      begin(lane, 'load', event.strategy, at);
      return;
    }
    case 'model.started':
      begin(draft(event.node), 'model', event.materialized, at);
      return;
    case 'load.progress':
      draft(event.node).rows = event.rows;
      return;
    case 'load.finished': {
      const lane = draft(event.node);
      lane.kind = 'load';
      lane.rows = event.read;
      lane.counts = event;
      lane.error = event.error ?? null;
      end(lane, event.rejected > 0 && event.status === 'succeeded' ? 'warned' : event.status, at, event);
      return;
    }
    case 'model.finished': {
      const lane = draft(event.node);
      lane.kind = 'model';
      lane.materialized = event.materialized;
      lane.rows = event.rows ?? null;
      lane.tests = event.tests;
      lane.error = event.error ?? null;
      lane.reason = event.reason ?? null;
      end(lane, withWarnings(event.status, event.tests), at, event);
      return;
    }
    case 'test.finished': {
      const lane = draft(event.node);
      lane.kind ??= 'test';
      lane.tests = [...lane.tests, ...event.results];
      end(lane, verdict(event.results), at, event);
      return;
    }
    case 'node.skipped': {
      const lane = draft(event.node);
      lane.kind = event.kind;
      lane.state = 'skipped';
      lane.because = event.because;
      return;
    }
    case 'publish.retried':
      publish.attempts = event.attempt;
      return;
    case 'publish.finished':
      publish.attempts = event.attempts;
      end(publish, 'succeeded', at, event);
      return;
    case 'publish.refused':
      publish.state = 'skipped';
      publish.because = event.because;
      return;
    case 'node.retried': {
      // The attempt has its bar; the next begins with the next event of the node.
      const lane = draft(event.node);
      close(lane, 'failed', at);
      lane.attempts = event.attempt;
    }
  }
}

/** What the events do not tell. */
function fill(lane: Draft, node: RunNode): void {
  lane.attempts = Math.max(lane.attempts, node.attempts);
  if (lane.state !== 'waiting' && lane.state !== 'running') return;
  lane.kind = node.kind;
  lane.materialized = node.materialized;
  lane.rows = node.rows;
  lane.tests = node.tests;
  lane.error = node.error;
  const state = node.kind === 'test' ? verdict(node.tests) : withWarnings(node.status, node.tests);
  if (node.status === 'skipped') lane.state = 'skipped';
  else end(lane, state, Date.parse(node.finishedAt), node);
}

function fillLoad(lane: Draft, load: RunLoad): void {
  lane.kind = 'load';
  lane.source = load.source;
  lane.materialized = load.strategy;
  lane.counts ??= load;
}

/** The run has ended: what still seems to go on was interrupted, what waits will not come. */
function settle(lane: Draft, at: number): void {
  close(lane, 'interrupted', at);
  if (lane.state === 'running') lane.state = 'interrupted';
  if (lane.state === 'waiting') lane.state = 'skipped';
}
