import { useId, useRef } from 'preact/hooks';
import { labelOf } from '../../app/labels.ts';
import { texts } from '../../app/language.ts';
import { placeMenu } from '../../parts/place-menu.ts';
import { chooseValues, nullValue, toggleValue } from './filters.ts';
import type { FilterColumn } from './options.ts';

/** A column's values to choose from. */
export function FilterMenu({
  column: { name, kind, values },
  chosen,
}: {
  readonly column: FilterColumn;
  readonly chosen: readonly string[];
}) {
  const { dashboard } = texts.value;
  const id = useId();
  const menu = useRef<HTMLFieldSetElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const label = labelOf(name);
  const text = (value: string) =>
    value === nullValue ? dashboard.none : kind === 'boolean' ? dashboard.boolean[value as 'true'] : value;
  const place = () => {
    if (menu.current!.matches(':popover-open')) placeMenu(menu.current!, button.current!);
  };
  // What a shared URL says stays to be seen, and to be taken away, also where there are no such rows now.
  const all = [...values, ...chosen.filter((value) => !values.includes(value))];
  return (
    <>
      <button
        ref={button}
        type="button"
        class={chosen.length > 0 ? 'filter chosen' : 'filter'}
        popovertarget={id}
      >
        {label}
        {chosen.length > 0 && (
          <strong>
            {chosen.length <= 2 ? chosen.map(text).join(', ') : dashboard.several(chosen.length)}
          </strong>
        )}
        <span aria-hidden="true">▾</span>
      </button>
      <fieldset ref={menu} id={id} class="menu checks" popover="auto" onToggle={place}>
        <legend class="hidden">{label}</legend>
        {all.map((value) => (
          <label key={value}>
            <input
              type="checkbox"
              checked={chosen.includes(value)}
              onChange={() => toggleValue(name, value)}
            />
            {text(value)}
          </label>
        ))}
        {chosen.length > 0 && (
          <button type="button" class="plain" onClick={() => chooseValues(name, [])}>
            {dashboard.clear}
          </button>
        )}
      </fieldset>
    </>
  );
}
