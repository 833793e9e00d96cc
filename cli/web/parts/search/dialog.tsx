import '../../styles/search.css';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { formatNumber } from '../../app/format.ts';
import { texts } from '../../app/language.ts';
import { go } from '../../app/router.ts';
import { type Found, find } from '../catalog/find.ts';
import { catalogHref, columnHref } from '../catalog/names.ts';
import { NodeState } from '../catalog/state-badge.tsx';
import { type Catalog, useCatalog } from '../catalog/store.ts';
import { Dialog } from '../dialog.tsx';
import { Failure, Loading } from '../states.tsx';

/** What fits: who has not found it among these types a letter more. */
const limit = 30;

export function SearchDialog({ onClose }: { readonly onClose: () => void }) {
  const { value, error, retry } = useCatalog();
  const { search } = texts.value.catalog;
  return (
    <Dialog title={search.title} onClose={onClose}>
      {value ? (
        <Box catalog={value} onClose={onClose} />
      ) : error ? (
        <Failure error={error} retry={retry} />
      ) : (
        <Loading />
      )}
    </Dialog>
  );
}

/** A text and what it finds. @see https://www.w3.org/WAI/ARIA/apg/patterns/combobox/ */
function Box({ catalog, onClose }: { readonly catalog: Catalog; readonly onClose: () => void }) {
  const { search } = texts.value.catalog;
  const id = useId();
  const [text, setText] = useState('');
  const [chosen, setChosen] = useState(0);
  const input = useRef<HTMLInputElement>(null);
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => input.current?.focus(), []);
  const found = find(catalog.nodes, text, limit);
  const current = Math.min(chosen, found.length - 1);
  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' });
  }, [current, text]);
  const hear = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 }[event.key];
    if (step !== undefined && found.length > 0) {
      event.preventDefault();
      const next = current + step;
      // One step beyond an end is the other end; a page stops there.
      setChosen(
        Math.abs(step) === 1
          ? (next + found.length) % found.length
          : Math.max(0, Math.min(found.length - 1, next)),
      );
    } else if (event.key === 'Enter' && found[current]) {
      event.preventDefault();
      onClose();
      go(hrefOf(found[current]));
    }
  };
  return (
    <div class="search">
      <input
        ref={input}
        type="text"
        role="combobox"
        aria-label={search.label}
        aria-expanded={found.length > 0}
        aria-controls={`${id}-list`}
        aria-activedescendant={found.length > 0 ? `${id}-${current}` : undefined}
        aria-autocomplete="list"
        // Where it is there when the dialog opens, the dialog itself would give the focus to its button.
        autofocus
        autocomplete="off"
        autocapitalize="none"
        spellcheck={false}
        placeholder={search.placeholder}
        value={text}
        onInput={(event) => {
          setText(event.currentTarget.value);
          setChosen(0);
        }}
        onKeyDown={hear}
      />
      <div ref={list} id={`${id}-list`} role="listbox" aria-label={search.results} class="search-results">
        {found.map((one, i) => (
          <a
            key={one.node.name}
            id={`${id}-${i}`}
            role="option"
            aria-selected={i === current}
            tabIndex={-1}
            href={hrefOf(one)}
            onClick={onClose}
          >
            <Result found={one} catalog={catalog} />
          </a>
        ))}
      </div>
      <p class="dim" role="status">
        {text.trim() === ''
          ? search.hint
          : found.length === 0
            ? search.nothing
            : found.length < limit
              ? search.count(formatNumber(found.length), found.length)
              : search.first(formatNumber(limit))}
      </p>
    </div>
  );
}

function hrefOf({ node, column }: Found): string {
  return column === null ? catalogHref(node.name) : columnHref({ node: node.name, column });
}

function Result({
  found: { node, column, tag },
  catalog,
}: {
  readonly found: Found;
  readonly catalog: Catalog;
}) {
  return (
    <>
      <span class="search-name">
        <strong>{node.name}</strong>
        {column !== null && <code>.{column}</code>}
        {tag !== null && <span class="tag">{tag}</span>}
        <NodeState node={node} stale={catalog.stale} />
      </span>
      {node.description && <span class="dim search-description">{node.description}</span>}
    </>
  );
}
