import { useEffect, useId, useState } from 'preact/hooks';
import { texts } from '../../app/language.ts';
import { setQuery } from '../../app/router.ts';
import type { Choices, Filters } from './filters.ts';

/** What the list is narrowed by; all of it stands in the URL. */
export function FilterBar({ wanted, choices }: { readonly wanted: Filters; readonly choices: Choices }) {
  const { catalog } = texts.value;
  const isFiltered =
    wanted.text !== '' || [wanted.layer, wanted.kind, wanted.state, wanted.tag].some(Boolean);
  return (
    <div class="catalog-filters">
      <TextFilter text={wanted.text} />
      <Choice
        name="layer"
        label={catalog.layer}
        value={wanted.layer}
        among={choices.layers.map((name) => [name, catalog.groups[name as 'sources'] ?? name])}
      />
      <Choice
        name="kind"
        label={catalog.kind}
        value={wanted.kind}
        among={choices.kinds.map((name) => [name, catalog.kinds[name as 'model'] ?? name])}
      />
      <Choice
        name="state"
        label={catalog.state}
        value={wanted.state}
        among={choices.states.map((name) => [name, catalog.states[name]])}
      />
      {choices.tags.length > 0 && (
        <Choice
          name="tag"
          label={catalog.tag}
          value={wanted.tag}
          among={choices.tags.map((name) => [name, name])}
        />
      )}
      {isFiltered && (
        <button
          type="button"
          class="plain"
          onClick={() => setQuery({ q: null, layer: null, kind: null, state: null, tag: null })}
        >
          {catalog.clear}
        </button>
      )}
    </div>
  );
}

/** A field that stays its own while somebody types, and follows the URL when that changes. */
function TextFilter({ text }: { readonly text: string }) {
  const { catalog } = texts.value;
  const [typed, setTyped] = useState(text);
  useEffect(() => setTyped(text), [text]);
  return (
    <input
      type="search"
      aria-label={catalog.filterText}
      placeholder={catalog.filterText}
      value={typed}
      onInput={(event) => {
        setTyped(event.currentTarget.value);
        setQuery({ q: event.currentTarget.value || null });
      }}
    />
  );
}

function Choice({
  name,
  label,
  value,
  among,
}: {
  readonly name: string;
  readonly label: string;
  readonly value: string | null;
  readonly among: readonly (readonly [value: string, text: string])[];
}) {
  const id = useId();
  // What a shared URL says stays to be seen, also where nothing is like that now.
  const all =
    value === null || among.some(([known]) => known === value) ? among : [...among, [value, value] as const];
  return (
    <span class={value === null ? 'catalog-choice' : 'catalog-choice chosen'}>
      <label for={id}>{label}</label>
      <select
        id={id}
        value={value ?? ''}
        onChange={(event) => setQuery({ [name]: event.currentTarget.value || null })}
      >
        <option value="">{texts.value.catalog.all}</option>
        {all.map(([known, text]) => (
          <option key={known} value={known}>
            {text}
          </option>
        ))}
      </select>
    </span>
  );
}
