import type { ProjectColumn, ProjectRelation } from '../../../serve/ui/shapes.ts';
import { texts } from '../../app/language.ts';
import { project } from '../../app/project.ts';
import { Popover } from '../../parts/popover.tsx';
import { isKeyLike } from './columns.ts';
import { type Figure, groupedBy, isSameSort, type ViewProps } from './view.ts';

const ofRows: Figure = { aggregate: 'count', column: null };

/** By what rows are put together, and what is told of each group. */
export function GroupMenu({ view, relation, show }: ViewProps) {
  const { explore } = texts.value;
  const { group } = view;
  return (
    <Popover
      button={group ? `${explore.group} (${group.columns.length})` : explore.group}
      label={explore.group}
    >
      {() =>
        project.value?.aggregates ? (
          <Choices view={view} relation={relation} show={show} />
        ) : (
          <>
            <p>{explore.noAggregates}</p>
            {group && (
              <button type="button" onClick={() => show(groupedBy(view, null))}>
                {explore.ungroup}
              </button>
            )}
          </>
        )
      }
    </Popover>
  );
}

/** What can be told of a column's values. */
function figuresOf({ name, kind }: ProjectColumn, relation: ProjectRelation): readonly Figure[] {
  const aggregates =
    kind === 'number' && !isKeyLike(name, relation)
      ? (['sum', 'avg', 'min', 'max'] as const)
      : (['min', 'max'] as const);
  return kind === 'number' || kind === 'time'
    ? aggregates.map((aggregate) => ({ aggregate, column: name }))
    : [];
}

function Choices({ view, relation, show }: ViewProps) {
  const { explore } = texts.value;
  const columns = view.group?.columns ?? [];
  const figures = view.group?.figures ?? [];
  const choose = (nextColumns: readonly string[], nextFigures: readonly Figure[]) => {
    if (nextColumns.length === 0 && nextFigures.length === 0) show(groupedBy(view, null));
    else
      show(
        groupedBy(view, { columns: nextColumns, figures: nextFigures.length > 0 ? nextFigures : [ofRows] }),
      );
  };
  const has = (figure: Figure) => figures.some((one) => isSameSort(one, figure));
  const toggle = (figure: Figure) =>
    choose(columns, has(figure) ? figures.filter((one) => !isSameSort(one, figure)) : [...figures, figure]);
  const check = (figure: Figure, label: string) => (
    <label key={label}>
      <input type="checkbox" checked={has(figure)} onChange={() => toggle(figure)} />
      {label}
    </label>
  );
  return (
    <div class="group-choices">
      <fieldset class="choices">
        <legend>{explore.groupBy}</legend>
        {relation.columns
          // JSON as such has no equality to group by.
          .filter(({ type }) => type !== 'json')
          .map(({ name }) => (
            <label key={name}>
              <input
                type="checkbox"
                checked={columns.includes(name)}
                onChange={() =>
                  columns.includes(name)
                    ? choose(
                        columns.filter((one) => one !== name),
                        // Without columns and with nothing but their number, there are no groups.
                        columns.length === 1 && figures.length === 1 && has(ofRows) ? [] : figures,
                      )
                    : choose([...columns, name], figures)
                }
              />
              {name}
            </label>
          ))}
      </fieldset>
      <fieldset class="choices">
        <legend>{explore.figures}</legend>
        {check(ofRows, explore.figure.count)}
        {relation.columns.flatMap((column) =>
          figuresOf(column, relation).map((figure) =>
            check(figure, `${column.name}: ${explore.figure[figure.aggregate]}`),
          ),
        )}
      </fieldset>
      <button type="button" disabled={!view.group} onClick={() => show(groupedBy(view, null))}>
        {explore.ungroup}
      </button>
    </div>
  );
}
