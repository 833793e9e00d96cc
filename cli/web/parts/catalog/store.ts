import { computed, signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { CatalogAnswer, CatalogNode, LineageAnswer } from '../../../serve/ui/catalog/shapes.ts';
import { askJson } from '../../app/http.ts';
import { onEvent } from '../../app/live.ts';
import { project } from '../../app/project.ts';
import { findStale } from './states.ts';

/** What is known of all nodes; kept when a page is left, so that the next one shows it at once. */
const answer = signal<CatalogAnswer | undefined>(undefined);
const columns = signal<LineageAnswer | undefined>(undefined);
const failure = signal<unknown>(undefined);
/** What "3 minutes ago" is counted from; goes on while somebody looks. */
export const now = signal(Date.now());

/** The nodes with what follows from all of them together. */
export interface Catalog extends CatalogAnswer {
  readonly byName: ReadonlyMap<string, CatalogNode>;
  readonly children: ReadonlyMap<string, readonly string[]>;
  /** Those that were not built since something that they read was. */
  readonly stale: ReadonlySet<string>;
}

const catalog = computed<Catalog | undefined>(() => {
  const known = answer.value;
  if (!known) return undefined;
  const children = new Map<string, string[]>(known.nodes.map(({ name }) => [name, []]));
  for (const { name, parents } of known.nodes) for (const parent of parents) children.get(parent)?.push(name);
  const byName = new Map(known.nodes.map((node) => [node.name, node]));
  return { ...known, byName, children, stale: findStale(byName) };
});

export interface Loaded<Value> {
  /** Undefined until it is known. */
  readonly value: Value | undefined;
  /** Why it could not be read, or not be read again. */
  readonly error: unknown;
  readonly retry: () => void;
}

/** The catalog, read anew while somebody looks and the server tells that something happened. */
export function useCatalog(): Loaded<Catalog> {
  useEffect(() => watch(loadCatalog), [project.value?.access.mayLook]);
  return { value: catalog.value, error: failure.value, retry: loadCatalog };
}

/** Where columns come from, by node and column; undefined until it is known. Whoever may not look is told so by the catalog. */
export function useColumnSources(): LineageAnswer | undefined {
  useEffect(() => watch(loadColumns, 'published'), [project.value?.access.mayLook]);
  return columns.value;
}

async function loadCatalog(): Promise<void> {
  try {
    answer.value = await askJson<CatalogAnswer>('/ui/api/catalog');
    failure.value = undefined;
  } catch (error) {
    failure.value = error;
    if (!project.value?.access.mayLook) answer.value = undefined;
  }
  now.value = Date.now();
}

async function loadColumns(): Promise<void> {
  columns.value = await askJson<LineageAnswer>('/ui/api/lineage').catch(() => columns.value);
}

/** How soon what happened is read: a publish is one moment, a run tells something of each of its nodes. */
const settleMs = { published: 300, run: 1500 } as const;
const tickMs = 30_000;

/**
 * Reads now, and again soon after what the server tells.
 * @param only the events that matter; all without it
 * @returns ends it
 */
export function watch(read: () => Promise<void>, only?: 'published'): () => void {
  void read();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let due = Number.POSITIVE_INFINITY;
  const deaf = onEvent(({ event }) => {
    const at = Date.now() + settleMs[event];
    if ((only !== undefined && event !== only) || at >= due) return;
    clearTimeout(timer);
    due = at;
    timer = setTimeout(() => {
      // From here on, what happens is read another time: this answer may be of before.
      due = Number.POSITIVE_INFINITY;
      void read();
    }, settleMs[event]);
  });
  const tick = setInterval(() => {
    now.value = Date.now();
  }, tickMs);
  return () => {
    deaf();
    clearTimeout(timer);
    clearInterval(tick);
  };
}
