import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { packagePath } from '../../version.js';

/** A file of the web app, in the forms in which it may be sent. */
interface Asset {
  readonly type: string;
  readonly body: Buffer;
  readonly packed: Readonly<Partial<Record<'br' | 'gzip', Buffer>>>;
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};
const packings = { br: '.br', gzip: '.gz' } as const;

/** The built web app, which `scripts/build.js` puts into dist/web; it is small enough to be kept in memory. */
export class Assets {
  private constructor(private readonly files: ReadonlyMap<string, Asset>) {}

  static load(): Assets {
    const folder = packagePath('dist/web');
    const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) =>
      name.replaceAll('\\', '/'),
    );
    const known = new Set(names);
    const files = names
      .filter((name) => types[extname(name)])
      .map((name) => {
        const packed = Object.entries(packings).flatMap(([encoding, ending]) =>
          known.has(name + ending) ? [[encoding, readFileSync(join(folder, name + ending))] as const] : [],
        );
        return [
          name,
          {
            type: types[extname(name)]!,
            body: readFileSync(join(folder, name)),
            packed: Object.fromEntries(packed),
          },
        ] as const;
      });
    return new Assets(new Map(files));
  }

  has(name: string): boolean {
    return this.files.has(name);
  }

  /** @param name of a file that there is; those under `assets/` never change, as their names tell their content */
  send(request: FastifyRequest, reply: FastifyReply, name: string): FastifyReply {
    const { type, body, packed } = this.files.get(name)!;
    const accepted = String(request.headers['accept-encoding'] ?? '');
    const encoding = (['br', 'gzip'] as const).find((known) => accepted.includes(known) && packed[known]);
    reply
      .type(type)
      .header(
        'cache-control',
        name.startsWith('assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
      )
      .header('vary', 'accept-encoding, accept');
    if (encoding) reply.header('content-encoding', encoding);
    return reply.send(encoding ? packed[encoding] : body);
  }
}
