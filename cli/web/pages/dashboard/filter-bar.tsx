import { useId } from 'preact/hooks';
import { texts } from '../../app/language.ts';
import type { Board } from './boards.ts';
import { FilterMenu } from './filter-menu.tsx';
import { chooseDays, chooseRange, clearFilters, filters } from './filters.ts';
import type { FilterColumn } from './options.ts';
import { type DayRange, presets } from './range.ts';

/** What the page's charts are limited to. */
export function FilterBar({
  board,
  columns,
  days,
  lastDay,
}: {
  readonly board: Board;
  readonly columns: readonly FilterColumn[];
  /** The days that count now. */
  readonly days: DayRange;
  /** Null: nothing on the page tells of time. */
  readonly lastDay: string | null;
}) {
  const { dashboard } = texts.value;
  const { range, days: own, values } = filters.value;
  const id = useId();
  const isOwn = own.from !== null || own.to !== null;
  const shown = isOwn ? 'days' : (range ?? board.range ?? 'all');
  const spans = [
    ...new Set([...presets, ...[board.range, range].filter((span) => span !== null && span !== 'all')]),
  ] as string[];
  // Chosen by a mark or by who shared the URL: there are too many values to offer them all.
  const others = [...values.keys()]
    .filter((name) => !columns.some((column) => column.name === name))
    .map((name): FilterColumn => ({ name, kind: 'text', values: [] }));
  const isFiltered = isOwn || range !== null || values.size > 0;
  return (
    <search class="filters" aria-label={dashboard.filters}>
      {lastDay !== null && (
        <>
          <label for={`${id}-span`}>{dashboard.period}</label>
          <select
            id={`${id}-span`}
            value={shown}
            onChange={({ currentTarget: { value } }) => {
              if (value === 'days') chooseDays({ from: days.from ?? lastDay, to: days.to ?? lastDay });
              else chooseRange(value === (board.range ?? 'all') ? null : value);
            }}
          >
            <option value="all">{dashboard.allTime}</option>
            {spans.map((span) => (
              <option key={span} value={span}>
                {dashboard.last(Number.parseInt(span, 10), span.split(' ')[1]!.replace(/s$/, '') as 'day')}
              </option>
            ))}
            <option value="days">{dashboard.ownDays}</option>
          </select>
          {isOwn && (
            <>
              <label class="hidden" for={`${id}-from`}>
                {dashboard.from}
              </label>
              <input
                id={`${id}-from`}
                type="date"
                value={own.from ?? ''}
                max={own.to ?? undefined}
                onChange={(event) => chooseDays({ ...own, from: event.currentTarget.value || null })}
              />
              <span aria-hidden="true">–</span>
              <label class="hidden" for={`${id}-to`}>
                {dashboard.to}
              </label>
              <input
                id={`${id}-to`}
                type="date"
                value={own.to ?? ''}
                min={own.from ?? undefined}
                onChange={(event) => chooseDays({ ...own, to: event.currentTarget.value || null })}
              />
            </>
          )}
        </>
      )}
      {[...columns, ...others].map((column) => (
        <FilterMenu key={column.name} column={column} chosen={values.get(column.name) ?? []} />
      ))}
      {isFiltered && (
        <button type="button" class="plain" onClick={clearFilters}>
          {dashboard.clear}
        </button>
      )}
    </search>
  );
}
