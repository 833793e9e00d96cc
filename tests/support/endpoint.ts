import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A server that is posted to. */
export interface Endpoint {
  readonly origin: string;
  readonly received: Received[];
  /** The bodies, as JSON. */
  readonly bodies: () => any[];
  close(): Promise<void>;
}

/**
 * @param answer what the request of this number (from 1) is answered: a status, or anything that is done with the response
 */
export async function startEndpoint(
  answer: (count: number, response: ServerResponse) => number | undefined = () => 200,
): Promise<Endpoint> {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    received.push({ path: request.url!, headers: request.headers, body });
    const status = answer(received.length, response);
    if (status !== undefined) response.writeHead(status).end(status === 200 ? 'ok' : `said ${request.url}`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    bodies: () => received.map(({ body }) => JSON.parse(body)),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
