import type { CatalogNode, ColumnSource } from '../../../serve/ui/catalog/shapes.ts';

/** What is known of the column whose way is shown. */
export interface ColumnChain {
  readonly column: ColumnSource;
  /** The columns that it comes from and goes to, and itself, by node. */
  readonly byNode: ReadonlyMap<string, readonly string[]>;
}

export interface GraphProps {
  readonly nodes: readonly CatalogNode[];
  readonly layers: readonly string[];
  readonly stale: ReadonlySet<string>;
  readonly selected: string | null;
  /** What comes before and after the selected one. */
  readonly related: { readonly before: ReadonlySet<string>; readonly after: ReadonlySet<string> } | null;
  /** The columns that nodes show, by node. */
  readonly columns: ReadonlyMap<string, readonly string[]>;
  /** From column to column, of those that are shown. */
  readonly columnEdges: readonly (readonly [from: ColumnSource, to: ColumnSource])[];
  readonly chain: ColumnChain | null;
  /** The nodes of which columns can be shown. */
  readonly expandable: ReadonlySet<string>;
  readonly onSelect: (name: string) => void;
  readonly onOpen: (name: string) => void;
  readonly onExpand?: (name: string) => void;
  readonly onColumn?: (column: ColumnSource) => void;
  /** Within a page that scrolls by the wheel. */
  readonly isSmall?: boolean;
  readonly label: string;
}
