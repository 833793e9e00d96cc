import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { requestCancel } from '../../../build/cancel-run.js';
import { migrateIfMade } from '../../../database/migrations/index.js';
import { MedallionError } from '../../../errors/index.js';
import { RequestError } from '../../resolve/errors.js';
import type { Ui } from '../ui.js';
import { readEvents, readRowsOf, readRunDetail, readRunList } from './read.js';
import type { SchedulesAnswer, StartedRun } from './shapes.js';

const startBody = z.strictObject({
  command: z.enum(['build', 'load', 'run']).default('build'),
  select: z.array(z.string()).default([]),
  exclude: z.array(z.string()).default([]),
  fullRefresh: z.boolean().default(false),
});
type OfRun = { Params: { id: string } };

/** Routes of `/ui/api/runs` and `/ui/api/schedules`: to look for those who may, to act for operators who have signed in. */
export function registerRuns(api: FastifyInstance, ui: Ui): void {
  const { sql, options, access } = ui;
  const config = { rateLimit: false } as const;
  const reading = {
    config,
    preHandler: async (request: FastifyRequest) => {
      access.requireLook(request);
    },
  };
  const acting = {
    config: { ...config, writes: true },
    bodyLimit: 65_536,
    preHandler: async (request: FastifyRequest) => {
      access.requireOperator(request);
    },
  };
  const idOf = ({ params }: FastifyRequest<OfRun>) => wholeNumber(params.id, 'The run');
  api.get('/runs', reading, (request) => {
    const query = queryOf(request);
    return known(() =>
      readRunList(sql, options.name, {
        limit: Math.min(wholeNumber(query.get('limit') ?? '50', 'limit'), 500),
        before: query.has('before') ? wholeNumber(query.get('before')!, 'before') : null,
      }),
    );
  });
  api.get<OfRun>('/runs/:id', reading, (request) =>
    known(() => readRunDetail(sql, options.name, idOf(request))),
  );
  api.get<OfRun>('/runs/:id/events', reading, (request) => {
    const after = wholeNumber(queryOf(request).get('after') ?? '0', 'after');
    return known(() => readEvents(sql, options.name, idOf(request), after));
  });
  api.get<OfRun>('/runs/:id/rows', reading, (request) => {
    const query = queryOf(request);
    const limit = Math.min(wholeNumber(query.get('limit') ?? '100', 'limit'), 10_000);
    return known(() =>
      readRowsOf(sql, options.name, { runId: idOf(request), test: query.get('test') ?? '', limit }),
    );
  });
  api.get(
    '/schedules',
    reading,
    (): Promise<SchedulesAnswer> => known(() => ui.orchestration.schedules(sql)),
  );

  api.post('/runs', acting, async (request, reply): Promise<StartedRun> => {
    const body = startBody.safeParse(request.body ?? {});
    if (!body.success)
      throw new RequestError(
        400,
        'UI400',
        `A run cannot be started with that: ${z.prettifyError(body.error)}`,
      );
    const runId = await known(() => ui.orchestration.start(body.data));
    reply.code(201);
    return { runId };
  });
  api.post<OfRun>('/runs/:id/retry', acting, async (request, reply): Promise<StartedRun> => {
    const runId = await known(() => ui.orchestration.retry(idOf(request)));
    reply.code(201);
    return { runId };
  });
  api.post<OfRun>('/runs/:id/cancel', acting, async (request, reply) => {
    await known(async () => {
      await migrateIfMade(sql);
      await requestCancel(sql, options.name, idOf(request), 'by the operator, in the web app');
    });
    return reply.code(202).send();
  });
}

/** Parameters of the URL: the app's own parser leaves them to whoever needs them. */
function queryOf({ url }: FastifyRequest): URLSearchParams {
  return new URL(url, 'http://localhost').searchParams;
}

/** @throws RequestError UI400 */
function wholeNumber(text: string, name: string): number {
  const number = Number(text);
  if (/^\d{1,15}$/.test(text)) return number;
  throw new RequestError(400, 'UI400', `${name} must be a whole number.`);
}

/** What the engine says in the words of HTTP: its code, its message, its hint. */
async function known<Answer>(work: () => Promise<Answer>): Promise<Answer> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof MedallionError)) throw error;
    const { code, message, hint, where } = error.toJSON();
    const status = code === 'MDL5003' ? 404 : ['MDL5001', 'MDL5004', 'MDL5005'].includes(code) ? 409 : 422;
    const place = where ? `${where.file}${where.line === undefined ? '' : `:${where.line}`}` : null;
    throw new RequestError(status, code, message, place, hint ?? null);
  }
}
