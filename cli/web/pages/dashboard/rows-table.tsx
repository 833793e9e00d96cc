import { useEffect, useRef, useState } from 'preact/hooks';
import type { ProjectRelation } from '../../../serve/ui/shapes.ts';
import { texts } from '../../app/language.ts';
import { formatValue } from '../../app/number-format.ts';
import type { Row } from './datasets.ts';
import { filters, nullValue, toggleValue } from './filters.ts';
import { type TitleOf, titlesWith } from './titles.ts';

/** Rows that are put on the page at once; more come when their end comes near. */
const slice = 100;

interface RowsTableProps {
  readonly rows: readonly Row[];
  readonly columns: readonly string[];
  readonly relation: ProjectRelation;
  readonly formats?: Readonly<Record<string, string>>;
  readonly titleOf?: TitleOf;
  /** Columns whose cells choose their value, as a click on a mark does. */
  readonly choosable?: ReadonlySet<string>;
  readonly caption: string;
}

/** Rows as a table: numbers to the right, in the language's formats. */
export function RowsTable({
  rows,
  columns,
  relation,
  formats = {},
  titleOf = titlesWith(),
  choosable = new Set(),
  caption,
}: RowsTableProps) {
  const [count, end] = useCount(rows);
  const kinds = new Map(relation.columns.map(({ name, kind }) => [name, kind]));
  const kindOf = (name: string) =>
    kinds.get(name) ?? (typeof rows[0]?.[name] === 'number' ? 'number' : 'text');
  const described = new Map(relation.columns.map(({ name, description }) => [name, description]));
  const classOf = (name: string) => (/^(number|time)$/.test(kindOf(name)) ? kindOf(name) : undefined);
  const formatOf = (name: string) => formats[name] ?? ownFormat(relation, name);
  if (rows.length === 0) return <p class="dim">{texts.value.dashboard.noRows}</p>;
  return (
    // A region that scrolls has to be reached by the keyboard.
    // biome-ignore lint/a11y/noNoninteractiveTabindex: see above
    <section class="scroll chart-rows" tabIndex={0} aria-label={caption}>
      <table aria-rowcount={rows.length + 1}>
        <caption class="hidden">{caption}</caption>
        <thead>
          <tr>
            {columns.map((name) => (
              <th key={name} scope="col" class={classOf(name)} title={described.get(name) ?? undefined}>
                {titleOf(name)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, count).map((row, i) => (
            // Rows have no name of their own here.
            <tr key={i}>
              {columns.map((name) => {
                const text = formatValue(row[name], kindOf(name), formatOf(name));
                return (
                  <td key={name} class={classOf(name)}>
                    {choosable.has(name) ? <Choice column={name} value={row[name]} text={text} /> : text}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
      {count < rows.length && <div ref={end} class="more-rows" />}
    </section>
  );
}

/** `numeric(14,2)` has two digits behind the point in each row, so that they stand below each other. */
function ownFormat({ columns }: ProjectRelation, column: string): string | undefined {
  const type = columns.find(({ name }) => name === column)?.type;
  const scale = /^numeric\(\d+,(\d+)\)$/.exec(type ?? '')?.[1];
  return scale === undefined ? undefined : `,.${scale}f`;
}

/** A cell that limits the page to its value, or no more. */
function Choice({
  column,
  value,
  text,
}: {
  readonly column: string;
  readonly value: unknown;
  readonly text: string;
}) {
  const chosen = value === null || value === undefined ? nullValue : String(value);
  return (
    <button
      type="button"
      class="choice"
      aria-pressed={filters.value.values.get(column)?.includes(chosen) ?? false}
      onClick={() => toggleValue(column, chosen)}
    >
      {text || texts.value.dashboard.none}
    </button>
  );
}

/** How many rows are shown, and what stands below them: when it is nearly seen, more are. */
function useCount(rows: readonly Row[]) {
  const [count, setCount] = useState(slice);
  const end = useRef<HTMLDivElement>(null);
  useEffect(() => setCount(slice), [rows]);
  useEffect(() => {
    if (!end.current) return;
    const observer = new IntersectionObserver(
      (entries) => {
        if (entries.some(({ isIntersecting }) => isIntersecting)) setCount((before) => before + slice);
      },
      { root: end.current.parentElement, rootMargin: '600px' },
    );
    observer.observe(end.current);
    return () => observer.disconnect();
  }, [count, rows]);
  return [count, end] as const;
}
