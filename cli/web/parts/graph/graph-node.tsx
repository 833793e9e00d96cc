import type { CatalogNode } from '../../../serve/ui/catalog/shapes.ts';
import { texts } from '../../app/language.ts';
import { layerClass } from '../catalog/layer.ts';
import { catalogHref, shortName } from '../catalog/names.ts';
import { stateLooks } from '../catalog/state-badge.tsx';
import { shownState } from '../catalog/states.ts';
import type { GraphProps } from './graph-props.ts';
import type { Placed } from './layout.ts';

/** A node: a link to its page that a click only selects, and its columns where they are shown. */
export function GraphNode({
  node,
  place,
  layers,
  stale,
  selected,
  related,
  columns,
  chain,
  expandable,
  isCurrent,
  onSelect,
  onOpen,
  onExpand,
  onColumn,
  onFocus,
}: GraphProps & {
  readonly node: CatalogNode;
  readonly place: Placed;
  /** Tab leads to it. */
  readonly isCurrent: boolean;
  readonly onFocus: (link: HTMLElement) => void;
}) {
  const { lineage, catalog } = texts.value;
  const { name, kind, layer, materialized } = node;
  const state = shownState(node, stale);
  const [tone, sign] = state === null ? ['idle', ''] : stateLooks[state];
  const isSelected = name === selected;
  const shown = columns.get(name);
  const isApart =
    chain !== null
      ? !chain.byNode.has(name)
      : related !== null && !isSelected && !related.before.has(name) && !related.after.has(name);
  const what = materialized ?? kind;
  const classes = [
    'graph-node',
    layerClass(layer, layers),
    tone,
    ...(isSelected ? ['selected'] : []),
    ...(isApart ? ['apart'] : []),
    ...(related?.before.has(name) || related?.after.has(name) ? ['related'] : []),
  ];
  return (
    <div
      class={classes.join(' ')}
      style={{
        left: `${place.x}px`,
        top: `${place.y}px`,
        width: `${place.width}px`,
        height: `${place.height}px`,
      }}
    >
      <a
        class="graph-head"
        href={catalogHref(name)}
        data-node={name}
        tabIndex={isCurrent ? 0 : -1}
        aria-current={isSelected ? 'true' : undefined}
        title={node.description ? `${name}\n${node.description}` : name}
        onFocus={(event) => onFocus(event.currentTarget)}
        onClick={(event) => {
          // Enter, and a click with a key held, do what links do.
          if (event.detail === 0 || event.ctrlKey || event.metaKey || event.shiftKey) return;
          event.preventDefault();
          onSelect(name);
        }}
        onDblClick={() => onOpen(name)}
        onKeyDown={(event) => {
          if (event.key !== ' ') return;
          event.preventDefault();
          onSelect(name);
        }}
      >
        <span class="graph-kind">
          {layer ?? catalog.kinds[kind]}
          {what !== layer && layer !== null && ` · ${catalog.kinds[what as 'table'] ?? what}`}
        </span>
        <strong>{shortName(name, layer)}</strong>
        {state !== null && (
          <span class={`graph-state ${tone}`} title={catalog.states[state]}>
            <span aria-hidden="true">{sign}</span>
            <span class="hidden">{catalog.states[state]}</span>
          </span>
        )}
      </a>
      {onExpand && expandable.has(name) && (
        <button
          type="button"
          class="graph-expand plain"
          tabIndex={isCurrent ? 0 : -1}
          aria-expanded={shown !== undefined}
          aria-label={lineage.columnsOf(name)}
          title={lineage.columnsOf(name)}
          onClick={() => onExpand(name)}
        >
          {shown ? '▾' : '▸'}
        </button>
      )}
      {shown && (
        <ul class="graph-columns">
          {shown.map((column) => {
            const isChosen = chain?.column.node === name && chain.column.column === column;
            const inChain = chain?.byNode.get(name)?.includes(column) === true;
            return (
              <li key={column}>
                <button
                  type="button"
                  class={inChain ? 'on' : undefined}
                  tabIndex={isCurrent ? 0 : -1}
                  aria-pressed={isChosen}
                  title={column}
                  onClick={() => onColumn?.({ node: name, column })}
                >
                  {column}
                </button>
              </li>
            );
          })}
        </ul>
      )}
    </div>
  );
}
