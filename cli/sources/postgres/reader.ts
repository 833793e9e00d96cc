import { connect } from '../../database/connect.js';
import { quoteLiteral } from '../../database/identifiers.js';
import { type CopyChunk, counted } from './batches.js';
import { type CopySocket, connectCopySocket } from './copy-socket.js';
import { sourceError } from './errors.js';
import type { Settings } from './settings.js';

/** A transaction that only reads, on a connection of its own. */
export interface Reader {
  query<Row>(text: string): Promise<readonly Row[]>;
  /** The bytes of `copy (...) to stdout`. */
  copy(select: string): Promise<AsyncIterable<CopyChunk>>;
  /** Ends the connection at once, in the middle of a statement too. */
  close(): Promise<void>;
}

/** How Postgres prints values: the same for every reader, and nothing lost. A table may take long, and a snapshot waits for its readers. */
const printing = `
  set local datestyle = 'ISO, YMD'; set local intervalstyle = 'postgres'; set local timezone = 'UTC'; set local bytea_output = 'hex';
  set local extra_float_digits = 3; set local xmloption = 'content'; set local search_path = 'pg_catalog';
  set local statement_timeout = 0; set local idle_in_transaction_session_timeout = 0`;

/** One host, and no TLS. */
function isPlain(url: string): boolean {
  const hosts = new Set(/^[a-z]+:\/\/(?:[^@/]*@)?([^/?]*)/.exec(url)?.[1]?.split(','));
  return hosts.size === 1 && !/[?&](ssl|sslmode)=(?!disable|false)/.test(url);
}

/**
 * Opens a connection and its transaction: `set local` and no prepared statements, so that a transaction pooler may stand between.
 * @param snapshot of another reader: both see the same moment
 * @throws MedallionError MDL3002
 */
export async function openReader(settings: Settings, snapshot?: string): Promise<Reader> {
  let socket: CopySocket | undefined;
  const pool = connect({
    url: settings.url,
    max: 1,
    applicationName: 'mdl source',
    settings: 'none',
    socket: isPlain(settings.url)
      ? async (address) => {
          socket = await connectCopySocket(address);
          return socket;
        }
      : undefined,
  });
  const close = () => pool.end({ timeout: 0 });
  try {
    // The driver never tells whoever waits to reserve a connection that a new one is ready, unless it asks that one for its types.
    await pool.unsafe('select').simple();
    const connection = await pool.reserve();
    await connection
      .unsafe(`
      begin transaction isolation level repeatable read read only;
      ${snapshot === undefined ? '' : `set transaction snapshot ${quoteLiteral(snapshot)};`}
      ${printing};
      set local row_security = ${settings.rowSecurity ? 'on' : 'off'}`)
      .simple();
    return {
      query: async <Row>(text: string) =>
        (await connection.unsafe(text).simple()) as unknown as readonly Row[],
      copy: async (select) => {
        const rows = socket?.expectRows();
        try {
          const answer = await connection.unsafe(`copy (${select}) to stdout`).readable();
          if (!rows) return counted(answer);
          answer.on('error', (error) => socket!.endRows(error)).on('end', () => socket!.endRows());
          answer.resume();
          return rows;
        } catch (cause) {
          socket?.endRows();
          throw cause;
        }
      },
      close,
    };
  } catch (cause) {
    await close();
    throw sourceError(cause, settings.shownAs);
  }
}
