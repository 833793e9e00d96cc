import type { ServerResponse } from 'node:http';

/** A request as the server met it, numbered from 1. */
export interface SeenRequest {
  readonly number: number;
  readonly method: string;
  /** Null at the root. */
  readonly table: string | null;
  readonly parameters: URLSearchParams;
  readonly prefer: string;
}

/** How an answer goes wrong on its way, although the database gave it. */
export type Fault =
  /** Something in front of the server answers instead. */
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly headers?: Record<string, string>;
      readonly body?: string;
    }
  /** Fewer rows than asked and than there are. */
  | { readonly kind: 'short'; readonly rows: number }
  /** The body comes in pieces, over this time. */
  | { readonly kind: 'slow'; readonly ms: number }
  /** The connection ends in the middle of the body. */
  | { readonly kind: 'cut' }
  /** Status 200 and half a body, whole as HTTP sees it. */
  | { readonly kind: 'truncated' };

/** Sends a body as a fault wants it. */
export async function send(
  response: ServerResponse,
  fault: Fault | undefined,
  answer: { readonly status: number; readonly headers: Record<string, string>; readonly body: string },
): Promise<void> {
  const { status, headers, body } = answer;
  const bytes = Buffer.from(body);
  const half = Math.floor(bytes.length / 2);
  const head = (length: number) =>
    response.writeHead(status, {
      'content-type': 'application/json; charset=utf-8',
      ...headers,
      'content-length': length,
    });
  if (fault?.kind === 'cut') {
    head(bytes.length);
    response.write(bytes.subarray(0, half), () => response.destroy());
  } else if (fault?.kind === 'truncated') {
    head(half);
    response.end(bytes.subarray(0, half));
  } else if (fault?.kind === 'slow') {
    head(bytes.length);
    for (let i = 0; i < 10 && !response.destroyed; i++) {
      response.write(bytes.subarray((bytes.length * i) / 10, (bytes.length * (i + 1)) / 10));
      await new Promise((resolve) => setTimeout(resolve, fault.ms / 10));
    }
    response.end();
  } else {
    head(bytes.length);
    response.end(bytes);
  }
}
