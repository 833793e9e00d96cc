import { columnNames } from '../column-names.js';
import { highWater } from '../high-water.js';
import { recordBatches } from '../records/batches.js';
import type { ReadOptions, SourceTable } from '../source.js';
import type { TableShape } from './describe.js';
import { keyRole } from './key-role.js';
import { columnName } from './keyset.js';
import type { Settings } from './options.js';
import { pageSize } from './page-size.js';
import type { Persistent } from './persist.js';
import { readPages, readSince } from './read-pages.js';
import { fieldNames } from './read-range.js';
import type { Rest } from './rest.js';

/** A table of the server as loads read it. */
export function openTable(
  rest: Rest,
  server: Persistent,
  { table, origin, shape }: { readonly table: string; readonly origin: string; readonly shape: TableShape },
): SourceTable {
  const { columns, notices } = columnNames(shape.columns);
  // Bronze may have had to name a column otherwise.
  const sourceColumn = (name: string) => shape.columns[columns.indexOf(name)] ?? name;
  let isPart = false;
  return {
    origin,
    columns,
    notices,
    key: shape.key.map((name) => columns[shape.columns.indexOf(name)]!),
    get totalRows() {
      return isPart ? undefined : shape.count;
    },
    fingerprint: async () => null,
    resumable: 'always',
    asks: asksOf(rest.settings, table),
    highWater(column, signal, notify) {
      const name = columnName(sourceColumn(column));
      const ask = async (below: string | undefined) => {
        const answer = await server.ask({ origin, what: `the greatest ${column}`, signal }, () =>
          rest.rows((client) => {
            const all = client
              .from(encodeURIComponent(table))
              .select(`value:${name}::text,typed:${name}`)
              .not(name, 'is', null);
            const limited = below === undefined ? all : all.lt(name, below);
            return limited.order(name, { ascending: false }).limit(1);
          }, signal),
        );
        const [row] = answer.rows as { value: string; typed: unknown }[];
        return row && { value: row.value, isText: typeof row.typed === 'string' };
      };
      return highWater(ask, column, notify);
    },
    read: (options: ReadOptions) => {
      isPart = options.since !== undefined || options.limit !== undefined;
      const since = options.since && { ...options.since, column: sourceColumn(options.since.column) };
      const { batchRows, after, limit, signal, notify } = options;
      const size = pageSize(Math.min(rest.settings.pageRows, limit ?? Number.POSITIVE_INFINITY));
      const reading = {
        ...{ rest, server, table, origin, columns: shape.columns, order: shape.key },
        ...{ since: undefined, size, signal, notify },
      };
      return recordBatches({
        columns: fieldNames(shape.columns),
        batchRows,
        after,
        limit,
        pages: (from) => (since ? readSince(reading, since, from) : readPages(reading, from)),
      });
    },
  };
}

/** Settings that decide which rows and columns there are, as far as they are not the standard: from other roles than that one, policies may hide rows. */
function asksOf({ schema, tables, key }: Settings, table: string): SourceTable['asks'] {
  const columns = tables?.[table]?.columns;
  const role = keyRole(key);
  const asks = {
    ...(schema !== 'public' && { schema }),
    ...(role !== undefined && role !== 'service_role' && { role }),
    ...(columns && { columns }),
  };
  return Object.keys(asks).length > 0 ? asks : undefined;
}
