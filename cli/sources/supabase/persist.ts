import { MedallionError } from '../../errors/index.js';
import { backoff, pause } from '../backoff.js';
import type { SourceNotice } from '../source.js';
import { refused } from './refused.js';
import type { Answer, Refusal, Reply, Rest } from './rest.js';

/** What is being asked for, for messages and decisions. */
export interface Purpose {
  /** `ref.supabase.co/public.pedidos` */
  readonly origin: string;
  /** `page 12 (after id_pedido = 4711)` */
  readonly what: string;
  readonly signal: AbortSignal;
  readonly notify?: ((notice: SourceNotice) => void) | undefined;
  /** The request was too much for the server: ask for less next time. */
  onTooMuch?(): void;
}

export interface Persistent {
  /**
   * Asks until there is an answer: what may pass is tried again, with growing pauses or after the time that the server asks for.
   * @throws MedallionError MDL3022 when it does not pass in time; MDL3001, MDL3002, MDL3021 for what will not pass
   */
  ask(purpose: Purpose, once: () => Promise<Reply>): Promise<Answer>;
}

/** One for each server: when it asks to wait, all requests to it wait. */
export function persistent(rest: Rest): Persistent {
  const { giveUpMs } = rest.settings;
  let closedUntil = 0;
  return {
    async ask(purpose, once) {
      let failedSince: number | undefined;
      for (let attempt = 0; ; attempt++) {
        await pause(closedUntil - Date.now(), purpose.signal);
        const reply = await once();
        if ('answer' in reply) return reply.answer;
        const { refusal } = reply;
        if (!mayPass(refusal)) throw refused(refusal, purpose.origin, rest.settings);
        if (isTooMuch(refusal)) purpose.onTooMuch?.();
        failedSince ??= Date.now();
        const waitMs = refusal.retryAfterMs ?? backoff(attempt);
        if (Date.now() + waitMs - failedSince > giveUpMs)
          throw gaveUp(refusal, purpose, attempt + 1, giveUpMs);
        if (refusal.retryAfterMs !== undefined)
          closedUntil = Math.max(closedUntil, Date.now() + refusal.retryAfterMs);
        if (waitMs >= 5_000)
          purpose.notify?.({
            message: `${purpose.origin}: ${said(refusal)}; trying again in ${Math.round(waitMs / 1000)} s.`,
          });
        await pause(waitMs, purpose.signal);
      }
    },
  };
}

/** SQLSTATE classes of what is a matter of the moment: connections, resources, an administrator, a cancelled statement. */
const passing = /^(08|40|53|55|57|58|XX)/;

function mayPass({ status, code }: Refusal): boolean {
  if (status === 0 || status === 408 || status === 413 || status === 425 || status === 429) return true;
  if (status < 500) return false;
  return !/^[0-9A-Z]{5}$/.test(code) || passing.test(code);
}

/** Too large or too slow; a body cut on its way may have been either. */
function isTooMuch({ status, code }: Refusal): boolean {
  return status === 0 || status === 408 || status === 413 || status === 504 || code === '57014';
}

function said({ status, code, message }: Refusal): string {
  const named = [status > 0 ? `status ${status}` : '', code].filter(Boolean).join(', ');
  return named === '' ? message : `${named}: ${message}`;
}

function gaveUp(refusal: Refusal, purpose: Purpose, attempts: number, giveUpMs: number): MedallionError {
  const asked = refusal.retryAfterMs;
  return new MedallionError('MDL3022', {
    message: `${purpose.origin}: ${purpose.what} got no good answer in ${attempts} attempt${attempts === 1 ? '' : 's'}; the last one: ${said(refusal)}${
      asked === undefined
        ? ''
        : `, and it asks to wait ${Math.ceil(asked / 1000)} s, longer than ${giveUpMs / 1000} s (giveUpAfter)`
    }.`,
    hint:
      refusal.code === '57014'
        ? 'A statement took longer than the server allows: an index on the key (and on the cursor) makes pages quick; pageRows makes them smaller.'
        : undefined,
  });
}
