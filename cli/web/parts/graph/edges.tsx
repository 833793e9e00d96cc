import { useId, useMemo } from 'preact/hooks';
import { columnPath, edgePath } from './geometry.ts';
import type { GraphProps } from './graph-props.ts';
import type { Layout } from './layout.ts';

/** The lines between nodes, and between columns. Lists tell the same to those who do not see them. */
export function Edges({
  layout,
  drawn,
  selected,
  related,
  columns,
  columnEdges,
  chain,
}: GraphProps & { readonly layout: Layout; readonly drawn: ReadonlySet<string> }) {
  const id = useId();
  const paths = useMemo(
    () =>
      layout.edges.map(({ edge: [from, to], bends }) => ({
        from,
        to,
        d: edgePath(layout.placed.get(from)!, layout.placed.get(to)!, bends),
      })),
    [layout],
  );
  const isOn = (from: string, to: string): boolean =>
    related !== null &&
    chain === null &&
    ((related.before.has(from) && (related.before.has(to) || to === selected)) ||
      (related.after.has(to) && (related.after.has(from) || from === selected)));
  const inChain = (node: string, column: string) => chain?.byNode.get(node)?.includes(column) === true;
  return (
    <svg
      class={chain ? 'edges by-column' : 'edges'}
      width={layout.width}
      height={layout.height}
      aria-hidden="true"
      focusable="false"
    >
      <defs>
        {['', ' on'].map((kind) => (
          <marker
            key={kind}
            id={`${id}${kind.trim()}`}
            class={`arrow${kind}`}
            viewBox="0 0 8 8"
            refX="7"
            refY="4"
            markerWidth="8"
            markerHeight="8"
            markerUnits="userSpaceOnUse"
            orient="auto"
          >
            <path d="M0,0L8,4L0,8z" />
          </marker>
        ))}
      </defs>
      {paths.map(({ from, to, d }) => {
        if (!drawn.has(from) && !drawn.has(to)) return null;
        const on = isOn(from, to);
        return (
          <path
            key={`${from} ${to}`}
            class={on ? 'edge on' : 'edge'}
            d={d}
            marker-end={`url(#${id}${on ? 'on' : ''})`}
          />
        );
      })}
      {columnEdges.map(([from, to]) => {
        const d = columnPath(layout, columns, from, to);
        if (!d) return null;
        const on = inChain(from.node, from.column) && inChain(to.node, to.column);
        return (
          <path
            key={`${from.node} ${from.column} ${to.node} ${to.column}`}
            class={on ? 'column-edge on' : 'column-edge'}
            d={d}
            data-from={`${from.node}.${from.column}`}
            data-to={`${to.node}.${to.column}`}
          />
        );
      })}
    </svg>
  );
}
