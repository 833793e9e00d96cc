import '../../styles/graph.css';
import { useComputed, useSignalEffect } from '@preact/signals';
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { texts } from '../../app/language.ts';
import { Failure, Loading } from '../states.tsx';
import { Edges } from './edges.tsx';
import { neighbour, nodeHeight, nodeWidth } from './geometry.ts';
import { GraphNode } from './graph-node.tsx';
import type { GraphProps } from './graph-props.ts';
import { type Box, type Edge, type Layout, type Placed, useLayout } from './layout.ts';
import { type PanZoom, readable, usePanZoom } from './view.ts';

/** More nodes than these are drawn only where they are seen. */
const fewNodes = 150;
/** The part that is drawn is rounded to this many pixels, so that not each move draws anew. */
const tile = 600;

/** A graph from left to right, to be moved, magnified and walked through by keys. */
export function Graph(props: GraphProps) {
  const { nodes, columns, selected, isSmall = false, label } = props;
  const { lineage } = texts.value;
  const frame = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLDivElement>(null);
  const panZoom = usePanZoom(frame, isSmall);
  const { view } = panZoom;

  const names = useMemo(() => new Set(nodes.map(({ name }) => name)), [nodes]);
  const boxes = useMemo(
    () =>
      nodes.map(
        ({ name }): Box => ({ name, width: nodeWidth, height: nodeHeight(columns.get(name)?.length ?? 0) }),
      ),
    [nodes, columns],
  );
  const edges = useMemo(
    () =>
      nodes.flatMap(({ name, parents }) =>
        parents.filter((parent) => names.has(parent)).map((parent): Edge => [parent, name]),
      ),
    [nodes, names],
  );
  const { layout, error } = useLayout(boxes, edges);

  useSignalEffect(() => {
    const { x, y, scale } = view.value;
    if (canvas.current) canvas.current.style.transform = `translate(${x}px, ${y}px) scale(${scale})`;
  });
  const isFar = useComputed(() => view.value.scale < readable * 0.7).value;
  const seen = useComputed(() => {
    const { x, y, scale } = view.value;
    const round = (value: number) => Math.floor(value / tile) * tile;
    return [round(-x / scale), round(-y / scale), Math.ceil(1 / scale)].join();
  }).value;

  /** What stays where it is when the layout changes. */
  const anchor = useRef<string | null>(null);
  useEffect(() => {
    anchor.current = selected;
    // What is told of it beside the graph must not cover it.
    const place = layout?.placed.get(selected ?? '');
    if (place) panZoom.reveal(place);
  }, [selected]);
  const anchored = (act: (name: string) => void) => (name: string) => {
    anchor.current = name;
    act(name);
  };
  useFirstView(layout, anchor, panZoom);

  // One node is reached by Tab; arrows lead on from there.
  const [focused, setFocused] = useState<string | null>(null);
  const current =
    focused !== null && layout?.placed.has(focused)
      ? focused
      : selected !== null && layout?.placed.has(selected)
        ? selected
        : layout?.placed.keys().next().value;
  const toFocus = useRef<string | null>(null);
  useEffect(() => {
    if (toFocus.current === null || toFocus.current !== current) return;
    toFocus.current = null;
    frame.current
      ?.querySelector<HTMLElement>(`[data-node="${CSS.escape(current)}"]`)
      ?.focus({ preventScroll: true });
  });

  const hear = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const arrow = {
      ArrowLeft: [80, 0],
      ArrowRight: [-80, 0],
      ArrowUp: [0, 80],
      ArrowDown: [0, -80],
    }[event.key];
    if (event.key === '+' || event.key === '=') panZoom.zoom(1.25);
    else if (event.key === '-') panZoom.zoom(0.8);
    else if (event.key === '0' && layout) panZoom.fit(layout);
    else if (arrow && event.shiftKey) panZoom.pan(arrow[0]!, arrow[1]!);
    else if (arrow && layout && current !== undefined) {
      const next = neighbour(layout, current, event.key);
      if (next === undefined) return event.preventDefault();
      setFocused(next);
      toFocus.current = next;
      panZoom.reveal(layout.placed.get(next)!);
    } else return;
    event.preventDefault();
  };

  const drawn = useMemo(() => layout && inSight(layout, frame.current, view.peek()), [layout, seen]);
  return (
    <section class={isSmall ? 'graph small' : 'graph'} aria-label={label}>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: its nodes are links; it hears the keys that lead from one to another */}
      <div
        ref={frame}
        class="graph-frame"
        style={
          isSmall && layout ? { height: `${Math.max(140, Math.min(420, layout.height + 48))}px` } : undefined
        }
        onKeyDown={hear}
      >
        {error ? <Failure error={error} /> : !layout && <Loading />}
        <div ref={canvas} class={isFar ? 'graph-canvas far' : 'graph-canvas'}>
          {layout && (
            <>
              <Edges {...props} layout={layout} drawn={drawn!} />
              {nodes.map((node) => {
                const place = layout.placed.get(node.name);
                if (!place || (!drawn!.has(node.name) && node.name !== current)) return null;
                return (
                  <GraphNode
                    key={node.name}
                    {...props}
                    node={node}
                    place={place}
                    isCurrent={node.name === current}
                    onFocus={(element) => {
                      setFocused(node.name);
                      // Not for a pointer, which would then click beside it.
                      if (element.matches(':focus-visible')) panZoom.reveal(place);
                    }}
                    {...(props.onExpand && { onExpand: anchored(props.onExpand) })}
                  />
                );
              })}
            </>
          )}
        </div>
      </div>
      <div class="graph-tools">
        <button
          type="button"
          aria-label={lineage.zoomIn}
          title={lineage.zoomIn}
          onClick={() => panZoom.zoom(1.25)}
        >
          +
        </button>
        <button
          type="button"
          aria-label={lineage.zoomOut}
          title={lineage.zoomOut}
          onClick={() => panZoom.zoom(0.8)}
        >
          −
        </button>
        <button
          type="button"
          aria-label={lineage.fit}
          title={lineage.fit}
          onClick={() => layout && panZoom.fit(layout)}
        >
          ⤢
        </button>
      </div>
    </section>
  );
}

/** The names of the nodes near what is seen; of a small graph all of them. */
function inSight(
  { placed }: Layout,
  frame: HTMLElement | null,
  { x, y, scale }: { readonly x: number; readonly y: number; readonly scale: number },
): ReadonlySet<string> {
  if (placed.size <= fewNodes || !frame) return new Set(placed.keys());
  const left = -x / scale - tile;
  const top = -y / scale - tile;
  const right = left + frame.clientWidth / scale + 3 * tile;
  const bottom = top + frame.clientHeight / scale + 3 * tile;
  const isSeen = (box: Placed) =>
    box.x < right && box.x + box.width > left && box.y < bottom && box.y + box.height > top;
  return new Set([...placed.values()].filter(isSeen).map(({ name }) => name));
}

/** Shows all where that can be read, else the selected node or the beginning; when the graph grows around what is seen, that stays where it is. */
function useFirstView(
  layout: Layout | undefined,
  anchorName: { readonly current: string | null },
  { view, fit, pan, centre, zoom }: PanZoom,
): void {
  const before = useRef<Layout | undefined>(undefined);
  useLayoutEffect(() => {
    if (!layout) return;
    const last = before.current;
    before.current = layout;
    const isSame =
      last?.placed.size === layout.placed.size &&
      [...layout.placed.keys()].every((name) => last.placed.has(name));
    const anchor = layout.placed.get(anchorName.current ?? '');
    if (last && isSame) {
      const was = anchor && last.placed.get(anchor.name);
      const { scale } = view.peek();
      if (was) pan((was.x - anchor.x) * scale, (was.y - anchor.y) * scale);
      return;
    }
    fit(layout);
    const { scale } = view.peek();
    if (scale >= readable) return;
    zoom(readable / scale);
    // From the left, where data comes in, where nothing is selected.
    const first = anchor ?? layout.placed.values().next().value;
    if (first) centre(first, layout);
  }, [layout]);
}
