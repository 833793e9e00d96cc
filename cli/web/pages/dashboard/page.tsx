import '../../styles/dashboard.css';
import { useMemo, useRef } from 'preact/hooks';
import { labelOf } from '../../app/labels.ts';
import { inLanguage, language, texts } from '../../app/language.ts';
import type { PageProps } from '../../app/page-props.ts';
import { project } from '../../app/project.ts';
import { type Board, boardsOf, type Placed } from './boards.ts';
import { Card } from './card.tsx';
import { timeColumnOf } from './fields.ts';
import { FilterBar } from './filter-bar.tsx';
import { type Conditions, conditionsFor, filters } from './filters.ts';
import { useFilterColumns, useLastDay } from './options.ts';
import { type DayRange, periodBefore, rangeOf } from './range.ts';

/** A dashboard: the one that the path names, else the first. */
export function Page({ rest }: PageProps) {
  const { dashboard } = texts.value;
  const shown = project.value!;
  const before = useRef<readonly Board[]>([]);
  const boards = useMemo(() => boardsOf(shown, before.current), [shown, language.value]);
  before.current = boards;
  const board = rest === '' ? boards[0] : boards.find(({ name }) => name === rest);
  if (!board)
    return (
      <div class="notice">
        <h1>{boards.length === 0 ? dashboard.empty : texts.value.app.notFound}</h1>
        <p>{boards.length === 0 ? dashboard.emptyHint : <a href="/">{texts.value.app.home}</a>}</p>
      </div>
    );
  return (
    <>
      {boards.length > 1 && (
        <nav class="boards" aria-label={dashboard.pages}>
          {boards.map(({ name, title }, i) => (
            <a
              key={name}
              href={i === 0 ? '/' : `/ui/dashboard/${encodeURIComponent(name)}`}
              aria-current={name === board.name ? 'page' : undefined}
            >
              {title === null ? dashboard.overview : inLanguage(title)}
            </a>
          ))}
        </nav>
      )}
      <BoardView key={board.name} board={board} />
    </>
  );
}

function BoardView({ board }: { readonly board: Board }) {
  const { dashboard } = texts.value;
  const columns = useFilterColumns(board);
  const lastDay = useLastDay(board);
  const { range, days: own, values } = filters.value;
  const choosable = useMemo(() => new Set(columns?.map(({ name }) => name)), [columns]);
  const span = range ?? board.range;
  const isOwn = own.from !== null || own.to !== null;
  const days: DayRange = !isOwn && span !== null && span !== 'all' && lastDay ? rangeOf(span, lastDay) : own;
  // Asked with the wrong days first, everything would be read twice.
  const isReady = lastDay !== undefined || isOwn || span === null || span === 'all';
  return (
    <>
      <header class="board-head">
        <h1>{board.title === null ? dashboard.overview : inLanguage(board.title)}</h1>
        {board.description && <p class="dim">{inLanguage(board.description)}</p>}
        <FilterBar board={board} columns={columns ?? []} days={days} lastDay={lastDay ?? null} />
      </header>
      {isReady && (
        <div class="board">
          {board.charts.map((placed) => (
            <Card
              key={placed.id}
              choosable={choosable}
              {...cardProps(placed, days, lastDay ?? null, values)}
            />
          ))}
        </div>
      )}
    </>
  );
}

function cardProps(
  placed: Placed,
  days: DayRange,
  lastDay: string | null,
  values: ReadonlyMap<string, readonly string[]>,
) {
  const { chart, relation } = placed;
  const time = timeColumnOf(chart, relation);
  const own = chart.where.map((condition) => {
    const at = condition.indexOf('=');
    return [condition.slice(0, at), condition.slice(at + 1)] as const;
  });
  const under = (range: DayRange): Conditions => [...own, ...conditionsFor(relation, time, range, values)];
  const earlier =
    chart.kind === 'kpi' && chart.time !== null && lastDay !== null ? periodBefore(days, lastDay) : undefined;
  const known = new Set(relation.columns.map(({ name }) => name));
  const others = [...values.keys()].filter((name) => !known.has(name));
  const { dashboard } = texts.value;
  const isLimited = days.from !== null || days.to !== null;
  return {
    placed,
    conditions: under(days),
    before: earlier ? under(earlier) : null,
    notes: [
      ...(isLimited && time === undefined ? [dashboard.allTimeHere] : []),
      ...(others.length > 0 ? [dashboard.notFilteredBy(others.map(labelOf).join(', '))] : []),
    ],
  };
}
