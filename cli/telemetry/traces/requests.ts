import { AsyncLocalStorage } from 'node:async_hooks';
import {
  type Attributes,
  type Context,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import type { Tracing } from './tracing.js';

/** A request, as far as a span tells of it. */
export interface TracedRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly scheme: string;
  readonly host: string;
  /** `/:name`; undefined where no route fits. */
  readonly route: string | undefined;
}

/** Ends a span. */
export type EndSpan = (
  attributes: Attributes,
  error?: { readonly type: string; readonly message?: string },
) => void;

const methods = new Set(['GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'PATCH', 'DELETE', 'CONNECT', 'TRACE']);

/**
 * Spans of requests and of the statements that answer them.
 * @see https://opentelemetry.io/docs/specs/semconv/http/http-spans/#http-server
 * @see https://opentelemetry.io/docs/specs/semconv/database/postgresql/
 */
export class RequestSpans {
  private readonly current = new AsyncLocalStorage<Context>();

  constructor(private readonly tracing: Tracing) {}

  /** @param carryOn what happens in it, now and later, belongs to the request */
  begin(request: TracedRequest, carryOn: () => void): EndSpan {
    const { method, url, headers, scheme, host, route } = request;
    const isKnown = methods.has(method);
    const query = url.indexOf('?');
    const parent = this.tracing.parentOf(headers);
    const span = this.tracing.tracer.startSpan(
      `${isKnown ? method : 'HTTP'}${route === undefined ? '' : ` ${route}`}`,
      {
        kind: SpanKind.SERVER,
        attributes: {
          'http.request.method': isKnown ? method : '_OTHER',
          'url.path': query < 0 ? url : url.slice(0, query),
          ...(query >= 0 && { 'url.query': namesOf(url.slice(query + 1)) }),
          'url.scheme': scheme,
          'server.address': host,
          ...(route !== undefined && { 'http.route': route }),
        },
      },
      parent,
    );
    this.current.run(trace.setSpan(parent, span), carryOn);
    return ending(span);
  }

  /** A statement for the request that is answered; its values are not in the text. */
  statement(text: string): EndSpan {
    const span = this.tracing.tracer.startSpan(
      'postgresql',
      { kind: SpanKind.CLIENT, attributes: { 'db.system.name': 'postgresql', 'db.query.text': text } },
      this.current.getStore(),
    );
    return ending(span);
  }
}

function ending(span: Span): EndSpan {
  return (attributes, error) => {
    span.setAttributes(attributes);
    if (error) {
      span.setAttribute('error.type', error.type);
      span.setStatus({
        code: SpanStatusCode.ERROR,
        ...(error.message !== undefined && { message: error.message }),
      });
    }
    span.end();
  };
}

/** What was filtered by, and not for whom: values may be personal. */
function namesOf(query: string): string {
  return query
    .split('&')
    .map((part) => {
      const [name] = part.split('=', 1);
      return part.includes('=') ? `${name}=…` : name;
    })
    .join('&');
}
