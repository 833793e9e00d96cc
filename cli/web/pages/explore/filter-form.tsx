import { useId, useState } from 'preact/hooks';
import type { ProjectColumn, ProjectRelation } from '../../../serve/ui/shapes.ts';
import { texts } from '../../app/language.ts';
import { shownNumber, writtenNumber } from './cell-text.ts';
import { type Draft, givenTo, type OperatorName, operatorsOf, toFilter } from './operators.ts';
import type { Filter } from './view.ts';

/** Asks what rows shall be like. */
export function FilterForm({
  relation,
  column: first,
  draft,
  onApply,
}: {
  readonly relation: ProjectRelation;
  /** What it begins with. */
  readonly column: string;
  readonly draft?: Draft;
  readonly onApply: (filter: Filter) => void;
}) {
  const { explore } = texts.value;
  const id = useId();
  const [name, setName] = useState(first);
  const column = relation.columns.find((one) => one.name === name) ?? relation.columns[0]!;
  const operators = operatorsOf(column);
  const [chosen, setChosen] = useState<OperatorName | undefined>(draft?.operator);
  const operator = chosen && operators.includes(chosen) ? chosen : operators[0]!;
  const [values, setValues] = useState<readonly string[]>(
    column.kind === 'number' ? (draft?.values ?? []).map(shownNumber) : (draft?.values ?? []),
  );
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const written = column.kind === 'number' ? values.map(writtenNumber) : values;
    // An empty line among others is no value.
    const filled = written.filter((value) => value !== '');
    onApply(
      toFilter(column, {
        operator,
        values: givenTo(operator) === 'texts' && filled.length > 0 ? filled : written,
      }),
    );
  };
  return (
    <form class="filter-form" onSubmit={submit}>
      <label for={`${id}-column`}>{explore.column}</label>
      <select
        id={`${id}-column`}
        value={column.name}
        onChange={({ currentTarget: { value } }) => {
          setName(value);
          setChosen(undefined);
          setValues([]);
        }}
      >
        {relation.columns.map((one) => (
          <option key={one.name} value={one.name}>
            {one.name}
          </option>
        ))}
      </select>
      <label for={`${id}-operator`}>{explore.condition}</label>
      <select
        id={`${id}-operator`}
        value={operator}
        onChange={({ currentTarget: { value } }) => setChosen(value as OperatorName)}
      >
        {operators.map((one) => (
          <option key={one} value={one}>
            {explore.operators[one]}
          </option>
        ))}
      </select>
      <Values key={`${name} ${givenTo(operator)}`} {...{ id, column, operator, values, setValues }} />
      <button type="submit" class="primary">
        {explore.apply}
      </button>
    </form>
  );
}

function Values({
  id,
  column,
  operator,
  values,
  setValues,
}: {
  readonly id: string;
  readonly column: ProjectColumn;
  readonly operator: OperatorName;
  readonly values: readonly string[];
  readonly setValues: (values: readonly string[]) => void;
}) {
  const { explore } = texts.value;
  const given = givenTo(operator);
  const isNumber = column.kind === 'number';
  const input = (index: number, label: string) => {
    const isDay = given === 'day' || given === 'two days';
    const common = {
      id: `${id}-${index}`,
      autocomplete: 'off',
      // A text may be compared with an empty one.
      required: isDay || isNumber || (operator !== 'is' && operator !== 'isNot'),
      value: values[index] ?? '',
      onInput: ({ currentTarget: { value } }: { readonly currentTarget: HTMLInputElement }) =>
        setValues(index === 0 ? [value, ...values.slice(1)] : [values[0] ?? '', value]),
    };
    return (
      <>
        <label for={common.id}>{label}</label>
        {isDay ? (
          <input type="date" {...common} />
        ) : (
          <input type="text" inputMode={isNumber ? 'decimal' : 'text'} {...common} />
        )}
      </>
    );
  };
  switch (given) {
    case 'nothing':
      return null;
    case 'text':
    case 'day':
      return input(0, explore.value);
    case 'two texts':
    case 'two days':
      return (
        <>
          {input(0, explore.from)}
          {input(1, explore.to)}
        </>
      );
    case 'texts':
      return column.accepted ? (
        <fieldset class="choices">
          <legend>{explore.value}</legend>
          {[...new Set([...column.accepted, ...values])].map((value, i) => (
            <label key={value}>
              <input
                type="checkbox"
                checked={values.includes(value)}
                // One has to be chosen at least: the first complains where none is.
                required={i === 0 && values.length === 0}
                onChange={({ currentTarget: { checked } }) =>
                  setValues(checked ? [...values, value] : values.filter((one) => one !== value))
                }
              />
              {value}
            </label>
          ))}
        </fieldset>
      ) : (
        <>
          <label for={`${id}-0`}>{explore.onePerLine}</label>
          <textarea
            id={`${id}-0`}
            rows={4}
            required
            value={values.join('\n')}
            onInput={({ currentTarget: { value } }) => setValues(value.split('\n'))}
          />
        </>
      );
  }
}
