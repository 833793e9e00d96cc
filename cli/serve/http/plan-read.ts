import type { IncomingHttpHeaders } from 'node:http';
import type { Catalog } from '../catalog/catalog.js';
import { parseUrl } from '../parse/url.js';
import type { RowFormat } from '../query/statement.js';
import { resolveCall } from '../resolve/call.js';
import { findRelation, findSchema } from '../resolve/names.js';
import type { RowsQuery } from '../resolve/query.js';
import { resolveUrl } from '../resolve/resolve.js';
import { versionOf } from '../resolve/version.js';
import { fetchRows } from './execute.js';
import { chooseMedia, type Media } from './media.js';
import { type Preferences, readPreferences } from './preferences.js';
import { meetRange } from './range.js';

export interface ReadSettings {
  readonly maxRows: number | undefined;
  readonly aggregates: boolean;
  /** Levels of parentheses in a URL. */
  readonly maxDepth: number;
  /** Whether plans are told. */
  readonly plan: boolean;
}

export interface ReadRequest {
  /** A table or view, or a function that is called. */
  readonly target: { readonly kind: 'relation' | 'function'; readonly name: string };
  /** What stands behind the `?`. */
  readonly query: string;
  readonly headers: IncomingHttpHeaders;
}

/** What a request asks for, before the database is asked. */
export interface ReadPlan {
  readonly rows: RowsQuery;
  readonly media: Media;
  readonly preferences: Preferences;
  readonly offset: number;
  /** How a row is written. */
  readonly format: RowFormat;
  /** There is one row, or value, and no list around it: a function gives that. */
  readonly isSingle: boolean;
  /** Of the answer, whatever it is. */
  readonly headers: Readonly<Record<string, string>>;
  /** As long as it is the same, so is the answer; undefined: it may be another at any moment. */
  readonly version: string | undefined;
}

/** Whether more rows than one batch may come: they go out as they come. */
export function mayBeLong({ media, rows, isSingle }: ReadPlan): boolean {
  return !isSingle && media.format !== 'object' && (rows.limit === undefined || rows.limit > fetchRows);
}

/**
 * Meets a request for rows with what is exposed.
 * @throws RequestError, UrlSyntaxError
 */
export function planRead(catalog: Catalog, request: ReadRequest, settings: ReadSettings): ReadPlan {
  const { headers, query } = request;
  const media = chooseMedia(headers.accept, {
    geoJson: catalog.toGeoJson !== undefined,
    plan: settings.plan,
  });
  const preferences = readPreferences(joined(headers.prefer));
  const profile = joined(headers['accept-profile']);
  const schema = findSchema(catalog, profile);
  const parameters = new URLSearchParams(query);
  const resolved =
    request.target.kind === 'function'
      ? resolveCall(catalog, schema, request.target.name, parameters)
      : undefined;
  const relation = resolved?.called.rows ?? findRelation(catalog, schema, request.target.name);
  const tree = parseUrl(resolved?.parameters ?? parameters, { depth: settings.maxDepth });
  const asked = meetRange(headers.range, tree.root);
  const rows = {
    ...resolveUrl(catalog, relation, { ...tree, root: { ...tree.root, ...asked } }, settings),
    ...(resolved && { call: resolved.call }),
  };
  const isValue = resolved?.called.value !== undefined && media.format !== 'csv';
  return {
    ...{ rows, media, preferences, offset: asked.offset },
    format: isValue ? 'value' : rowFormat(catalog, media),
    isSingle: resolved?.called.returnsSet === false && ['array', 'object'].includes(media.format),
    headers: {
      ...(preferences.applied !== undefined && { 'preference-applied': preferences.applied }),
      ...(profile !== undefined && { 'content-profile': schema }),
      'content-type': media.contentType,
    },
    version: media.plan ? undefined : versionOf(rows, parameters.toString()),
  };
}

function rowFormat(catalog: Catalog, { format, stripNulls }: Media): RowFormat {
  if (format === 'geojson') return { feature: catalog.toGeoJson! };
  return format === 'csv' ? 'texts' : stripNulls ? 'stripped' : 'object';
}

function joined(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header.join(',') : header;
}
