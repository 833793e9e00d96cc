import type { CatalogDetail } from '../../../serve/ui/catalog/shapes.ts';
import { formatAgo, formatDuration, formatMoment, formatNumber } from '../../app/format.ts';
import { texts } from '../../app/language.ts';
import { now } from '../../parts/catalog/store.ts';

const looks = {
  succeeded: ['good', '✓'],
  unchanged: ['idle', '='],
  warned: ['warn', '!'],
  failed: ['bad', '✕'],
  skipped: ['idle', '↷'],
  interrupted: ['idle', '■'],
} as const;

/** The latest runs of a node, with the way to each. */
export function History({ history }: Pick<CatalogDetail, 'history'>) {
  const { catalog: text } = texts.value;
  return (
    <section class="panel" aria-labelledby="history">
      <h2 id="history">{text.history}</h2>
      <table class="history-table">
        <thead>
          <tr>
            <th scope="col">{text.run}</th>
            <th scope="col">{text.state}</th>
            <th scope="col" class="number">
              {text.took}
            </th>
            <th scope="col" class="number">
              {text.rows}
            </th>
          </tr>
        </thead>
        <tbody>
          {history.map(({ runId, at, state, durationMs, rows }) => (
            <tr key={runId}>
              <th scope="row">
                <a href={`/ui/runs/${runId}`}>{formatNumber(runId, { useGrouping: false })}</a>{' '}
                <time class="dim" dateTime={at} title={formatMoment(at)}>
                  {formatAgo(at, now.value)}
                </time>
              </th>
              <td>
                <span class={`state ${looks[state][0]}`}>
                  <span aria-hidden="true">{looks[state][1]}</span>
                  {text.outcomes[state]}
                </span>
              </td>
              <td class="number">{formatDuration(durationMs)}</td>
              <td class="number">{rows === null ? '–' : formatNumber(rows)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
