import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { Sample } from './samples.js';

/** A registry that is filled when it is read: each metric says its samples then. */
export class Metrics {
  private readonly register = new Registry();

  constructor() {
    collectDefaultMetrics({ register: this.register });
  }

  get contentType(): string {
    return this.register.contentType;
  }

  counter(name: string, help: string, labelNames: readonly string[], read: () => readonly Sample[]): void {
    new Counter({
      ...{ name, help, labelNames: [...labelNames], registers: [this.register] },
      collect() {
        this.reset();
        if (labelNames.length === 0) this.remove();
        for (const { labels = {}, value } of read()) this.inc({ ...labels }, value);
      },
    });
  }

  gauge(name: string, help: string, labelNames: readonly string[], read: () => readonly Sample[]): void {
    new Gauge({
      ...{ name, help, labelNames: [...labelNames], registers: [this.register] },
      collect() {
        this.reset();
        // What is not known is not told: without this it would be 0.
        if (labelNames.length === 0) this.remove();
        for (const { labels = {}, value } of read()) this.set({ ...labels }, value);
      },
    });
  }

  /** prom-client's own histogram counts each value by itself, with what that costs; these buckets were counted already. */
  histogram(
    name: string,
    help: string,
    read: () => readonly (Sample & { readonly suffix: 'bucket' | 'sum' | 'count' })[],
  ): void {
    this.register.registerMetric({
      ...{ name, help },
      get: async () => ({
        ...{ name, help, type: 'histogram', aggregator: 'sum' },
        values: read().map(({ suffix, labels, value }) => ({
          metricName: `${name}_${suffix}`,
          labels,
          value,
        })),
      }),
    } as never);
  }

  text(): Promise<string> {
    return this.register.metrics();
  }
}
