import type { RunSummary, TestResult } from '../../../serve/ui/runs/shapes.ts';
import { texts } from '../../app/language.ts';
import type { LaneState } from './lane.ts';

/** Each state has its sign: colours alone do not tell it. */
export const signs: Readonly<Record<LaneState, string>> = {
  waiting: '○',
  running: '▸',
  succeeded: '✓',
  unchanged: '=',
  warned: '!',
  failed: '✗',
  skipped: '–',
  interrupted: '■',
};

const tones: Readonly<Record<string, string>> = {
  running: 'busy',
  succeeded: 'good',
  passed: 'good',
  warned: 'warn',
  interrupted: 'warn',
  missed: 'warn',
  overlap: 'warn',
  busy: 'warn',
  overtaken: 'warn',
  failed: 'bad',
  errored: 'bad',
  crashed: 'bad',
  'timed out': 'bad',
};

const otherSigns: Readonly<Record<string, string>> = {
  passed: '✓',
  errored: '✗',
  crashed: '✗',
  'timed out': '✗',
  missed: '–',
  overlap: '–',
  busy: '–',
  overtaken: '■',
};

export function Badge({ state, children }: { readonly state: string; readonly children: string }) {
  const sign = signs[state as LaneState] ?? otherSigns[state];
  return (
    <span class={`state ${tones[state] ?? ''}`}>
      {sign && <span aria-hidden="true">{sign}</span>}
      {children}
    </span>
  );
}

export function RunBadge({ run }: { readonly run: Pick<RunSummary, 'status' | 'isCancelling'> }) {
  const { status } = texts.value.runs;
  const isCancelling = run.isCancelling && run.status === 'running';
  return <Badge state={run.status}>{isCancelling ? status.cancelling : status[run.status]}</Badge>;
}

export function StateBadge({ state }: { readonly state: LaneState }) {
  return <Badge state={state}>{texts.value.runs.state[state]}</Badge>;
}

export function TestBadge({ status }: { readonly status: TestResult['status'] }) {
  return <Badge state={status}>{texts.value.runs.test[status]}</Badge>;
}
