import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { RequestCounts } from '../../telemetry/metrics/request-counts.js';
import type { Catalog } from '../catalog/catalog.js';
import { RequestError } from '../resolve/errors.js';
import type { Answer, Answers, Encoding } from './answers.js';
import type { Identity } from './auth/identity.js';
import { answerKey, chooseEncoding, etagOf, isKnown, varying } from './conditional.js';
import type { Executor } from './execute.js';
import { mayBeLong, planRead, type ReadRequest, type ReadSettings } from './plan-read.js';
import { type ReadResponse, readRelation } from './read-relation.js';

type Counts = Pick<RequestCounts, 'answers' | 'rows'>;

export interface AnswerOptions extends ReadSettings {
  /** The catalog as it is now. */
  readonly catalog: () => Catalog;
  /** Answers that hold now; undefined while nobody knows whether they do. */
  readonly answers: () => Answers | undefined;
  /** The same, once it is known again. */
  readonly settled: () => Promise<Answers | undefined>;
  readonly executor: Executor;
  readonly counts: Counts;
}

/** Longest URL that is read, in characters. */
const maxUrl = 16_384;

/**
 * Answers a request for rows: from memory where nothing can have changed since, else from the database.
 * @throws RequestError, UrlSyntaxError; PostgresError where Postgres refuses the statement
 */
export async function answer(
  request: FastifyRequest,
  target: ReadRequest['target'],
  reply: FastifyReply,
  identity: Identity,
  options: AnswerOptions,
): Promise<FastifyReply> {
  const { raw, headers, method } = request;
  const url = raw.url!;
  if (url.length > maxUrl) throw new RequestError(414, 'PGRST100', `A URL may have ${maxUrl} characters.`);
  const answers = options.answers() ?? (await options.settled());
  const key = answerKey(url, headers, identity.role);
  const { counts } = options;
  const kept = answers?.get(key);
  if (kept)
    return sendKept(request, reply, kept, counts, 'hit', (encoding) => answers!.packed(key, encoding));
  const query = url.indexOf('?');
  const plan = planRead(
    options.catalog(),
    { target, query: query < 0 ? '' : url.slice(query + 1), headers },
    options,
  );
  const read = () => readRelation(plan, options.executor, identity, options.maxRows);
  if (!answers || plan.version === undefined) {
    counts.answers.bypass++;
    return send(method, reply, counts, await read());
  }
  const validators = {
    etag: etagOf(plan.version, key),
    'cache-control': identity.claims === undefined ? 'no-cache' : 'private, no-cache',
  };
  if (isKnown(headers['if-none-match'], validators.etag)) return sendUnchanged(reply, counts, validators);
  const keep = ({ status, headers: own, rows }: ReadResponse, body: string) => {
    const whole = { status, headers: { ...own, ...validators }, rows, body };
    answers.keep(key, validators.etag, whole);
    return whole;
  };
  if (mayBeLong(plan)) {
    counts.answers.miss++;
    const response = await read();
    const { body } = response;
    const text =
      typeof body === 'string'
        ? body
        : Readable.from(teed(body, answers.maxBytes, (whole) => keep(response, whole))).once('close', () =>
            body.destroy(),
          );
    return send(method, vary(reply).headers(validators), counts, { ...response, body: text });
  }
  const made = await answers.share(key, async () => {
    const response = await read();
    return keep(response, response.body as string);
  });
  return sendKept(request, reply, made, counts, 'miss', () => undefined);
}

/** The parts of a body as they come; all of it for `keep` at the end, unless it is longer than `maxBytes`. */
async function* teed(
  parts: AsyncIterable<string>,
  maxBytes: number,
  keep: (whole: string) => void,
): AsyncGenerator<string> {
  let whole: string | undefined = '';
  for await (const part of parts) {
    if (whole !== undefined && whole.length + part.length > maxBytes) whole = undefined;
    if (whole !== undefined) whole += part;
    yield part;
  }
  if (whole !== undefined) keep(whole);
}

function send(
  method: string,
  reply: FastifyReply,
  counts: Counts,
  { status, headers, rows, body }: ReadResponse,
): FastifyReply {
  reply.code(status).headers(headers);
  if (method !== 'HEAD') {
    counts.rows += rows;
    return reply.send(body);
  }
  if (typeof body !== 'string') body.destroy();
  return reply.send();
}

function sendKept(
  { method, headers }: FastifyRequest,
  reply: FastifyReply,
  { status, headers: own, rows, body }: Answer,
  counts: Counts,
  from: 'hit' | 'miss',
  packed: (encoding: Encoding) => Buffer | undefined,
): FastifyReply {
  if (isKnown(headers['if-none-match'], own.etag!)) return sendUnchanged(reply, counts, own);
  counts.answers[from]++;
  const encoding = chooseEncoding(headers['accept-encoding']);
  const small = encoding && packed(encoding);
  vary(reply).code(status).headers(own);
  if (small) reply.header('content-encoding', encoding);
  const bytes = small ?? body;
  if (method === 'HEAD') return reply.header('content-length', Buffer.byteLength(bytes)).send();
  counts.rows += rows;
  return reply.send(bytes);
}

function sendUnchanged(
  reply: FastifyReply,
  { answers }: Counts,
  { etag, 'cache-control': control }: Answer['headers'],
): FastifyReply {
  answers.not_modified++;
  return vary(reply).code(304).headers({ etag, 'cache-control': control }).send();
}

/** Beside what is said already, by CORS. */
function vary(reply: FastifyReply): FastifyReply {
  const already = reply.getHeader('vary');
  return reply.header('vary', already ? `${already}, ${varying}` : varying);
}
