import { useCallback, useEffect, useState } from 'preact/hooks';
import type { ScheduleSummary, SchedulesAnswer, TriggerSummary } from '../../../serve/ui/runs/shapes.ts';
import { formatAgo, formatMoment, formatNumber } from '../../app/format.ts';
import { askJson } from '../../app/http.ts';
import { texts } from '../../app/language.ts';
import { onEvent } from '../../app/live.ts';
import { project } from '../../app/project.ts';
import { Failure, Loading } from '../../parts/states.tsx';
import { Badge } from './badges.tsx';
import { serverNow } from './follow.ts';
import { Sections } from './sections.tsx';

/** What comes due is seen soon after, also where no run tells of it. */
const readEveryMs = 15_000;
const quietMs = 500;

/** When runs begin by themselves, and what became of it. */
export function SchedulesPage() {
  const { runs: words } = texts.value;
  const { schedules } = words;
  const { answer, error, read } = useSchedules();
  if (error && !answer) return <Failure error={error} retry={read} />;
  if (!answer) return <Loading />;
  const hasNone = answer.schedules.length === 0 && answer.triggers.length === 0;
  return (
    <div class="runs">
      <header class="runs-head">
        <h1>{schedules.title}</h1>
      </header>
      <Sections />
      {hasNone ? (
        <div class="notice">
          <h2>{schedules.none}</h2>
          <p>{schedules.noneHint}</p>
          <pre>{"schedule: { cron: '0 6 * * *', timezone: 'America/Recife' }"}</pre>
        </div>
      ) : (
        <p class={answer.isActive ? 'daemon good' : 'daemon warn'} role="status">
          <span aria-hidden="true">{answer.isActive ? '✓' : '!'}</span>{' '}
          {answer.isActive ? schedules.active : schedules.inactive}
        </p>
      )}
      <div class="schedules">
        {answer.schedules.map((schedule) => (
          <ScheduleCard key={schedule.name} schedule={schedule} />
        ))}
      </div>
      {answer.triggers.length > 0 && <Triggers triggers={answer.triggers} />}
    </div>
  );
}

function useSchedules() {
  const [answer, setAnswer] = useState<SchedulesAnswer>();
  const [error, setError] = useState<unknown>();
  const read = useCallback(async () => {
    try {
      setAnswer(await askJson<SchedulesAnswer>('/ui/api/schedules'));
      setError(undefined);
    } catch (failure) {
      setError(failure);
    }
  }, []);
  const isOperator = project.value?.access.isOperator;
  // Whoever signs in asks anew.
  useEffect(() => void read(), [read, isOperator]);
  useEffect(() => {
    let soon: ReturnType<typeof setTimeout> | undefined;
    const timer = setInterval(() => void read(), readEveryMs);
    const deafen = onEvent(({ event }) => {
      if (event !== 'run') return;
      soon ??= setTimeout(() => {
        soon = undefined;
        void read();
      }, quietMs);
    });
    return () => {
      clearInterval(timer);
      clearTimeout(soon);
      deafen();
    };
  }, [read]);
  return { answer, error, read };
}

function ScheduleCard({ schedule }: { readonly schedule: ScheduleSummary }) {
  const { runs: words } = texts.value;
  const { schedules } = words;
  const { name, cron, timezone, command, select, next, occurrences } = schedule;
  const id = `schedule-${name}`;
  return (
    <section class="panel schedule" aria-labelledby={id}>
      <h2 id={id}>{name}</h2>
      <dl>
        <dt>Cron</dt>
        <dd>
          <code>{cron}</code> <span class="dim">{timezone}</span>
        </dd>
        <dt>{schedules.runs}</dt>
        <dd>
          <code>{[command, ...select].join(' ')}</code>
          {select.length === 0 && <span class="dim"> {words.everything}</span>}
        </dd>
        <dt>{schedules.next}</dt>
        <dd>
          {next === null ? (
            schedules.never
          ) : (
            <>
              <time dateTime={next}>{formatMoment(next)}</time>{' '}
              <span class="dim">({formatAgo(next, serverNow())})</span>
            </>
          )}
        </dd>
      </dl>
      <h3>{schedules.latest}</h3>
      {occurrences.length === 0 ? (
        <p class="dim">{schedules.noneDue}</p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls has to be reached by the keyboard
        <section class="scroll" tabIndex={0} aria-label={`${name}: ${schedules.latest}`}>
          <table>
            <thead>
              <tr>
                <th scope="col">{schedules.due}</th>
                <th scope="col">{schedules.status}</th>
                <th scope="col" class="number">
                  {schedules.attempts}
                </th>
                <th scope="col">{schedules.run}</th>
              </tr>
            </thead>
            <tbody>
              {occurrences.map(({ due, status, attempts, runId }) => (
                <tr key={due}>
                  <td>
                    <time dateTime={due}>{formatMoment(due)}</time>
                  </td>
                  <td>
                    <Badge state={status}>
                      {schedules.occurrence[status as keyof typeof schedules.occurrence] ?? status}
                    </Badge>
                  </td>
                  <td class="number">{attempts > 0 ? formatNumber(attempts) : ''}</td>
                  <td>{runId !== null && <a href={`/ui/runs/${runId}`}>{words.run(String(runId))}</a>}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
    </section>
  );
}

function Triggers({ triggers }: { readonly triggers: readonly TriggerSummary[] }) {
  const { runs: words } = texts.value;
  const { schedules } = words;
  return (
    <section class="panel" aria-labelledby="triggers">
      <h2 id="triggers">{schedules.triggers}</h2>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls has to be reached by the keyboard */}
      <section class="scroll" tabIndex={0} aria-label={schedules.triggers}>
        <table>
          <thead>
            <tr>
              <th scope="col">{schedules.trigger}</th>
              <th scope="col">{schedules.watches}</th>
              <th scope="col">{schedules.fired}</th>
              <th scope="col">{schedules.run}</th>
            </tr>
          </thead>
          <tbody>
            {triggers.map(({ name, kind, watches, firedAt, runId }) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td>
                  {schedules.kind[kind as keyof typeof schedules.kind] ?? kind} <code>{watches}</code>
                </td>
                <td>
                  {firedAt === null ? (
                    <span class="dim">{schedules.notFired}</span>
                  ) : (
                    <time dateTime={firedAt}>{formatMoment(firedAt)}</time>
                  )}
                </td>
                <td>{runId !== null && <a href={`/ui/runs/${runId}`}>{words.run(String(runId))}</a>}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </section>
  );
}
