import type { Text } from '../../config/text.js';

/** How a number is written: by name, or as d3-format does (`,.1f`). */
export type NumberFormat = string;

export type Aggregate = 'sum' | 'avg' | 'min' | 'max' | 'count';

export interface ChartBase {
  readonly title: Text;
  readonly description: Text | null;
  /** The page that it stands on. */
  readonly dashboard: string;
  /** Lower ones come first; those of one model keep their order. */
  readonly order: number;
  /** In twelfths of the page. */
  readonly width: number;
  /** Conditions of the API that rows must meet: `ativo=is.true`. */
  readonly where: readonly string[];
}

/** A Vega-Lite chart over the rows of one relation. @see https://vega.github.io/vega-lite/docs/spec.html */
export interface VegaChart extends ChartBase {
  readonly kind: 'chart';
  /** Of the drawing, in pixels. */
  readonly height: number;
  /** `mark`, `encoding`, `layer`, `transform`, `params`, `resolve`: as Vega-Lite has them. */
  readonly spec: Readonly<Record<string, unknown>>;
  /** As the API orders: `receita.desc`. */
  readonly sort: string | null;
  /** The first so many rows. */
  readonly limit: number | null;
}

/** One number, and how it has changed. */
export interface KpiChart extends ChartBase {
  readonly kind: 'kpi';
  /** Null: rows are counted. */
  readonly field: string | null;
  readonly aggregate: Aggregate;
  /** Divided by the sum of this column. */
  readonly per: string | null;
  /** The column by which periods are told apart; null: there is nothing to compare with. */
  readonly time: string | null;
  readonly format: NumberFormat;
  /** Whether it is good news when it rises. */
  readonly good: 'up' | 'down' | null;
}

export interface TableChart extends ChartBase {
  readonly kind: 'table';
  /** Null: all. */
  readonly columns: readonly string[] | null;
  readonly sort: string | null;
  readonly limit: number;
  readonly formats: Readonly<Record<string, NumberFormat>>;
}

/** What a model puts on a dashboard, every default filled in. */
export type Chart = VegaChart | KpiChart | TableChart;

/** What a column can be used for. */
export type ColumnKind = 'number' | 'time' | 'boolean' | 'text' | 'other';
