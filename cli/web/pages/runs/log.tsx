import { useEffect, useRef, useState } from 'preact/hooks';
import { formatNumber } from '../../app/format.ts';
import { texts } from '../../app/language.ts';
import { query, setQuery } from '../../app/router.ts';
import { saveText } from '../../parts/save.ts';
import type { Followed } from './follow.ts';
import { LogLines, secondsText } from './log-lines.tsx';
import type { Line } from './words.ts';

/** As many of the latest lines stand in the page; more on demand. */
const linesAtOnce = 500;
/** Nearer to the end than that, the log follows it. */
const nearEnd = 40;

/** All that a run told, in words. */
export function RunLog({
  runId,
  followed: { events, isRead, isComplete },
  lines,
}: {
  readonly runId: number;
  readonly followed: Followed;
  readonly lines: readonly Line[];
}) {
  const { app, runs } = texts.value;
  const { log: words } = runs;
  const scroller = useRef<HTMLElement>(null);
  const isAtEnd = useRef(true);
  const [limit, setLimit] = useState(linesAtOnce);
  const [isCopied, setCopied] = useState(false);
  const node = query.value.get('node');
  const text = query.value.get('text') ?? '';
  const wanted = text.toLowerCase();
  const found = lines.filter(
    (line) =>
      (node === null || line.node === node) &&
      (wanted === '' || `${line.node ?? ''} ${line.text}`.toLowerCase().includes(wanted)),
  );
  const shown = found.slice(-limit);
  const from = lines[0]?.at ?? 0;
  const nodes = [...new Set(lines.flatMap((line) => line.node ?? []))].sort();
  // With each line that comes
  useEffect(() => {
    if (!isComplete && isAtEnd.current) scroller.current?.scrollTo({ top: scroller.current.scrollHeight });
  }, [shown.length, isComplete]);
  const copy = async () => {
    await navigator.clipboard.writeText(
      found.map((line) => `${secondsText(line.at - from)}\t${line.node ?? ''}\t${line.text}\n`).join(''),
    );
    setCopied(true);
    setTimeout(() => setCopied(false), 2000);
  };
  const download = () =>
    saveText(
      events
        .filter(({ event }) => node === null || ('node' in event && event.node === node))
        .map(({ seq, at, event }) => `${JSON.stringify({ seq, time: at, ...event })}\n`)
        .join(''),
      `run-${runId}.jsonl`,
      'application/x-ndjson',
    );
  if (isRead && isComplete && events.length === 0) return <p class="dim">{words.notKept}</p>;
  return (
    <>
      <search class="run-filters" aria-label={runs.filter.label}>
        <label>
          {words.node}
          <select
            value={node ?? ''}
            onChange={({ currentTarget: { value } }) => setQuery({ node: value || null })}
          >
            <option value="">{words.allNodes}</option>
            {(node === null || nodes.includes(node) ? nodes : [node, ...nodes]).map((name) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <label>
          {words.filter}
          <input
            type="search"
            value={text}
            onInput={({ currentTarget: { value } }) => setQuery({ text: value || null })}
          />
        </label>
        <span class="dim" role="status">
          {words.lines(formatNumber(found.length), formatNumber(lines.length))}
        </span>
        <span class="log-tools">
          <button type="button" disabled={found.length === 0} onClick={() => void copy()}>
            {isCopied ? app.copied : app.copy}
          </button>
          <button type="button" disabled={events.length === 0} onClick={download}>
            {words.download}
          </button>
        </span>
      </search>
      {/* A region that scrolls has to be reached by the keyboard. */}
      <section
        ref={scroller}
        class="run-log"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: see above
        tabIndex={0}
        aria-label={words.label}
        onScroll={({ currentTarget: { scrollTop, clientHeight, scrollHeight } }) => {
          isAtEnd.current = scrollTop + clientHeight > scrollHeight - nearEnd;
        }}
      >
        {found.length > shown.length && (
          <button type="button" onClick={() => setLimit(limit + linesAtOnce)}>
            {words.earlier}
          </button>
        )}
        {found.length === 0 && <p class="dim">{words.empty}</p>}
        <LogLines
          lines={shown}
          from={from}
          nodeHref={(name) => `/ui/runs/${runId}?node=${encodeURIComponent(name)}`}
        />
      </section>
    </>
  );
}
