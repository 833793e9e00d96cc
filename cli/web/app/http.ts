import { signal } from '@preact/signals';
import { remembered } from './remembered.ts';

/** An answer that is no good: what the server says of it. */
export class HttpError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly details: string | null,
    readonly hint: string | null,
  ) {
    super(message);
  }
}

const kept = remembered('mdl-key', 'sessionStorage');
/** The key or token of the API that this tab reads with; null: as everyone. */
export const apiKey = signal<string | null>(kept.value);

export function useApiKey(key: string | null): void {
  kept.value = key;
  apiKey.value = key;
}

/**
 * Asks the server.
 * @throws HttpError for answers other than 2xx; TypeError when there is none; AbortError
 */
export async function ask(url: string, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers);
  if (apiKey.value !== null && !headers.has('authorization'))
    headers.set('authorization', `Bearer ${apiKey.value}`);
  const response = await fetch(url, { ...init, headers });
  if (response.ok) return response;
  const text = await response.text();
  let told: { code?: string; message?: string; details?: unknown; hint?: string | null } = {};
  try {
    told = JSON.parse(text);
  } catch {
    // Not ours: a proxy's page.
  }
  throw new HttpError(
    response.status,
    told.code ?? String(response.status),
    told.message ?? response.statusText,
    typeof told.details === 'string' ? told.details : null,
    told.hint ?? null,
  );
}

export async function askJson<Answer>(url: string, init?: RequestInit): Promise<Answer> {
  return (await ask(url, init)).json() as Promise<Answer>;
}
