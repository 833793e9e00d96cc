/** What a request asks for, by the pattern of its URL. */
export type RequestKind = 'relation' | 'function' | 'ui' | 'other';

/** Upper bounds of the buckets of durations, in seconds: an answer from memory takes less than the first. */
export const durationBounds: readonly number[] = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
];
const boundsMs = durationBounds.map((seconds) => seconds * 1000);

/** Durations of requests of one kind, method and status. */
export interface Durations {
  readonly labels: { readonly kind: RequestKind; readonly method: string; readonly status: number };
  /** How many fell into each bucket; those above the last bound are in `count` only. */
  readonly buckets: number[];
  /** In seconds. */
  sum: number;
  count: number;
}

interface Series {
  readonly method: string;
  readonly status: number;
  /** Undefined as long as none counts. */
  durations: Durations | undefined;
  count: number;
}

/** Requests for one thing. */
export interface Target {
  readonly kind: RequestKind;
  /** `gold.vendas_por_mes`; empty where it is no relation or function. */
  readonly relation: string;
  readonly series: Series[];
}

const methods = new Set(['GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'PATCH', 'DELETE']);

/** Counts requests in plain numbers, which costs them next to nothing; who scrapes pays for the rest. */
export class RequestCounts {
  readonly targets: Target[] = [];
  readonly durations: Durations[] = [];
  /** By where the answer came from. `bypass`: nobody may keep it. */
  readonly answers = { hit: 0, miss: 0, not_modified: 0, bypass: 0 };
  /** Rows that were sent. */
  rows = 0;

  target(kind: RequestKind, relation = ''): Target {
    const target = { kind, relation, series: [] };
    this.targets.push(target);
    return target;
  }

  /** @param ms undefined: its duration says nothing, as that of an event stream */
  count(target: Target, method: string, status: number, ms: number | undefined): void {
    const series =
      target.series.find((one) => one.status === status && one.method === method) ??
      this.series(target, methods.has(method) ? method : 'other', status);
    series.count++;
    if (ms === undefined) return;
    series.durations ??= this.durationsOf(target.kind, series);
    const { durations } = series;
    durations.sum += ms / 1000;
    durations.count++;
    for (let i = 0; i < boundsMs.length; i++)
      if (ms <= boundsMs[i]!) {
        durations.buckets[i]!++;
        return;
      }
  }

  private series(target: Target, method: string, status: number): Series {
    const found = target.series.find((one) => one.status === status && one.method === method);
    if (found) return found;
    const series = { method, status, durations: undefined, count: 0 };
    target.series.push(series);
    return series;
  }

  private durationsOf(kind: RequestKind, { method, status }: Series): Durations {
    const found = this.durations.find(
      ({ labels }) => labels.kind === kind && labels.method === method && labels.status === status,
    );
    if (found) return found;
    const made = { labels: { kind, method, status }, buckets: boundsMs.map(() => 0), sum: 0, count: 0 };
    this.durations.push(made);
    return made;
  }
}
