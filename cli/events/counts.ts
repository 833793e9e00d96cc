import type { Event, RunCounts } from './events.js';

/** The counts of a run that did nothing. */
export const noCounts: RunCounts = {
  models: 0,
  unchanged: 0,
  loads: 0,
  rowsRead: 0,
  rowsChanged: 0,
  rejected: 0,
  testsPassed: 0,
  testsWarned: 0,
  testsFailed: 0,
  published: 0,
  failed: 0,
  skipped: 0,
};

/** Counts what the events tell; the outcome and the history both have their numbers from here. */
export function countEvents(): { read(event: Event): void; counts(): RunCounts } {
  const counts = { ...noCounts };
  const countTests = (results: readonly { status: string }[]) => {
    for (const { status } of results) {
      if (status === 'passed') counts.testsPassed++;
      else if (status === 'warned') counts.testsWarned++;
      else counts.testsFailed++;
    }
  };
  return {
    read(event) {
      switch (event.event) {
        case 'load.finished':
          if (event.status === 'failed') counts.failed++;
          else counts.loads++;
          counts.rowsRead += event.read;
          counts.rowsChanged += event.inserted + event.updated;
          counts.rejected += event.rejected;
          break;
        case 'model.finished':
          if (event.status === 'failed') counts.failed++;
          else if (event.status === 'unchanged') counts.unchanged++;
          else counts.models++;
          countTests(event.tests);
          break;
        case 'test.finished':
          countTests(event.results);
          break;
        case 'node.skipped':
          counts.skipped++;
          break;
        case 'publish.finished':
          counts.published += event.nodes.length;
          break;
      }
    },
    counts: () => ({ ...counts }),
  };
}
