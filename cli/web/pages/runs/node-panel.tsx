import { useEffect, useRef } from 'preact/hooks';
import { formatDuration, formatNumber } from '../../app/format.ts';
import { texts } from '../../app/language.ts';
import { project } from '../../app/project.ts';
import { setQuery } from '../../app/router.ts';
import { StateBadge } from './badges.tsx';
import { ErrorBox } from './error-box.tsx';
import { becauseOf, tookOf } from './gantt-row.tsx';
import type { Lane } from './lane.ts';
import { LogLines } from './log-lines.tsx';
import { NodeTests } from './node-tests.tsx';
import type { Line } from './words.ts';

/** What a run did with one node. */
export function NodePanel({
  runId,
  name,
  lane,
  lines,
  from,
  now,
}: {
  readonly runId: number;
  readonly name: string;
  /** Undefined: the run has no such node. */
  readonly lane: Lane | undefined;
  readonly lines: readonly Line[];
  readonly from: number;
  readonly now: number;
}) {
  const { runs, node: words } = { runs: texts.value.runs, node: texts.value.runs.node };
  const heading = useRef<HTMLHeadingElement>(null);
  // Who has chosen a node reads on there.
  useEffect(() => {
    heading.current?.focus({ preventScroll: true });
    // Beside the timeline it is seen; below it the page goes there.
    const isBelow = matchMedia('(max-width: 1080px)').matches;
    heading.current?.scrollIntoView({ block: isBelow ? 'start' : 'nearest' });
  }, []);
  return (
    <aside class="node-panel panel" aria-labelledby="node-name">
      <header>
        <h2 id="node-name" ref={heading} tabIndex={-1}>
          {name}
        </h2>
        <button type="button" class="plain" aria-label={words.close} onClick={() => closePanel(name)}>
          ✕
        </button>
      </header>
      {lane ? (
        <>
          <p class="node-facts">
            <StateBadge state={lane.state} />
            {lane.kind && <span>{runs.kind[lane.kind]}</span>}
            {lane.materialized && <code>{lane.materialized}</code>}
            {lane.source && <span class="dim">{lane.source}</span>}
          </p>
          {becauseOf(lane) && <p>{becauseOf(lane)}</p>}
          {lane.reason && <p class="dim">{lane.reason}</p>}
          <Numbers lane={lane} now={now} />
          {lane.error && <ErrorBox error={lane.error} />}
          <NodeTests runId={runId} tests={lane.tests} />
          {lines.length > 0 && (
            <section aria-labelledby="node-log">
              <h3 id="node-log">{words.log}</h3>
              <LogLines lines={lines} from={from} />
            </section>
          )}
        </>
      ) : (
        <p>{words.unknown(name)}</p>
      )}
      <Links name={name} />
    </aside>
  );
}

function closePanel(name: string): void {
  setQuery({ node: null });
  // Back to where it was chosen.
  requestAnimationFrame(() => {
    for (const row of document.querySelectorAll<HTMLElement>('a.gantt-row'))
      if (row.querySelector('.name')?.textContent === name) row.focus();
  });
}

function Numbers({ lane, now }: { readonly lane: Lane; readonly now: number }) {
  const { node: words } = texts.value.runs;
  const { counts, rows, attempts } = lane;
  const took = tookOf(lane, now);
  const facts: (readonly [name: string, text: string])[] = [];
  const add = (name: string, count: number) => facts.push([name, formatNumber(count)]);
  if (took !== undefined) facts.push([words.took, formatDuration(took)]);
  if (counts) {
    add(words.read, counts.read);
    add(words.inserted, counts.inserted);
    add(words.updated, counts.updated);
    add(words.unchanged, counts.unchanged);
    add(words.rejected, counts.rejected);
  } else if (rows !== null) add(words.rows, rows);
  if (attempts > 1) add(words.attempts, attempts);
  if (facts.length === 0) return null;
  return (
    <dl class="node-numbers" aria-label={words.facts}>
      {facts.map(([name, text]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{text}</dd>
        </div>
      ))}
    </dl>
  );
}

function Links({ name }: { readonly name: string }) {
  const { node: words } = texts.value.runs;
  const exposed = project.value?.relations.find(({ node }) => node === name);
  return (
    <p class="node-links">
      <a href={`/ui/catalog/${name}`}>{words.catalog}</a>
      {exposed && <a href={`/ui/explore/${exposed.schema}.${exposed.name}`}>{words.explore}</a>}
    </p>
  );
}
