import { useEffect, useId, useState } from 'preact/hooks';
import { formatNumber } from '../../app/format.ts';
import { texts } from '../../app/language.ts';
import { setQuery } from '../../app/router.ts';
import type { Catalog } from '../../parts/catalog/store.ts';
import { manyNodes, type Scope, type Wanted } from './wanted.ts';

const depths = [1, 2, 3, 5] as const;

/** What is shown of the graph, and how. */
export function Toolbar({
  catalog,
  wanted,
  scope,
  shown,
}: {
  readonly catalog: Catalog;
  readonly wanted: Wanted;
  readonly scope: Scope;
  /** Nodes that are shown. */
  readonly shown: number;
}) {
  const { lineage } = texts.value;
  const id = useId();
  const isMany = catalog.nodes.length > manyNodes;
  const hasTests = catalog.nodes.some(({ kind }) => kind === 'test');
  return (
    <div class="lineage-toolbar">
      <SelectField text={wanted.select ?? ''} wrong={scope.wrong} />
      <span class="toolbar-choice">
        <label for={`${id}-depth`}>{lineage.depth}</label>
        <select
          id={`${id}-depth`}
          disabled={wanted.selected === null && !/[+@]/.test(wanted.select ?? '')}
          value={wanted.depth ?? ''}
          onChange={(event) => setQuery({ depth: event.currentTarget.value || null })}
        >
          <option value="">{scope.around === null || wanted.depth ? lineage.allSteps : scope.around}</option>
          {depths.map((depth) => (
            <option key={depth} value={depth}>
              {formatNumber(depth)}
            </option>
          ))}
        </select>
      </span>
      {hasTests && (
        <label class="toolbar-check">
          <input
            type="checkbox"
            checked={wanted.hasTests}
            onChange={(event) => setQuery({ tests: event.currentTarget.checked ? '1' : null })}
          />
          {lineage.showTests}
        </label>
      )}
      <button
        type="button"
        aria-pressed={wanted.isList}
        class={wanted.isList ? 'chosen' : undefined}
        onClick={() => setQuery({ view: wanted.isList ? null : 'list' })}
      >
        {lineage.asList}
      </button>
      <p class="dim" role="status">
        {scope.wrong.length > 0
          ? lineage.selectsNothing(scope.wrong.join(' '))
          : scope.around !== null
            ? lineage.around(formatNumber(scope.around), scope.around, formatNumber(shown))
            : `${lineage.shown(formatNumber(shown), shown)}${shown > manyNodes && wanted.selected === null ? `. ${lineage.chooseOne}` : ''}`}
      </p>
      {(scope.around !== null || (isMany && wanted.select !== null && wanted.select !== '*')) && (
        <button type="button" onClick={() => setQuery({ select: '*', depth: null })}>
          {lineage.showAll}
        </button>
      )}
    </div>
  );
}

/** The selection, as for `mdl build --select`; it applies when it is complete. */
function SelectField({ text, wrong }: { readonly text: string; readonly wrong: readonly string[] }) {
  const { lineage } = texts.value;
  const [typed, setTyped] = useState(text);
  useEffect(() => setTyped(text), [text]);
  const apply = () => setQuery({ select: typed.trim() || null });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        apply();
      }}
    >
      <input
        type="search"
        class="select-field"
        aria-label={lineage.select}
        aria-invalid={wrong.length > 0}
        placeholder={lineage.selectExample}
        title={lineage.selectHint}
        spellcheck={false}
        autocapitalize="none"
        value={typed}
        onInput={(event) => setTyped(event.currentTarget.value)}
        onChange={apply}
      />
    </form>
  );
}
