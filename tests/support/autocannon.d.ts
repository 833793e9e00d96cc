declare module 'autocannon' {
  interface Request {
    path?: string;
    /** Before each request is sent. */
    setupRequest?(request: object, context: Record<string, unknown>): object;
    onResponse?(status: number, body: string, context: Record<string, unknown>): void;
  }
  interface Result {
    readonly requests: { readonly total: number; readonly average: number };
    /** In milliseconds. */
    readonly latency: { readonly p50: number; readonly p99: number; readonly max: number };
    readonly non2xx: number;
    /** Of connections. */
    readonly errors: number;
    readonly timeouts: number;
  }
  export default function autocannon(options: {
    readonly url: string;
    readonly connections: number;
    /** In seconds. */
    readonly duration: number;
    readonly requests: readonly Request[];
  }): Promise<Result>;
}
