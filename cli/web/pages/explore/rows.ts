import { type ReadonlySignal, signal } from '@preact/signals';
import type { ProjectRelation } from '../../../serve/ui/shapes.ts';
import { ask } from '../../app/http.ts';
import { parseRows, type Row } from './exact-json.ts';
import { countRows, maxGroups, readGroups } from './reading.ts';
import { addressOf, parametersOf } from './request.ts';
import type { View } from './view.ts';

/** Rows that can be scrolled through; a browser shows no element that is much higher. */
export const maxScrolled = 500_000;
/** Rows that are asked for at once while one goes on and on. */
const chunkRows = 200;
/** Chunks that are kept; others are asked for again. */
const maxChunks = 60;

export interface RowsState {
  /** Rows that there are to show: of the page, or all. */
  readonly count: number;
  /** Rows that the filters let through; undefined: not known yet. */
  readonly total: number | undefined;
  readonly isExact: boolean;
  /** The first rows are there. */
  readonly isReady: boolean;
  /** There are more than can be shown. */
  readonly isCut: boolean;
  readonly error: unknown;
  /** Rises with what comes. */
  readonly version: number;
}

/** Rows of a view, asked for where they are looked at. */
export interface Rows {
  readonly view: View;
  readonly relation: ProjectRelation;
  readonly state: ReadonlySignal<RowsState>;
  /** Counted from the first that is shown; undefined: not there yet. */
  row(index: number): Row | undefined;
  /** Asks for what is missing; what is on its way and no longer looked at is given up. */
  need(from: number, to: number): void;
  /** Asks anew for all that is looked at: something was published. */
  refresh(): void;
  close(): void;
}

/** @param maxRows of one answer of the API */
export function openRows(view: View, relation: ProjectRelation, maxRows: number | null): Rows {
  const most = maxRows ?? Number.POSITIVE_INFINITY;
  const isPaged = view.limit !== null && !view.group;
  const size = isPaged ? Math.min(view.limit!, most) : Math.min(chunkRows, most);
  const address = addressOf(relation, parametersOf(view, relation));
  const headers = { 'accept-profile': relation.schema };
  const state = signal<RowsState>({
    ...{ count: 0, total: undefined, isExact: false, isReady: false, isCut: false, error: undefined },
    version: 0,
  });
  let chunks = new Map<number, readonly Row[]>();
  /** What was there before a publish, until the new rows come. */
  let before = chunks;
  let looked = { from: 0, to: 0 };
  let loading = new Map<number, AbortController>();
  let life = new AbortController();
  let isClosed = false;
  /** The last rows have been seen: no guess is better. */
  let isEndKnown = false;

  const tell = (changes: Partial<RowsState>) => {
    const next = { ...state.value, ...changes, version: state.value.version + 1 };
    const known = isPaged
      ? (chunks.get(0) ?? before.get(0) ?? []).length
      : Math.max(next.total ?? 0, next.isExact ? 0 : loadedEnd());
    const limit = view.group ? maxGroups : maxScrolled;
    state.value = { ...next, count: Math.min(known, limit), isCut: known > limit || changes.isCut === true };
  };
  const loadedEnd = () => Math.max(0, ...[...chunks].map(([at, rows]) => at * size + rows.length));

  const load = async (at: number) => {
    const controller = new AbortController();
    loading.set(at, controller);
    const own = life;
    try {
      const start = view.offset + at * size;
      const url = `${address}${address.includes('?') ? '&' : '?'}limit=${size}${start > 0 ? `&offset=${start}` : ''}`;
      const signal = AbortSignal.any([controller.signal, own.signal]);
      const rows = parseRows(await (await ask(url, { headers, signal })).text());
      if (own !== life) return;
      chunks.set(at, rows);
      forget(at);
      const isEnd = rows.length < size && (rows.length > 0 || start === 0);
      isEndKnown ||= isEnd;
      // Behind the end: there are fewer than was guessed.
      const total = isEnd ? start + rows.length : Math.min(state.value.total ?? start, start);
      tell({
        ...{ isReady: true, error: undefined },
        ...((isEnd || (rows.length === 0 && !isPaged)) && { total, isExact: isEnd }),
      });
    } catch (error) {
      if (own === life && !controller.signal.aborted && !own.signal.aborted) tell({ isReady: true, error });
    } finally {
      if (loading.get(at) === controller) loading.delete(at);
    }
  };
  const forget = (near: number) => {
    const far = [...chunks.keys()].sort((a, b) => Math.abs(b - near) - Math.abs(a - near));
    for (const at of far.slice(0, Math.max(0, chunks.size - maxChunks))) chunks.delete(at);
  };
  const count = async () => {
    const own = life;
    try {
      await countRows(relation, view, maxRows, own.signal, (total, isExact) => {
        if (own === life && !isEndKnown) tell({ total, isExact });
      });
    } catch {
      // Who asks for the rows is told what is wrong.
    }
  };
  const loadGroups = async () => {
    const own = life;
    try {
      const { rows, isCut } = await readGroups(address, view, relation, maxRows, own.signal);
      if (own !== life) return;
      chunks = new Map(
        Array.from({ length: Math.ceil(rows.length / size) }, (_, at) => [
          at,
          rows.slice(at * size, (at + 1) * size),
        ]),
      );
      tell({ isReady: true, error: undefined, total: rows.length, isExact: true, isCut });
    } catch (error) {
      if (own === life && !own.signal.aborted) tell({ isReady: true, error });
    }
  };
  const begin = () => {
    if (view.group) void loadGroups();
    else {
      void count();
      const last = Math.max(0, Math.floor((looked.to - 1) / size));
      for (let at = isPaged ? 0 : Math.floor(looked.from / size); at <= (isPaged ? 0 : last); at++)
        void load(at);
    }
  };
  begin();
  return {
    view,
    relation,
    state,
    row(index) {
      const at = Math.floor(index / size);
      return (chunks.get(at) ?? before.get(at))?.[index % size];
    },
    need(from, to) {
      looked = { from, to };
      if (view.group || isPaged || isClosed || to <= from) return;
      const [first, last] = [Math.floor(from / size), Math.floor((to - 1) / size)];
      for (const [at, controller] of loading) if (at < first || at > last) controller.abort();
      for (let at = first; at <= last; at++)
        if (!chunks.has(at) && (loading.get(at)?.signal.aborted ?? true)) void load(at);
    },
    refresh() {
      life.abort();
      life = new AbortController();
      loading = new Map();
      if (chunks.size > 0) before = chunks;
      chunks = view.group ? chunks : new Map();
      isEndKnown = false;
      begin();
    },
    close() {
      isClosed = true;
      life.abort();
    },
  };
}
