import { columnNames } from '../column-names.js';
import { recordBatches } from '../records/batches.js';
import type { ReadOptions, SourceTable } from '../source.js';
import type { TableShape } from './describe.js';
import { columnName } from './keyset.js';
import { pageSize } from './page-size.js';
import type { Persistent } from './persist.js';
import { readPages } from './read-pages.js';
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
    async highWater(column, signal) {
      const name = columnName(sourceColumn(column));
      const answer = await server.ask({ origin, what: `the greatest ${column}`, signal }, () =>
        rest.rows(
          (client) =>
            client
              .from(encodeURIComponent(table))
              .select(`value:${name}::text`)
              .not(name, 'is', null)
              .order(name, { ascending: false })
              .limit(1),
          signal,
        ),
      );
      return (answer.rows[0]?.value as string | undefined) ?? null;
    },
    read: (options: ReadOptions) => {
      isPart = options.since !== undefined || options.limit !== undefined;
      const since = options.since && { ...options.since, column: sourceColumn(options.since.column) };
      const order = since ? [since.column, ...shape.key.filter((name) => name !== since.column)] : shape.key;
      const { batchRows, after, limit, signal, notify } = options;
      return recordBatches({
        columns: fieldNames(shape.columns),
        batchRows,
        after,
        limit,
        pages: (from) =>
          readPages(
            {
              rest,
              server,
              table,
              origin,
              columns: shape.columns,
              order,
              since,
              size: pageSize(Math.min(rest.settings.pageRows, limit ?? Number.POSITIVE_INFINITY)),
              signal,
              notify,
            },
            from,
          ),
      });
    },
  };
}
