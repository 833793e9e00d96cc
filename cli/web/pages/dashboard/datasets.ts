import { signal } from '@preact/signals';
import { useEffect, useState } from 'preact/hooks';
import type { ProjectRelation } from '../../../serve/ui/shapes.ts';
import { ask } from '../../app/http.ts';
import { project, publishes } from '../../app/project.ts';
import { identifier } from '../../parts/dialect.ts';
import type { Conditions } from './filters.ts';

export type Row = Readonly<Record<string, unknown>>;

/** What rows are asked for. */
export interface Request {
  readonly relation: ProjectRelation;
  /** As `select` takes them: columns, aggregates. */
  readonly select: readonly string[];
  readonly conditions: Conditions;
  readonly sort: string | null;
  readonly limit: number | null;
}

export interface Dataset {
  readonly rows: readonly Row[];
  /** There are more rows than a chart shows. */
  readonly isCut: boolean;
  /** What was asked first. */
  readonly url: string;
}

export type Loaded =
  | { readonly state: 'loading'; readonly before?: Dataset }
  | { readonly state: 'failed'; readonly error: unknown }
  | { readonly state: 'loaded'; readonly dataset: Dataset };

/** More rows than this no chart shows. */
const maxRows = 50_000;

/** The address of a request's rows at the public API. */
export function urlOf({ relation, select, conditions, sort }: Request): string {
  const parameters = new URLSearchParams();
  if (select.length > 0) parameters.set('select', select.join(','));
  for (const [name, value] of conditions) parameters.append(name, value);
  const order =
    sort ?? (select.some((part) => part.includes('(')) ? '' : relation.primaryKey.map(identifier).join(','));
  if (order !== '') parameters.set('order', order);
  return `/rest/v1/${encodeURIComponent(relation.name)}?${parameters}`;
}

const kept = signal(new Map<string, Promise<Dataset>>());

/** Rows that several charts show are asked for once; they are kept until the next publish. */
export function load(request: Request): Promise<Dataset> {
  const url = urlOf(request);
  const key = `${publishes.value} ${request.relation.schema} ${request.limit} ${url}`;
  const known = kept.value.get(key);
  if (known) return known;
  // What was before a publish is let go.
  for (const old of kept.value.keys()) if (!old.startsWith(`${publishes.value} `)) kept.value.delete(old);
  const loading = read(request, url);
  kept.value.set(key, loading);
  loading.catch(() => kept.value.delete(key));
  return loading;
}

async function read({ relation, limit }: Request, url: string): Promise<Dataset> {
  const most = Math.min(limit ?? maxRows, maxRows);
  const page = Math.min(project.value?.maxRows ?? most, most);
  const readPage = async (offset: number) => {
    const count = Math.min(page, most - offset);
    const response = await ask(`${url}&limit=${count}${offset > 0 ? `&offset=${offset}` : ''}`, {
      headers: { 'accept-profile': relation.schema },
    });
    const rows = (await response.json()) as Row[];
    return { rows, isLast: rows.length < count };
  };
  let { rows, isLast } = await readPage(0);
  // Who has had one page without an end asks for several at once.
  while (!isLast && rows.length < most) {
    const offsets = Array.from({ length: 4 }, (_, i) => rows.length + i * page).filter((at) => at < most);
    const parts = await Promise.all(offsets.map(readPage));
    rows = [rows, ...parts.map((part) => part.rows)].flat();
    isLast = parts.some((part) => part.isLast);
  }
  return { rows, url, isCut: !isLast && limit === null };
}

/** What can be shown of rows on their way: these, or those before them. */
export function shownOf(loaded: Loaded): Dataset | undefined {
  return loaded.state === 'loaded' ? loaded.dataset : loaded.state === 'loading' ? loaded.before : undefined;
}

/** The rows of a request, anew whenever it changes or something was published. Null: nothing is asked for. */
export function useDataset(request: Request | null): Loaded {
  const key = request && `${request.relation.schema} ${request.limit} ${urlOf(request)}`;
  const version = publishes.value;
  const [loaded, setLoaded] = useState<Loaded>({ state: 'loading' });
  useEffect(() => {
    if (!request) return;
    let isCurrent = true;
    setLoaded((before) => ({
      state: 'loading',
      ...(before.state === 'loaded' && { before: before.dataset }),
    }));
    load(request).then(
      (dataset) => isCurrent && setLoaded({ state: 'loaded', dataset }),
      (error) => isCurrent && setLoaded({ state: 'failed', error }),
    );
    return () => {
      isCurrent = false;
    };
  }, [key, version]);
  return loaded;
}
