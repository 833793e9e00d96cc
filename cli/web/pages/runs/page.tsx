import { texts } from '../../app/language.ts';
import type { PageProps } from '../../app/page-props.ts';
import { HistoryPage } from './history-page.tsx';
import { RunPage } from './run-page.tsx';
import { SchedulesPage } from './schedules-page.tsx';
import '../../styles/gantt.css';
import '../../styles/run-node.css';
import '../../styles/runs.css';

/** The history of runs, the schedules, or one run. */
export function Page({ rest }: PageProps) {
  const id = /^[1-9]\d{0,14}$/.test(rest) ? Number(rest) : undefined;
  if (id !== undefined) return <RunPage key={id} runId={id} />;
  if (rest === '') return <HistoryPage />;
  if (rest === 'schedules') return <SchedulesPage />;
  const { app, runs } = texts.value;
  return (
    <div class="notice">
      <h1>{app.notFound}</h1>
      <a href="/ui/runs">{runs.title}</a>
    </div>
  );
}
