import type { Source } from '../source.js';
import { checkOptions, type PostgresOptions } from './options.js';

export type { PostgresOptions, PostgresTableOptions } from './options.js';

/**
 * The tables of another Postgres as a source: `postgres({ url: process.env.SHOP_URL, schema: 'public' })`. Rows go from COPY to COPY as bytes, and all tables of a run
 * are read as they were at one moment.
 */
export function postgres(options: PostgresOptions): Source {
  checkOptions(options);
  // Most commands read no source: the driver is imported when one does.
  const server = () => import('./server.js');
  return {
    kind: 'postgres',
    tables: async () => (options.tables ? Object.keys(options.tables) : (await server()).listServer(options)),
    open: async (table, { session }) => (await server()).openServerTable(options, table, session),
  };
}
