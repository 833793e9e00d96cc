import { signal } from '@preact/signals';
import type { Access, ProjectAnswer } from '../../serve/ui/shapes.ts';
import { ask, askJson, HttpError, useApiKey } from './http.ts';

/** What the server says of the project; undefined until it has. */
export const project = signal<ProjectAnswer | undefined>(undefined);
/** Why it does not; cleared when it does. */
export const trouble = signal<unknown>(undefined);

/** Rises with each publish that the server has told of: data shown from before is to be read anew. */
export const publishes = signal(0);

export async function loadProject(): Promise<void> {
  try {
    project.value = await askJson<ProjectAnswer>('/ui/api/project');
    trouble.value = undefined;
  } catch (error) {
    trouble.value = error;
  }
}

/**
 * Signs in with the operator's key or, where it is none, keeps it as the key that the API is read with.
 * @throws HttpError when it is neither
 */
export async function signIn(key: string): Promise<void> {
  try {
    await ask('/ui/api/session', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ key }),
    });
  } catch (error) {
    if (!(error instanceof HttpError) || error.status !== 401) throw error;
    // Without serve.auth the API takes any key for none: then it is a wrong operator's key.
    if (trouble.value === undefined && project.value?.access.hasAdmin) throw error;
    await ask('/ui/api/project', { headers: { authorization: `Bearer ${key}` } });
    useApiKey(key);
  }
  await loadProject();
}

export async function signOut(): Promise<void> {
  useApiKey(null);
  await ask('/ui/api/session', { method: 'DELETE' });
  await loadProject();
}

/** Asks for something that changes something; only an operator may. @returns undefined for an answer without a body @throws HttpError */
export async function operate<Answer = undefined>(url: string, body: unknown): Promise<Answer> {
  const access: Access | undefined = project.value?.access;
  const response = await ask(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-mdl-csrf': access?.csrf ?? '' },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  return (text === '' ? undefined : JSON.parse(text)) as Answer;
}
