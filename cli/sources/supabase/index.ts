import { MedallionError } from '../../errors/index.js';
import type { Source } from '../source.js';
import { describe, shapeOf } from './describe.js';
import { checkOptions, type SupabaseOptions, settingsOf } from './options.js';
import { type Persistent, persistent } from './persist.js';
import { connectRest, type Rest } from './rest.js';
import { openTable } from './table.js';

export type { SupabaseOptions, SupabaseTableOptions } from './options.js';

/** A description is asked for once for all tables of a run. */
const descriptionKeptMs = 30_000;

interface Server {
  readonly rest: Rest;
  readonly server: Persistent;
}

/**
 * The tables of a Supabase project (or of any PostgREST server) as a source, read through its API:
 * `supabase({ url: process.env.SUPABASE_URL, key: process.env.SUPABASE_KEY })`.
 * @throws MedallionError MDL1003 for options that are wrong
 */
export function supabase(options: SupabaseOptions): Source {
  checkOptions(options);
  let connected: Promise<Server> | undefined;
  let description: { asked: number; answer: ReturnType<typeof describe> } | undefined;
  const reach = async (): Promise<Server> => {
    const settings = settingsOf(options);
    connected ??= connectRest(settings).then((rest) => ({ rest, server: persistent(rest) }));
    return connected;
  };
  const describeOnce = ({ rest, server }: Server, signal: AbortSignal) => {
    if (!description || Date.now() - description.asked > descriptionKeptMs) {
      const answer = describe(rest, server, signal);
      description = { asked: Date.now(), answer };
      answer.catch(() => {
        description = undefined;
      });
    }
    return description.answer;
  };
  return {
    kind: 'supabase',
    async tables({ signal = new AbortController().signal }) {
      if (options.tables) return Object.keys(options.tables);
      const reached = await reach();
      const described = await describeOnce(reached, signal);
      if ('hidden' in described)
        throw new MedallionError('MDL3021', {
          message: `${reached.rest.settings.shownAs} does not tell this key what tables it has: ${described.hidden}`,
          hint: "Use a secret key, or name the tables: supabase({ ..., tables: { pedidos: { key: 'id_pedido' } } }).",
        });
      return [...described.tables.keys()].sort();
    },
    async open(table, { signal = new AbortController().signal }) {
      const reached = await reach();
      const { rest, server } = reached;
      const origin = `${rest.settings.shownAs}.${table}`;
      const described = await describeOnce(reached, signal);
      const shape = await shapeOf(rest, server, { table, origin, described, signal });
      return openTable(rest, server, { table, origin, shape });
    },
  };
}
