import type { FastifyReply } from 'fastify';
import { RequestError } from '../resolve/errors.js';
import type { UiEvent } from './shapes.js';

/** Pages that may listen at once. */
const maxListeners = 1000;
/** Often enough for proxies that close what is silent. */
const beatEveryMs = 15_000;

/**
 * Tells open pages what happens, by server-sent events.
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
export class Broadcast {
  private readonly listeners = new Map<FastifyReply['raw'], { readonly mayLook: boolean }>();
  private readonly beat = setInterval(() => this.write(':\n\n', () => true), beatEveryMs).unref();

  /** @throws RequestError UI503 when too many listen */
  add(reply: FastifyReply, mayLook: boolean): void {
    if (this.listeners.size >= maxListeners)
      throw new RequestError(503, 'UI503', 'Too many pages listen already.');
    reply.hijack();
    const { raw } = reply;
    raw.writeHead(200, {
      ...(reply.getHeaders() as Record<string, string>),
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    });
    raw.write(':\n\n');
    this.listeners.set(raw, { mayLook });
    raw.once('close', () => this.listeners.delete(raw));
  }

  get size(): number {
    return this.listeners.size;
  }

  tell(event: UiEvent): void {
    this.write(`data: ${JSON.stringify(event)}\n\n`, ({ mayLook }) => event.event === 'published' || mayLook);
  }

  close(): void {
    clearInterval(this.beat);
    for (const raw of this.listeners.keys()) raw.end();
  }

  private write(text: string, isFor: (listener: { readonly mayLook: boolean }) => boolean): void {
    for (const [raw, listener] of this.listeners) {
      // Who does not read is let go: his page asks again.
      if (raw.writableLength > 65_536) raw.destroy();
      else if (isFor(listener)) raw.write(text);
    }
  }
}
