import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';

/** A span as it came over OTLP, its attributes as an object. */
export interface ReceivedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly name: string;
  /** 1 internal, 2 server, 3 client. */
  readonly kind: number;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly resource: Readonly<Record<string, unknown>>;
  readonly events: readonly {
    readonly name: string;
    readonly attributes: Readonly<Record<string, unknown>>;
  }[];
  /** 2: error. */
  readonly status: { readonly code?: number; readonly message?: string };
  /** In nanoseconds. */
  readonly start: bigint;
  readonly end: bigint;
}

/** A collector of traces: OTLP over HTTP, as JSON. */
export interface Collector {
  readonly url: string;
  readonly spans: readonly ReceivedSpan[];
  /** Headers of the latest request. */
  readonly headers: Readonly<Record<string, unknown>>;
  /** All that was sent, as it was sent. */
  readonly text: string;
  close(): Promise<void>;
}

/** @param answers 200, or an error that it always gives; `never`: it takes and does not answer */
export async function startCollector(answers: number | 'never' = 200): Promise<Collector> {
  const spans: ReceivedSpan[] = [];
  let headers = {};
  let text = '';
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray());
    headers = request.headers;
    if (answers === 'never') return;
    if (request.url === '/v1/traces' && answers === 200) {
      const sent = (request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body).toString();
      text += sent;
      spans.push(...spansOf(JSON.parse(sent)));
    }
    response
      .writeHead(request.url === '/v1/traces' ? answers : 404, { 'content-type': 'application/json' })
      .end('{}');
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    get headers() {
      return headers;
    },
    get text() {
      return text;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

function spansOf(sent: any): ReceivedSpan[] {
  return sent.resourceSpans.flatMap(({ resource, scopeSpans }: any) =>
    scopeSpans.flatMap(({ spans }: any) =>
      spans.map((span: any) => ({
        ...span,
        parentSpanId: span.parentSpanId || undefined,
        attributes: objectOf(span.attributes),
        resource: objectOf(resource.attributes),
        events: (span.events ?? []).map((event: any) => ({
          ...event,
          attributes: objectOf(event.attributes),
        })),
        start: BigInt(span.startTimeUnixNano),
        end: BigInt(span.endTimeUnixNano),
      })),
    ),
  );
}

function objectOf(attributes: readonly { key: string; value: any }[] = []): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, plain(value)]));
}

function plain(value: any): unknown {
  if (value.arrayValue) return (value.arrayValue.values ?? []).map(plain);
  return value.stringValue ?? value.boolValue ?? value.doubleValue ?? Number(value.intValue);
}
