import type { ProjectRelation } from '../../../serve/ui/shapes.ts';
import { formatDay } from '../../app/format.ts';
import { texts } from '../../app/language.ts';
import { Popover } from '../../parts/popover.tsx';
import { cellText } from './cell-text.ts';
import { FilterForm } from './filter-form.tsx';
import { givenTo, toDraft } from './operators.ts';
import type { Filter, ViewProps } from './view.ts';
import { writeFilter } from './written.ts';

/** What rows have to be like: each filter can be changed and taken away, others added. */
export function Filters({ view, relation, show }: ViewProps) {
  const { explore } = texts.value;
  const { filters } = view;
  const change = (next: readonly Filter[]) => show({ ...view, filters: next, offset: 0 });
  return (
    <search class="explore-filters" aria-label={explore.filters}>
      {filters.map((filter, i) => {
        const words = filterWords(filter, relation);
        const column = relation.columns.find(({ name }) => name === filter.column);
        const draft = column && toDraft(column, filter);
        return (
          // Two filters may be the same; their place tells them apart.
          <span key={`${i} ${writeFilter(filter).join('=')}`} class="chip">
            {draft ? (
              <Popover
                button={words}
                buttonLabel={`${explore.editFilter}: ${words}`}
                label={explore.editFilter}
              >
                {(close) => (
                  <FilterForm
                    relation={relation}
                    column={filter.column}
                    draft={draft}
                    onApply={(next) => {
                      close();
                      change(filters.map((one, at) => (at === i ? next : one)));
                    }}
                  />
                )}
              </Popover>
            ) : (
              <span class="chip-text">{words}</span>
            )}
            <button
              type="button"
              aria-label={`${explore.remove}: ${words}`}
              onClick={() => change(filters.filter((_, at) => at !== i))}
            >
              ✕
            </button>
          </span>
        );
      })}
      <Popover button={`+ ${explore.addFilter}`} label={explore.addFilter}>
        {(close) => (
          <FilterForm
            relation={relation}
            column={relation.columns[0]?.name ?? ''}
            onApply={(next) => {
              close();
              change([...filters, next]);
            }}
          />
        )}
      </Popover>
      {filters.length > 1 && (
        <button type="button" class="plain" onClick={() => change([])}>
          {explore.clear}
        </button>
      )}
    </search>
  );
}

/** A filter in words: `receita is at least 1,000`. */
function filterWords(filter: Filter, relation: ProjectRelation): string {
  const { explore } = texts.value;
  const column = relation.columns.find(({ name }) => name === filter.column);
  const draft = column && toDraft(column, filter);
  if (!draft) return writeFilter(filter).join('=');
  const given = givenTo(draft.operator);
  const values = draft.values.map((value) =>
    given === 'day' || given === 'two days'
      ? formatDay(value)
      : column.kind === 'number' && value !== ''
        ? cellText(value, { kind: 'number', type: '', isName: false })
        : value === ''
          ? `(${explore.emptyText})`
          : value,
  );
  const isTwo = given === 'two texts' || given === 'two days';
  return [filter.column, explore.operators[draft.operator], values.join(isTwo ? ` ${explore.and} ` : ', ')]
    .filter((part) => part !== '')
    .join(' ');
}
