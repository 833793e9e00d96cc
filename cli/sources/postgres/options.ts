import { MedallionError } from '../../errors/index.js';

export interface PostgresOptions {
  /** A connection string of the server that is read. */
  readonly url: string | undefined;
  /** The schema to read. Default: `public`. */
  readonly schema?: string;
  /** What to know of tables; named here, these are the tables of the source. */
  readonly tables?: Readonly<Record<string, PostgresTableOptions>>;
  /** True: read what row-level security lets this role see. By default a table that would hide rows is an error. */
  readonly rowSecurity?: boolean;
}

export interface PostgresTableOptions {
  /** The columns to read. Default: all. */
  readonly columns?: readonly string[];
  /** An SQL condition: only rows that meet it are read. */
  readonly where?: string;
}

const known = ['url', 'schema', 'tables', 'rowSecurity'];
const knownOfTables = ['columns', 'where'];

export const wrong = (message: string, hint?: string) =>
  new MedallionError('MDL1003', { message: `postgres({ ... }): ${message}`, hint });

/** @throws MedallionError MDL1003 for what is wrong whatever the environment */
export function checkOptions(options: PostgresOptions): void {
  const unknown = Object.keys(options).find((name) => !known.includes(name));
  if (unknown !== undefined) throw wrong(`there is no setting "${unknown}".`, `Known: ${known.join(', ')}.`);
  for (const [table, settings] of Object.entries(options.tables ?? {})) {
    const other = Object.keys(settings).find((name) => !knownOfTables.includes(name));
    if (other !== undefined)
      throw wrong(`${table} has no setting "${other}".`, `Known: ${knownOfTables.join(', ')}.`);
    if (settings.columns?.length === 0) throw wrong(`${table}: columns names none.`);
  }
}
