import { formatNumber } from '../../app/format.ts';
import { texts } from '../../app/language.ts';
import type { Line, Tone } from './words.ts';

const signs: Readonly<Record<Tone, string>> = { good: '✓', bad: '✗', warn: '!', plain: '·' };

/** Lines of a log: seconds from the beginning, the node, what happened. */
export function LogLines({
  lines,
  from,
  nodeHref,
}: {
  readonly lines: readonly Line[];
  /** The beginning of the run. */
  readonly from: number;
  /** Where the names of nodes lead; without it they are left out. */
  readonly nodeHref?: (node: string) => string;
}) {
  return (
    <ol class={nodeHref ? 'log-lines' : 'log-lines of-node'}>
      {lines.map(({ seq, at, node, text, tone }) => (
        <li key={seq} class={tone}>
          <time dateTime={new Date(at).toISOString()}>{secondsText(at - from)}</time>
          <span class="tone" aria-hidden="true">
            {signs[tone]}
          </span>
          {nodeHref && (
            <span class="node">
              {node === null ? (
                <span class="dim">{texts.value.runs.columns.run}</span>
              ) : (
                <a href={nodeHref(node)}>{node}</a>
              )}
            </span>
          )}
          <span class="text">{text}</span>
        </li>
      ))}
    </ol>
  );
}

/** `+12.345 s` in the language. */
export function secondsText(ms: number): string {
  return `+${formatNumber(Math.max(0, ms) / 1000, {
    style: 'unit',
    unit: 'second',
    unitDisplay: 'narrow',
    minimumFractionDigits: 2,
    maximumFractionDigits: 2,
  })}`;
}
