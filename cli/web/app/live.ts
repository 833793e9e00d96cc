import { computed, signal } from '@preact/signals';
import type { UiEvent } from '../../serve/ui/shapes.ts';
import { apiKey, ask, HttpError } from './http.ts';
import { loadProject, project, publishes } from './project.ts';

/** Whether the server is heard. */
export const isConnected = signal(true);

const listeners = new Set<(event: UiEvent) => void>();

/** Hears what happens on the server until the returned function is called. */
export function onEvent(listener: (event: UiEvent) => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Who listens: an operator hears more than others, and some may not listen before they have signed in. */
const listener = computed(() => `${apiKey.value} ${project.value?.access.isOperator ?? false}`);

/**
 * Listens for as long as the page is open. By fetch and not by EventSource, which cannot say who asks.
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
 */
export async function listen(): Promise<never> {
  for (let failures = 0; ; failures++) {
    const other = new AbortController();
    const before = listener.value;
    const forget = listener.subscribe((now) => now !== before && other.abort());
    try {
      const { body } = await ask('/ui/api/events', { signal: other.signal });
      if (failures > 0) await refresh();
      failures = 0;
      isConnected.value = true;
      await readEvents(body!);
    } catch (error) {
      // A server that refuses is there.
      isConnected.value = other.signal.aborted || error instanceof HttpError || failures < 1;
    }
    if (other.signal.aborted) failures = -1;
    else await pause(Math.min(500 * 2 ** failures, 15_000), other.signal);
    forget();
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((wake) => {
    const timer = setTimeout(wake, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      wake();
    });
  });
}

async function readEvents(body: ReadableStream<Uint8Array>): Promise<void> {
  let rest = '';
  const reader = body
    .pipeThrough(new TextDecoderStream() as never)
    .getReader() as ReadableStreamDefaultReader<string>;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const lines = (rest + value).split('\n');
    rest = lines.pop()!;
    for (const line of lines) if (line.startsWith('data: ')) tell(JSON.parse(line.slice(6)) as UiEvent);
  }
}

function tell(event: UiEvent): void {
  if (event.event === 'published') void refresh();
  for (const listener of listeners) listener(event);
}

/** What may have been missed is read anew. */
async function refresh(): Promise<void> {
  await loadProject();
  publishes.value++;
}
