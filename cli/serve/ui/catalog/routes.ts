import type { FastifyInstance, FastifyRequest } from 'fastify';
import { migrateIfMade } from '../../../database/migrations/index.js';
import { didYouMean } from '../../../errors/index.js';
import { RequestError } from '../../resolve/errors.js';
import type { Ui } from '../ui.js';
import { describeNode } from './detail.js';
import { toNodes } from './nodes.js';
import { readLineage, readNodes } from './read.js';
import type { CatalogAnswer, CatalogDetail } from './shapes.js';

/** What the pages of the catalog and of the lineage ask, under `/ui/api`. */
export function registerCatalog(api: FastifyInstance, { access, options, sql, catalog }: Ui): void {
  const project = options.name;
  const wasBuilt = () => migrateIfMade(sql);
  const reading = {
    config: { rateLimit: false } as const,
    preHandler: async (request: FastifyRequest) => {
      access.requireLook(request);
    },
  };
  const readAll = async () =>
    toNodes((await wasBuilt()) ? await readNodes(sql, project, null) : [], catalog());

  api.get('/catalog', reading, async (): Promise<CatalogAnswer> => {
    const nodes = await readAll();
    const left = nodes.flatMap(({ layer }) => (layer === null || options.layers.has(layer) ? [] : [layer]));
    return { layers: [...options.layers.keys(), ...new Set(left)], nodes };
  });

  api.get<{ Params: { '*': string } }>('/catalog/*', reading, async (request): Promise<CatalogDetail> => {
    const name = request.params['*'];
    const found = (await wasBuilt()) ? await describeNode(sql, project, catalog(), name) : undefined;
    if (found) return found;
    const known = (await readAll()).map((node) => node.name);
    throw new RequestError(
      404,
      'UI404',
      `The catalog has no node ${JSON.stringify(name)}.`,
      null,
      didYouMean(name, known),
    );
  });

  api.get('/lineage', reading, async (_request, reply) => {
    reply.type('application/json; charset=utf-8');
    return (await wasBuilt()) ? readLineage(sql, project) : '{}';
  });
}
