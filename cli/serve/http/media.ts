import { RequestError } from '../resolve/errors.js';

/** How rows are written. */
export interface Media {
  readonly format: 'array' | 'object' | 'csv';
  readonly stripNulls: boolean;
  readonly contentType: string;
}

const json = 'application/json; charset=utf-8';

const known: Readonly<Record<string, Omit<Media, 'stripNulls'>>> = {
  '*/*': { format: 'array', contentType: json },
  'application/*': { format: 'array', contentType: json },
  'application/json': { format: 'array', contentType: json },
  'application/vnd.pgrst.array+json': { format: 'array', contentType: json },
  'application/vnd.pgrst.array': { format: 'array', contentType: json },
  'application/vnd.pgrst.object+json': {
    format: 'object',
    contentType: 'application/vnd.pgrst.object+json; charset=utf-8',
  },
  'application/vnd.pgrst.object': {
    format: 'object',
    contentType: 'application/vnd.pgrst.object+json; charset=utf-8',
  },
  'text/csv': { format: 'csv', contentType: 'text/csv; charset=utf-8' },
};

/**
 * The best that a client accepts.
 * @param accept the header; undefined: anything
 * @throws RequestError PGRST107
 */
export function chooseMedia(accept: string | undefined): Media {
  const ranges = (accept ?? '*/*')
    .split(',')
    .map((range) => {
      const [type = '', ...parameters] = range.split(';').map((part) => part.trim());
      const quality = parameters.find((parameter) => parameter.startsWith('q='));
      return {
        type: type.toLowerCase() || '*/*',
        stripNulls: parameters.includes('nulls=stripped'),
        quality: quality ? Number(quality.slice(2)) : 1,
      };
    })
    .filter(({ quality }) => quality > 0)
    .sort((a, b) => b.quality - a.quality);
  for (const { type, stripNulls } of ranges) {
    const media = known[type];
    if (!media) continue;
    const stripped = stripNulls && type.startsWith('application/vnd.pgrst.');
    return {
      ...media,
      stripNulls: stripped,
      contentType: stripped
        ? `${type.replace(/(array|object)$/, '$1+json')}; nulls=stripped; charset=utf-8`
        : media.contentType,
    };
  }
  throw new RequestError(406, 'PGRST107', `None of these media types are available: ${accept}`);
}
