import type { FastifyReply, FastifyRequest } from 'fastify';
import type { RequestSpans } from '../../telemetry/traces/requests.js';

/**
 * A span from here to the end of the answer.
 * @param done what follows belongs to it
 */
export function traceRequest(
  spans: RequestSpans,
  request: FastifyRequest,
  raw: FastifyReply['raw'],
  done: () => void,
): void {
  const { method, headers, protocol, host, routeOptions } = request;
  const { url: route, config } = routeOptions;
  // Registered before what follows can end the answer.
  raw.once('close', () => {
    const status = raw.statusCode;
    const isWhole = raw.writableFinished || (config?.isEndless && raw.headersSent);
    end(
      raw.headersSent ? { 'http.response.status_code': status } : {},
      !isWhole ? { type: 'client_left' } : status >= 500 ? { type: String(status) } : undefined,
    );
  });
  const end = spans.begin({ method, url: request.raw.url!, headers, scheme: protocol, host, route }, done);
}
