import { texts } from '../../app/language.ts';
import { Popover } from '../../parts/popover.tsx';
import type { ViewProps } from './view.ts';

/** Which columns are shown, and in which order. */
export function ColumnMenu({ view, relation, show }: ViewProps) {
  const { explore } = texts.value;
  const all = relation.columns.map(({ name }) => name);
  const shown = view.columns ?? all;
  const choose = (columns: readonly string[]) => {
    const isWhole = columns.length === all.length && columns.every((name, i) => name === all[i]);
    // Nobody wants to see none.
    show({ ...view, columns: isWhole || columns.length === 0 ? null : columns });
  };
  const swapped = (at: number, other: number) =>
    shown.map((name, i) => (i === at ? shown[other]! : i === other ? shown[at]! : name));
  const names = [...shown, ...all.filter((name) => !shown.includes(name))];
  return (
    <Popover
      button={view.columns ? `${explore.columns} (${view.columns.length})` : explore.columns}
      label={explore.columns}
    >
      {() => (
        <div class="column-list">
          {names.map((name) => {
            const at = shown.indexOf(name);
            return (
              <div key={name}>
                <label>
                  <input
                    type="checkbox"
                    checked={at >= 0}
                    onChange={() => choose(at >= 0 ? shown.filter((one) => one !== name) : [...shown, name])}
                  />
                  {name}
                </label>
                {at >= 0 && (
                  <span>
                    <button
                      type="button"
                      class="plain"
                      disabled={at === 0}
                      aria-label={explore.earlier(name)}
                      onClick={() => choose(swapped(at, at - 1))}
                    >
                      ↑
                    </button>
                    <button
                      type="button"
                      class="plain"
                      disabled={at === shown.length - 1}
                      aria-label={explore.later(name)}
                      onClick={() => choose(swapped(at, at + 1))}
                    >
                      ↓
                    </button>
                  </span>
                )}
              </div>
            );
          })}
          <button type="button" disabled={view.columns === null} onClick={() => choose(all)}>
            {explore.allColumns}
          </button>
        </div>
      )}
    </Popover>
  );
}
