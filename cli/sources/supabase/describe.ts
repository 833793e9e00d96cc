import { didYouMean, MedallionError } from '../../errors/index.js';
import { columnName } from './keyset.js';
import type { Persistent } from './persist.js';
import { refused } from './refused.js';
import type { Rest } from './rest.js';

/** What a server tells about its tables, at the root of its API. */
export interface Description {
  readonly tables: ReadonlyMap<string, DescribedTable>;
}

export interface DescribedTable {
  readonly columns: readonly string[];
  /** Empty where there is none. */
  readonly key: readonly string[];
  /** Columns that are never null. */
  readonly required: ReadonlySet<string>;
}

interface OpenApi {
  readonly definitions?: Readonly<Record<string, OpenApiTable>>;
}

interface OpenApiTable {
  readonly properties?: Readonly<Record<string, { readonly description?: string }>>;
  readonly required?: readonly string[];
}

/**
 * Reads the OpenAPI description of the exposed schema. Supabase gives it to secret keys only.
 * @returns why not, where this key may not see it
 * @throws MedallionError MDL3021 for a schema that is not exposed, MDL3022
 */
export async function describe(
  rest: Rest,
  server: Persistent,
  signal: AbortSignal,
): Promise<Description | { readonly hidden: string }> {
  const { shownAs } = rest.settings;
  let hidden: string | undefined;
  const answer = await server.ask({ origin: shownAs, what: 'the list of tables', signal }, async () => {
    const reply = await rest.root(signal);
    if ('answer' in reply || reply.refusal.status === 0 || reply.refusal.status >= 429) return reply;
    if (reply.refusal.code === 'PGRST106') throw refused(reply.refusal, shownAs, rest.settings);
    hidden = reply.refusal.message;
    return { answer: { rows: [{}], count: undefined, bytes: 0, ms: 0 } };
  });
  if (hidden !== undefined) return { hidden };
  const { definitions } = answer.rows[0] as OpenApi;
  return definitions
    ? { tables: new Map(Object.entries(definitions).map(([name, table]) => [name, describedTable(table)])) }
    : { hidden: 'it is no OpenAPI description' };
}

function describedTable({ properties = {}, required = [] }: OpenApiTable): DescribedTable {
  return {
    columns: Object.keys(properties),
    key: Object.entries(properties)
      .filter(([, { description }]) => description?.includes('<pk/>'))
      .map(([name]) => name),
    required: new Set(required),
  };
}

/** A table as it will be read. */
export interface TableShape {
  readonly columns: readonly string[];
  readonly key: readonly string[];
  /** Rows that the server counts or estimates. */
  readonly count: number | undefined;
}

export interface ShapeOptions {
  readonly table: string;
  /** For messages. */
  readonly origin: string;
  readonly described: Description | { readonly hidden: string };
  readonly signal: AbortSignal;
}

/**
 * Finds the columns, the key and the number of rows of a table: from the options, from the description, and from the table itself.
 * @throws MedallionError MDL3001 unknown table or columns, MDL3023 no key to go by, MDL3021, MDL3022
 */
export async function shapeOf(rest: Rest, server: Persistent, options: ShapeOptions): Promise<TableShape> {
  const { table, origin, described } = options;
  const { settings } = rest;
  const given = settings.tables?.[table];
  const known = 'tables' in described ? described.tables.get(table) : undefined;
  if ('tables' in described && !known) throw unknownTable(options, described);
  const seen = await peek(rest, server, options, given?.columns ?? known?.columns);
  const columns = given?.columns ?? known?.columns ?? seen.columns;
  if (columns.length === 0)
    throw new MedallionError('MDL3001', {
      message: `${origin} gives no rows, and this key may not see what columns it has.`,
      hint: `Use a secret key, or name them: tables: { ${JSON.stringify(table)}: { key: 'id', columns: ['id', ...] } }.`,
    });
  const key = given?.key === undefined ? (known?.key ?? []) : [given.key].flat();
  if (key.length === 0) throw keyless(options, known !== undefined);
  const missing = key.find((column) => !columns.includes(column));
  if (missing !== undefined)
    throw new MedallionError('MDL3005', {
      message: `The key column "${missing}" is not among the columns of ${origin} that are read.`,
      hint: didYouMean(missing, columns),
    });
  if (key.some((column) => !known?.required.has(column))) await refuseNullKeys(rest, server, options, key);
  return { columns, key, count: seen.count };
}

/** One row and the number of all: what shows that the table can be read. */
async function peek(
  rest: Rest,
  server: Persistent,
  { table, origin, signal }: ShapeOptions,
  columns: readonly string[] | undefined,
): Promise<{ columns: readonly string[]; count: number | undefined }> {
  // Counting may take longer than the server allows; rows can be read without.
  let counts = true;
  const { rows, count } = await server.ask(
    {
      origin,
      what: 'the first row',
      signal,
      onTooMuch: () => {
        counts = false;
      },
    },
    () =>
      rest.rows(
        (client) =>
          client
            .from(encodeURIComponent(table))
            .select(columns ? columnName(columns[0]!) : '*', counts ? { count: 'estimated' } : {})
            .limit(1),
        signal,
      ),
  );
  return { columns: Object.keys(rows[0] ?? {}), count };
}

function unknownTable({ table, origin }: ShapeOptions, { tables }: Description): MedallionError {
  return new MedallionError('MDL3001', {
    message: `There is no table "${table}" in ${origin.slice(0, -table.length - 1)}, or this key may not see it.`,
    hint: didYouMean(table, tables.keys()),
  });
}

function keyless({ table, origin, described }: ShapeOptions, isDescribed: boolean): MedallionError {
  return new MedallionError('MDL3023', {
    message: isDescribed
      ? `${origin} has no primary key, so its rows cannot be read in pages without losing or doubling some.`
      : `This key may not see what the primary key of ${origin} is${'hidden' in described ? ` (${described.hidden})` : ''}.`,
    hint: `Name columns that are unique and never null: supabase({ ..., tables: { ${JSON.stringify(table)}: { key: 'id' } } })${isDescribed ? ', or give the table a primary key' : ', or use a secret key'}.`,
  });
}

/** Rows without a key are in no page that begins behind a key. */
async function refuseNullKeys(
  rest: Rest,
  server: Persistent,
  { table, origin, signal }: ShapeOptions,
  key: readonly string[],
): Promise<void> {
  const { rows } = await server.ask({ origin, what: 'a row without a key', signal }, () =>
    rest.rows(
      (client) =>
        client
          .from(encodeURIComponent(table))
          .select(columnName(key[0]!))
          .or(key.map((column) => `${columnName(column)}.is.null`).join(','))
          .limit(1),
      signal,
    ),
  );
  if (rows.length === 0) return;
  throw new MedallionError('MDL3023', {
    message: `${origin} has rows in which its key (${key.join(', ')}) is null, so they cannot be read in pages.`,
    hint: 'Name columns that are never null.',
  });
}
