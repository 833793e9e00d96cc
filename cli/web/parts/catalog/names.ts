import type { ColumnSource } from '../../../serve/ui/catalog/shapes.ts';

export const catalogHref = (node: string): string => `/ui/catalog/${encodeURIComponent(node)}`;
export const lineageHref = (node: string): string => `/ui/lineage/${encodeURIComponent(node)}`;

/** The page of the node that makes a column, with the column marked. */
export const columnHref = ({ node, column }: ColumnSource): string =>
  `${catalogHref(node)}?column=${encodeURIComponent(column)}`;

/** The graph with the chain of one column: `?column=gold.vendas.receita`. */
export const columnLineageHref = ({ node, column }: ColumnSource): string =>
  `${lineageHref(node)}?column=${encodeURIComponent(`${node}.${column}`)}`;

/**
 * `gold.vendas.receita` taken apart; names of nodes and columns may have points themselves, so the nodes that there are decide.
 * @returns null where no node's name begins it
 */
export function parseColumn(text: string | null, nodes: ReadonlyMap<string, unknown>): ColumnSource | null {
  if (text === null) return null;
  for (let end = text.lastIndexOf('.'); end > 0; end = text.lastIndexOf('.', end - 1)) {
    const node = text.slice(0, end);
    if (nodes.has(node)) return { node, column: text.slice(end + 1) };
  }
  return null;
}

/** What comes after the layer: `vendas` of `gold.vendas`, `loja.clientes` of a source, the test's own name. */
export function shortName(name: string, layer: string | null): string {
  if (layer !== null && name.startsWith(`${layer}.`)) return name.slice(layer.length + 1);
  return name.replace(/^(source:|test\.)/, '');
}
