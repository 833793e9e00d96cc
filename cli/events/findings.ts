import type { ErrorRecord } from '../errors/index.js';
import type { Event, TestResult } from './events.js';

/** Something of a run that failed, or that warns. */
export interface Finding {
  /** The node, or the name of a hook. */
  readonly node: string;
  readonly kind: 'load' | 'model' | 'test' | 'hook';
  readonly error?: ErrorRecord | undefined;
  /** Those of its tests that failed, or that warn, with their first rows. */
  readonly tests: readonly TestResult[];
  /** Rows that its load rejected. */
  readonly rejected?: number | undefined;
}

/** What a run has found so far. */
export interface Findings {
  readonly failures: readonly Finding[];
  readonly warnings: readonly Finding[];
  /** Models that readers see as this run built them. */
  readonly published: readonly string[];
}

/** Collects from the events what is told when a run ends: to hooks, and to people. */
export function collectFindings(): { read(event: Event): void; findings(): Findings } {
  const failures: Finding[] = [];
  const warnings: Finding[] = [];
  let published: readonly string[] = [];
  const note = (finding: Omit<Finding, 'tests'>, results: readonly TestResult[], failed: boolean) => {
    const broken = results.filter(({ status }) => status === 'failed' || status === 'errored');
    const warned = results.filter(({ status }) => status === 'warned');
    if (failed || broken.length > 0) failures.push({ ...finding, tests: broken });
    if (warned.length > 0 || (!failed && finding.rejected))
      warnings.push({ node: finding.node, kind: finding.kind, rejected: finding.rejected, tests: warned });
  };
  return {
    read(event) {
      switch (event.event) {
        case 'load.finished': {
          const { node, error, rejected } = event;
          note({ node, kind: 'load', error, rejected }, [], event.status === 'failed');
          break;
        }
        case 'model.finished':
          note(
            { node: event.node, kind: 'model', error: event.error },
            event.tests,
            event.status === 'failed',
          );
          break;
        case 'test.finished':
          note({ node: event.node, kind: 'test' }, event.results, false);
          break;
        case 'hook.finished':
          note({ node: event.hook, kind: 'hook', error: event.error }, [], event.status === 'failed');
          break;
        case 'publish.finished':
          published = event.nodes;
          break;
      }
    },
    findings: () => ({ failures: [...failures], warnings: [...warnings], published }),
  };
}
