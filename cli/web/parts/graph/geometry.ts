import type { ColumnSource } from '../../../serve/ui/catalog/shapes.ts';
import type { Layout, Placed, Point } from './layout.ts';

/** Measures of a node in pixels; the style sheet draws them. */
export const nodeWidth = 180;
const headHeight = 48;
const rowHeight = 22;
const listPadding = 8;

/** @param columns how many it shows */
export function nodeHeight(columns: number): number {
  return columns === 0 ? headHeight : headHeight + columns * rowHeight + listPadding;
}

/** A curve that leaves and arrives level. */
function curve(points: readonly Point[]): string {
  const [first, ...rest] = points;
  let path = `M${first![0]},${first![1]}`;
  let [x, y] = first!;
  for (const [nextX, nextY] of rest) {
    const middle = (x + nextX) / 2;
    path += `C${middle},${y} ${middle},${nextY} ${nextX},${nextY}`;
    x = nextX;
    y = nextY;
  }
  return path;
}

/** From the right side of a box around what is between to the left side of another. */
export function edgePath(from: Placed, to: Placed, bends: readonly Point[]): string {
  const start: Point = [from.x + from.width, from.y + headHeight / 2];
  const end: Point = [to.x, to.y + headHeight / 2];
  return curve([start, ...bends.filter(([x]) => x > start[0] && x < end[0]), end]);
}

/** From column to column. */
export function columnPath(
  { placed }: Layout,
  columns: ReadonlyMap<string, readonly string[]>,
  from: ColumnSource,
  to: ColumnSource,
): string | undefined {
  const start = middleOf(placed, columns, from);
  const end = middleOf(placed, columns, to);
  return (
    start &&
    end &&
    curve([
      [start.right, start.y],
      [end.left, end.y],
    ])
  );
}

function middleOf(
  placed: ReadonlyMap<string, Placed>,
  columns: ReadonlyMap<string, readonly string[]>,
  { node, column }: ColumnSource,
): { readonly left: number; readonly right: number; readonly y: number } | undefined {
  const box = placed.get(node);
  const row = columns.get(node)?.indexOf(column) ?? -1;
  if (!box || row < 0) return undefined;
  return { left: box.x, right: box.x + box.width, y: box.y + headHeight + (row + 0.5) * rowHeight };
}

/** The node that an arrow key leads to: along edges to the sides, to the neighbour above or below. */
export function neighbour(layout: Layout, name: string, key: string): string | undefined {
  const here = layout.placed.get(name);
  if (!here) return undefined;
  const named = (names: readonly string[]) => names.flatMap((one) => layout.placed.get(one) ?? []);
  const nearest = (among: readonly Placed[]) =>
    among.toSorted((a, b) => Math.abs(a.y - here.y) - Math.abs(b.y - here.y))[0]?.name;
  const all = [...layout.placed.values()];
  const middle = ({ x, width }: Placed) => x + width / 2;
  const column = all.filter((box) => Math.abs(middle(box) - middle(here)) < here.width / 2);
  switch (key) {
    case 'ArrowRight':
      return nearest(named(layout.edges.filter(({ edge }) => edge[0] === name).map(({ edge }) => edge[1])));
    case 'ArrowLeft':
      return nearest(named(layout.edges.filter(({ edge }) => edge[1] === name).map(({ edge }) => edge[0])));
    case 'ArrowDown':
      return nearest(column.filter(({ y }) => y > here.y));
    case 'ArrowUp':
      return nearest(column.filter(({ y }) => y < here.y));
    default:
      return undefined;
  }
}
