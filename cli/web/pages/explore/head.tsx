import { texts } from '../../app/language.ts';
import type { ShownColumn } from './columns.ts';
import { isFigure, isSameSort, type Sort } from './view.ts';

/** The names of the columns: a click sorts by one, one with Shift by one more. */
export function Head({
  columns,
  sort,
  onSort,
}: {
  readonly columns: readonly ShownColumn[];
  readonly sort: readonly Sort[];
  readonly onSort: (by: Sort['by'], adds: boolean) => void;
}) {
  const { explore } = texts.value;
  return (
    <thead>
      <tr aria-rowindex={1}>
        <th scope="col" class="number">
          <span class="hidden">{explore.rowNumber}</span>
        </th>
        {columns.map((column) => {
          const at = sort.findIndex(({ by }) => isSameSort(by, column.by));
          const isDescending = sort[at]?.isDescending;
          return (
            <th
              key={column.name}
              scope="col"
              class={column.kind === 'number' ? 'number' : undefined}
              aria-sort={at < 0 ? 'none' : isDescending ? 'descending' : 'ascending'}
            >
              <button
                type="button"
                class="plain"
                title={[column.description, explore.sortHint].filter(Boolean).join('\n')}
                onClick={(event) => onSort(column.by, event.shiftKey)}
              >
                <span class="name">{labelOf(column)}</span>
                {at >= 0 && (
                  <span class="direction" aria-hidden="true">
                    {isDescending ? '▼' : '▲'}
                    {sort.length > 1 && at + 1}
                  </span>
                )}
              </button>
            </th>
          );
        })}
      </tr>
    </thead>
  );
}

/** What a column is called on the page: `receita: sum`. */
export function labelOf({ name, by }: ShownColumn): string {
  if (!isFigure(by)) return name;
  const word = texts.value.explore.figure[by.aggregate];
  return by.column === null ? word : `${by.column}: ${word}`;
}
