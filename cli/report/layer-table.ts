import type { Event, TestResult } from '../events/events.js';
import { displayWidth, formatDuration, formatNumber } from '../text/format.js';
import { formatTable, type TableColumn, type TableOptions } from './table.js';

interface LayerTotals {
  nodes: number;
  /** Those of them that had not to be built. */
  unchanged: number;
  rows: number | undefined;
  passed: number;
  warned: number;
  failed: number;
  skipped: number;
  /** From the first start to the last end: layers overlap. */
  began: number;
  ended: number;
  slowest: { readonly node: string; readonly ms: number } | undefined;
}

/** Adds up what the nodes of a run did, for each layer; tests that are nodes of their own make the last row. */
export function layerTable(): {
  note(event: Event): void;
  /** No lines where every row would repeat one above: in a run with one node of each layer. */
  lines(table: TableOptions): string[];
} {
  const layers = new Map<string, LayerTotals>();
  const totalsOf = (node: string): LayerTotals => {
    const layer = node.slice(0, node.indexOf('.'));
    const known = layers.get(layer) ?? emptyTotals();
    layers.set(layer, known);
    return known;
  };
  const finish = (node: string, ms: number, rows: number | undefined, tests: readonly TestResult[]) => {
    const totals = totalsOf(node);
    const now = performance.now();
    totals.nodes++;
    if (rows !== undefined) totals.rows = (totals.rows ?? 0) + rows;
    totals.began = Math.min(totals.began, now - ms);
    totals.ended = now;
    if (ms > (totals.slowest?.ms ?? 0)) totals.slowest = { node, ms };
    for (const { status } of tests) totals[status === 'errored' ? 'failed' : status]++;
  };
  const keep = (node: string) => {
    const totals = totalsOf(node);
    totals.nodes++;
    totals.unchanged++;
  };
  return {
    note(event) {
      switch (event.event) {
        case 'run.started':
          for (const layer of event.layers) layers.set(layer, emptyTotals());
          return;
        case 'load.finished':
          finish(event.node, event.durationMs, event.read, []);
          return;
        case 'model.finished':
          if (event.status === 'unchanged') return keep(event.node);
          finish(event.node, event.durationMs, event.rows, event.tests);
          return;
        case 'test.finished':
          if (event.isUnchanged) return keep(event.node);
          finish(event.node, event.durationMs, undefined, event.results);
          return;
        case 'node.skipped':
          totalsOf(event.node).skipped++;
      }
    },
    lines(table) {
      const met = [...layers].filter(([, { nodes, skipped }]) => nodes + skipped > 0);
      if (met.every(([, { nodes, skipped }]) => nodes + skipped === 1)) return [];
      return fitting(met, table).split('\n');
    },
  };
}

/** The table with the columns that say something and, on a narrow terminal, without those that matter least. */
function fitting(met: readonly (readonly [string, LayerTotals])[], table: TableOptions): string {
  let columns = columnsOf.filter(({ always, cell }) => always || met.some((entry) => cell(...entry) !== ''));
  const text = (width: number) =>
    formatTable(
      columns,
      met.map((entry) => columns.map(({ cell }) => cell(...entry))),
      { ...table, width },
    );
  for (const name of ['slowest', 'time', 'rows'])
    if (
      text(Number.POSITIVE_INFINITY)
        .split('\n')
        .some((line) => displayWidth(line) > table.width)
    )
      columns = columns.filter((column) => column.name !== name);
  return text(table.width);
}

function emptyTotals(): LayerTotals {
  return {
    nodes: 0,
    unchanged: 0,
    rows: undefined,
    passed: 0,
    warned: 0,
    failed: 0,
    skipped: 0,
    began: Number.POSITIVE_INFINITY,
    ended: 0,
    slowest: undefined,
  };
}

const count = (value: number | undefined) => (value ? formatNumber(value) : '');

const columnsOf: readonly (TableColumn & {
  /** Kept also where it says nothing. */
  readonly always: boolean;
  cell(layer: string, totals: LayerTotals): string;
})[] = [
  { name: 'layer', align: 'left', always: true, cell: (layer) => layer },
  { name: 'nodes', align: 'right', always: true, cell: (_, { nodes }) => formatNumber(nodes) },
  {
    name: 'unchanged',
    align: 'right',
    always: false,
    cell: (_, { unchanged }) => count(unchanged),
  },
  {
    name: 'rows',
    align: 'right',
    always: false,
    cell: (_, { rows }) => (rows === undefined ? '' : formatNumber(rows)),
  },
  { name: 'tests passed', align: 'right', always: false, cell: (_, { passed }) => count(passed) },
  { name: 'warned', align: 'right', always: false, cell: (_, { warned }) => count(warned) },
  { name: 'failed', align: 'right', always: false, cell: (_, { failed }) => count(failed) },
  { name: 'skipped', align: 'right', always: false, cell: (_, { skipped }) => count(skipped) },
  {
    name: 'time',
    align: 'right',
    always: false,
    cell: (_, { nodes, began, ended }) => (ended > 0 && nodes > 0 ? formatDuration(ended - began) : ''),
  },
  {
    name: 'slowest',
    align: 'left',
    always: false,
    cell: (_, { nodes, slowest }) =>
      slowest && nodes > 1 ? `${slowest.node}, ${formatDuration(slowest.ms)}` : '',
  },
];
