import { LRUCache } from 'lru-cache';
import { RequestError } from '../resolve/errors.js';

/** How rows are written. */
export interface Media {
  readonly format: 'array' | 'object' | 'csv' | 'geojson';
  readonly stripNulls: boolean;
  readonly contentType: string;
  /** How Postgres would carry it out is asked for instead. */
  readonly plan?: PlanOptions;
}

export interface PlanOptions {
  readonly format: 'json' | 'text';
  /** Of `explain`. */
  readonly options: readonly PlanOption[];
}

const planOptions = ['analyze', 'verbose', 'settings', 'buffers', 'wal'] as const;
type PlanOption = (typeof planOptions)[number];

const json = 'application/json; charset=utf-8';

const known: Readonly<Record<string, Omit<Media, 'stripNulls' | 'plan'>>> = {
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
  'application/geo+json': { format: 'geojson', contentType: 'application/geo+json; charset=utf-8' },
  'text/csv': { format: 'csv', contentType: 'text/csv; charset=utf-8' },
};

/** What there is beside rows as JSON and CSV. */
export interface MediaAbilities {
  readonly geoJson: boolean;
  readonly plan: boolean;
}

/** Of all the headers that clients send, those of the last while: there are few, and they come with each request. */
const chosen = new LRUCache<string, Media>({ max: 200 });

/**
 * The best that a client accepts.
 * @param accept the header; undefined: anything
 * @throws RequestError PGRST107
 */
export function chooseMedia(accept: string | undefined, can: MediaAbilities): Media {
  const key = `${can.geoJson} ${can.plan} ${accept}`;
  let media = chosen.get(key);
  if (!media) {
    media = findMedia(accept, can);
    chosen.set(key, media);
  }
  return media;
}

function findMedia(accept: string | undefined, can: MediaAbilities): Media {
  const ranges = (accept ?? '*/*')
    .split(',')
    .map((range) => {
      const [type = '', ...parameters] = range.split(';').map((part) => part.trim());
      const quality = parameters.find((parameter) => parameter.startsWith('q='));
      return {
        type: type.toLowerCase() || '*/*',
        stripNulls: parameters.includes('nulls=stripped'),
        parameters,
        quality: quality ? Number(quality.slice(2)) : 1,
      };
    })
    .filter(({ quality }) => quality > 0)
    .sort((a, b) => b.quality - a.quality);
  for (const { type, stripNulls, parameters } of ranges) {
    if (can.plan && /^application\/vnd\.pgrst\.plan(\+json|\+text)?$/.test(type))
      return planMedia(type, parameters, can);
    const media = known[type];
    if (!media || (media.format === 'geojson' && !can.geoJson)) continue;
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

/** `application/vnd.pgrst.plan+json; for="text/csv"; options=analyze|verbose` @throws RequestError PGRST107 */
function planMedia(type: string, parameters: readonly string[], can: MediaAbilities): Media {
  const parameter = (name: string) =>
    parameters
      .find((one) => one.startsWith(`${name}=`))
      ?.slice(name.length + 1)
      .replaceAll('"', '');
  const planned = chooseMedia(parameter('for') || undefined, { ...can, plan: false });
  const asked = (parameter('options') ?? '').split('|');
  const options = planOptions.filter((option) => asked.includes(option));
  const format = type.endsWith('+json') ? 'json' : 'text';
  return {
    ...planned,
    contentType: `application/vnd.pgrst.plan+${format}; for="${planned.contentType.split(';')[0]}"${options.length > 0 ? `; options=${options.join('|')}` : ''}; charset=utf-8`,
    plan: { format, options },
  };
}
