import { backoff, pause, waitAsked } from '../sources/backoff.js';

/** Why a message did not arrive, in words that hold no secret. */
export class DeliveryError extends Error {
  constructor(
    message: string,
    /** Whether it may arrive when it is sent again. */
    readonly isPassing: boolean,
    /** How long the receiver asks to wait. */
    readonly waitMs?: number | undefined,
  ) {
    super(message);
  }
}

const maxAttempts = 3;

/**
 * Sends up to three times, in the time that there is.
 * @param send one attempt, which ends when its signal says so
 * @throws DeliveryError the last attempt's
 */
export async function withAttempts(
  send: (signal: AbortSignal, timeoutMs: number) => Promise<void>,
  { timeoutMs, signal }: { readonly timeoutMs: number; readonly signal: AbortSignal },
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  for (let attempt = 1; ; attempt++) {
    // What an attempt leaves of its share is there for those after it.
    const share = Math.ceil((deadline - performance.now()) / (maxAttempts - attempt + 1));
    try {
      return await oneAttempt(send, share, signal);
    } catch (cause) {
      if (signal.aborted) throw new DeliveryError('interrupted', false);
      if (!(cause instanceof DeliveryError) || !cause.isPassing || attempt === maxAttempts) throw cause;
      const waitMs = Math.max(cause.waitMs ?? 0, backoff(attempt));
      // What is left after the pause must be time in which somebody can answer.
      if (performance.now() + waitMs > deadline - timeoutMs / 10) throw cause;
      await pause(waitMs, signal);
    }
  }
}

async function oneAttempt(
  send: (signal: AbortSignal, timeoutMs: number) => Promise<void>,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<void> {
  const late = new AbortController();
  const over = new Promise<never>((_, reject) => {
    const end = () =>
      reject(new DeliveryError(`no answer within ${Math.round(timeoutMs / 100) / 10} s`, true));
    late.signal.addEventListener('abort', end, { once: true });
    signal.addEventListener('abort', end, { once: true });
  });
  const timer = setTimeout(() => late.abort(), timeoutMs);
  const sent = send(AbortSignal.any([signal, late.signal]), timeoutMs);
  try {
    await Promise.race([sent, over]);
  } finally {
    clearTimeout(timer);
    sent.catch(() => {});
    over.catch(() => {});
  }
}

/**
 * Posts a body.
 * @param url may hold user and password, which go into a header
 * @throws DeliveryError
 */
export async function post(
  url: string,
  {
    headers,
    body,
    signal,
  }: {
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const target = new URL(url);
  const { username, password } = target;
  target.username = '';
  target.password = '';
  let response: Response;
  try {
    response = await fetch(target, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'user-agent': 'medallion',
        ...(username !== '' && {
          authorization: `Basic ${Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64')}`,
        }),
        ...headers,
      },
      body,
      // What is signed for one address is not for another.
      redirect: 'manual',
      signal,
    });
  } catch (cause) {
    throw new DeliveryError(`${target.host} cannot be reached: ${reasonOf(cause)}`, true);
  }
  const said = await response.text().catch(() => '');
  if (response.ok) return;
  const { status } = response;
  const isPassing = status >= 500 || status === 429 || status === 408;
  const detail = said.trim() === '' || /^\s*</.test(said) ? '' : `: ${said.trim().slice(0, 200)}`;
  throw new DeliveryError(
    `${target.host} answered ${status}${detail}`,
    isPassing,
    waitAsked(response.headers.get('retry-after')),
  );
}

function reasonOf(cause: unknown): string {
  const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
  if (!(inner instanceof Error)) return String(inner);
  return inner.message || String((inner as { readonly code?: unknown }).code ?? inner.name);
}
