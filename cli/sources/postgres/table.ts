import { quoteIdentifier, quoteLiteral, quoteRelation } from '../../database/identifiers.js';
import { columnNames } from '../column-names.js';
import { highWater } from '../high-water.js';
import type { Batch, ReadOptions, SourceTable } from '../source.js';
import { cutBatches } from './batches.js';
import type { TableShape } from './describe.js';
import { sourceError } from './errors.js';
import type { Reader } from './reader.js';
import type { Settings } from './settings.js';

export interface OpenTable {
  readonly settings: Settings;
  readonly reader: Reader;
  readonly table: string;
  readonly origin: string;
  readonly shape: TableShape;
  /** Each table is read at a moment of its own. */
  readonly isAlone: boolean;
}

/** A table of the server as loads read it. */
export function openTable({ settings, reader, table, origin, shape, isAlone }: OpenTable): SourceTable {
  const { columns, notices } = columnNames(shape.columns);
  // Bronze may have had to name a column otherwise.
  const sourceColumn = (name: string) => quoteIdentifier(shape.columns[columns.indexOf(name)] ?? name);
  const from = quoteRelation({ schema: settings.schema, name: table });
  const { where } = settings.tables?.[table] ?? {};
  let isPart = false;

  const select = ({ since, limit }: ReadOptions): string => {
    const conditions = [
      ...(where === undefined ? [] : [`(${where}\n)`]),
      ...(since ? [sinceCondition(sourceColumn(since.column), since.value)] : []),
    ];
    return [
      `select ${shape.columns.map(quoteIdentifier).join(', ')} from ${from}`,
      ...(conditions.length > 0 ? [`where ${conditions.join(' and ')}`] : []),
      ...(limit === undefined ? [] : [...orderBy(shape.key), `limit ${limit}`]),
    ].join('\n');
  };
  return {
    origin,
    columns,
    notices: isAlone
      ? [
          ...notices,
          {
            message: `${settings.shownAs} cannot share a snapshot: ${table} is read at a moment of its own.`,
            hint: 'Tables may differ by what was written between them; the primary server can.',
          },
        ]
      : notices,
    key: shape.key.flatMap((name) => columns[shape.columns.indexOf(name)] ?? []),
    get totalRows() {
      return isPart ? undefined : shape.rows;
    },
    fingerprint: async () => null,
    asks: asksOf(settings, table),
    async highWater(column, _, notify) {
      const name = sourceColumn(column);
      const conditions = [`${name} is not null`, ...(where === undefined ? [] : [`(${where}\n)`])];
      const ask = async (below: string | undefined) => {
        const limits = below === undefined ? [] : [`${name} < ${quoteLiteral(below)}`];
        const [row] = await reader.query<{ value: string; kind: string }>(
          `select ${name}::text as value, (select typcategory::text from pg_type where oid = pg_typeof(${name})) as kind
             from ${from} where ${[...conditions, ...limits].join(' and ')} order by ${name} desc limit 1`,
        );
        return row && { value: row.value, isText: row.kind === 'S' };
      };
      try {
        return await highWater(ask, column, notify);
      } catch (cause) {
        throw sourceError(cause, origin);
      }
    },
    read(options) {
      isPart = options.since !== undefined || options.limit !== undefined;
      return readCopy(reader, select(options), options, origin);
    },
    close: () => reader.close(),
  };
}

/** Settings that decide which rows and columns there are, as far as they are not the standard. */
function asksOf({ schema, tables, rowSecurity }: Settings, table: string): SourceTable['asks'] {
  const { where, columns } = tables?.[table] ?? {};
  const asks = {
    ...(schema !== 'public' && { schema }),
    ...(rowSecurity && { rowSecurity }),
    ...(where !== undefined && { where }),
    ...(columns && { columns }),
  };
  return Object.keys(asks).length > 0 ? asks : undefined;
}

/** Rows without a value may be new as well as those from it on. */
function sinceCondition(column: string, value: string): string {
  return `(${column} >= ${quoteLiteral(value)} or ${column} is null)`;
}

function orderBy(key: readonly string[]): string[] {
  return key.length > 0 ? [`order by ${key.map(quoteIdentifier).join(', ')}`] : [];
}

async function* readCopy(
  reader: Reader,
  select: string,
  { batchRows, signal }: ReadOptions,
  origin: string,
): AsyncGenerator<Batch> {
  // Only the end of its connection stops a COPY in the middle.
  const stop = () => void reader.close();
  signal.addEventListener('abort', stop, { once: true });
  let isComplete = false;
  try {
    signal.throwIfAborted();
    yield* cutBatches(await reader.copy(select), batchRows);
    isComplete = true;
  } catch (cause) {
    if (signal.aborted) throw signal.reason;
    throw sourceError(cause, origin);
  } finally {
    signal.removeEventListener('abort', stop);
    if (!isComplete) await reader.close();
  }
}
