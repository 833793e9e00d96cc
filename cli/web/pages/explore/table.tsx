import type { RefObject } from 'preact';
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { formatNumber } from '../../app/format.ts';
import { language, texts } from '../../app/language.ts';
import { Cell, type Shown } from './cell.tsx';
import { cellText } from './cell-text.ts';
import { type ShownColumn, shownColumns } from './columns.ts';
import { Head } from './head.tsx';
import type { Rows } from './rows.ts';
import type { Sort } from './view.ts';

/** As high as the style sheet makes them. */
const rowHeight = 32;
/** Rows that are made above and below what is seen. */
const margin = 10;
/** Widths in characters. */
const [narrowest, widest] = [8, 44];

/** The rows that are near what is seen, in a table that is as high as if all were there. */
export function Table({
  rows,
  isBusy,
  sort,
  onSort,
  onShow,
}: {
  readonly rows: Rows;
  readonly isBusy: boolean;
  /** What is wished for, if not there yet. */
  readonly sort: readonly Sort[];
  readonly onSort: (by: Sort['by'], adds: boolean) => void;
  readonly onShow: (shown: Shown) => void;
}) {
  const { explore } = texts.value;
  const { view, relation } = rows;
  const { count, isReady, total, isExact } = rows.state.value;
  const frame = useRef<HTMLElement>(null);
  const { first, last } = useWindow(frame, rows, count);
  const columns = useMemo(() => shownColumns(view, relation), [view, relation]);
  const widths = useMemo(() => widthsOf(columns, rows), [columns, rows, isReady, language.value]);
  const numberWidth = formatNumber(view.offset + count).length + 4;
  const indexes = Array.from({ length: last - first }, (_, i) => first + i);
  return (
    // A region that scrolls has to be reached by the keyboard.
    // biome-ignore lint/a11y/noNoninteractiveTabindex: see above
    <section ref={frame} class="explore-rows" tabIndex={0} aria-label={relation.name} aria-busy={isBusy}>
      <table
        aria-rowcount={isExact && total !== undefined ? total + 1 : -1}
        style={{ width: `${widths.reduce((sum, width) => sum + width, numberWidth)}ch` }}
      >
        <caption class="hidden">{relation.description ?? relation.name}</caption>
        <colgroup>
          <col style={{ width: `${numberWidth}ch` }} />
          {columns.map(({ name }, i) => (
            <col key={name} style={{ width: `${widths[i]}ch` }} />
          ))}
        </colgroup>
        <Head columns={columns} sort={sort} onSort={onSort} />
        <tbody>
          <Space rows={first} columns={columns.length + 1} />
          {indexes.map((index) => {
            const row = rows.row(index);
            const number = formatNumber(view.offset + index + 1);
            return (
              <tr key={index} aria-rowindex={view.offset + index + 2} class={row ? undefined : 'absent'}>
                <td class="number">
                  {row ? (
                    <button
                      type="button"
                      class="plain"
                      aria-label={explore.row(number)}
                      onClick={() => onShow({ row, column: null, number })}
                    >
                      {number}
                    </button>
                  ) : (
                    number
                  )}
                </td>
                {columns.map((column, i) => (
                  <td key={column.name} class={column.kind === 'number' ? 'number' : undefined}>
                    {row ? (
                      <Cell
                        row={row}
                        column={column}
                        width={widths[i]!}
                        relation={relation}
                        onShow={() => onShow({ row, column, number })}
                      />
                    ) : (
                      '…'
                    )}
                  </td>
                ))}
              </tr>
            );
          })}
          <Space rows={count - last} columns={columns.length + 1} />
        </tbody>
      </table>
    </section>
  );
}

/** Rows that are not made. */
function Space({ rows, columns }: { readonly rows: number; readonly columns: number }) {
  if (rows <= 0) return null;
  return (
    <tr class="space">
      <td colSpan={columns} style={{ height: `${rows * rowHeight}px` }} />
    </tr>
  );
}

/** Which rows are near what is seen; they are asked for once one stays there. */
function useWindow(frame: RefObject<HTMLElement | null>, rows: Rows, count: number) {
  const [seen, setSeen] = useState({ top: 0, height: 30 });
  useEffect(() => {
    const element = frame.current!;
    const look = () => {
      // In steps: not each pixel is news.
      const top = Math.floor(element.scrollTop / rowHeight / 5) * 5;
      const height = Math.ceil(element.clientHeight / rowHeight) + 5;
      setSeen((before) => (before.top === top && before.height === height ? before : { top, height }));
    };
    look();
    const observer = new ResizeObserver(look);
    observer.observe(element);
    element.addEventListener('scroll', look, { passive: true });
    return () => {
      observer.disconnect();
      element.removeEventListener('scroll', look);
    };
  }, [frame]);
  // Another view begins at its top.
  useLayoutEffect(() => {
    frame.current!.scrollTop = 0;
  }, [rows]);
  const first = Math.max(0, Math.min(seen.top - margin, count - seen.height));
  const last = Math.min(count, seen.top + seen.height + margin);
  useEffect(() => {
    const isThere = rows.row(first) !== undefined && rows.row(last - 1) !== undefined;
    // Who drags the bar passes by thousands of rows that nobody wants to see.
    const wait = setTimeout(() => rows.need(first, last), isThere ? 0 : 60);
    return () => clearTimeout(wait);
  }, [rows, first, last]);
  return { first, last };
}

/** From the first rows: a table that measured all that passes by would jump about. */
function widthsOf(columns: readonly ShownColumn[], rows: Rows): readonly number[] {
  const sample = Array.from({ length: 100 }, (_, i) => rows.row(i)).filter((row) => row !== undefined);
  return columns.map((column) => {
    const longest = Math.max(
      column.name.length + (column.by.column === column.name ? 3 : 8),
      ...sample.map((row) => {
        const value = row[column.name];
        return value === null || value === undefined ? 4 : cellText(value, column).length;
      }),
    );
    return Math.min(Math.max(longest, narrowest), widest) + 3;
  });
}
