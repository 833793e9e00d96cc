import type { IncomingHttpHeaders } from 'node:http';
import type { CompiledQuery } from 'kysely';
import { LRUCache } from 'lru-cache';
import type { Catalog, CatalogRelation } from '../catalog/catalog.js';
import type { UrlTree } from '../parse/tree.js';
import { parseUrl } from '../parse/url.js';
import { bind, markedTree, shapeOf, type Template, toTemplate } from '../query/shape.js';
import {
  allRowsStatement,
  type RowFormat,
  readStatement,
  type StatementOptions,
} from '../query/statement.js';
import { resolveCall } from '../resolve/call.js';
import { findRelation, findSchema } from '../resolve/names.js';
import type { RowsQuery } from '../resolve/query.js';
import { resolveUrl } from '../resolve/resolve.js';
import { namesMoment, versionOf } from '../resolve/version.js';
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
  /** The statement of the rows. */
  readonly statement: (options: Omit<StatementOptions, 'format'>) => CompiledQuery;
  /** The same rows, all of them, for estimates. */
  readonly estimated: () => CompiledQuery;
  readonly media: Media;
  readonly preferences: Preferences;
  readonly offset: number;
  /** One row, or value, without a list around it: asked for, or what a function gives. */
  readonly isSingle: boolean;
  /** Of the answer, whatever it is. */
  readonly headers: Readonly<Record<string, string>>;
  /** As long as it is the same, so is the answer; undefined: it may be another at any moment. */
  readonly version: string | undefined;
}

/** Whether more rows than one batch may come: they go out as they come. */
export function mayBeLong({ rows, isSingle }: ReadPlan): boolean {
  return !isSingle && (rows.limit === undefined || rows.limit > fetchRows);
}

/**
 * Meets a request for rows with what is exposed.
 * @throws RequestError, UrlSyntaxError
 */
export function planRead(catalog: Catalog, request: ReadRequest, settings: ReadSettings): ReadPlan {
  const { headers } = request;
  const media = chooseMedia(headers.accept, {
    geoJson: catalog.toGeoJson !== undefined,
    plan: settings.plan,
  });
  const preferences = readPreferences(joined(headers.prefer));
  const profile = joined(headers['accept-profile']);
  const schema = findSchema(catalog, profile);
  const parameters = new URLSearchParams(request.query);
  const resolved =
    request.target.kind === 'function'
      ? resolveCall(catalog, schema, request.target.name, parameters)
      : undefined;
  const relation = resolved?.called.rows ?? findRelation(catalog, schema, request.target.name);
  const tree = parseUrl(resolved?.parameters ?? parameters, { depth: settings.maxDepth });
  const asked = meetRange(headers.range, tree.root);
  const ranged = { ...tree, root: { ...tree.root, ...asked } };
  const query = resolved
    ? statementsOf({ ...resolveUrl(catalog, relation, ranged, settings), call: resolved.call })
    : relationQuery(catalog, relation, ranged, settings);
  const { rows } = query;
  const format: RowFormat =
    resolved?.called.value !== undefined && media.format !== 'csv' ? 'value' : rowFormat(catalog, media);
  return {
    ...{ rows, media, preferences, offset: asked.offset },
    statement: (options) => query.statement({ ...options, format }),
    estimated: query.estimated,
    isSingle:
      media.format === 'object' || (media.format === 'array' && resolved?.called.returnsSet === false),
    headers: headersOf(media, preferences, profile === undefined ? undefined : schema),
    version: media.plan || namesMoment(request.query, parameters) ? undefined : query.version,
  };
}

function headersOf(
  { contentType }: Media,
  { applied }: Preferences,
  profile: string | undefined,
): Record<string, string> {
  const headers: Record<string, string> = { 'content-type': contentType };
  if (applied !== undefined) headers['preference-applied'] = applied;
  if (profile !== undefined) headers['content-profile'] = profile;
  return headers;
}

/** Rows that were asked for, and the statements for them. */
interface RowsStatements {
  readonly rows: RowsQuery;
  readonly version: string | undefined;
  statement(options: StatementOptions): CompiledQuery;
  estimated(): CompiledQuery;
}

function statementsOf(rows: RowsQuery): RowsStatements {
  return {
    rows,
    version: versionOf(rows),
    statement: (options) => readStatement(rows, options),
    estimated: () => allRowsStatement(rows),
  };
}

/** What was made of a shape, by what it was made for. */
interface ShapeStatements {
  readonly rows: RowsQuery;
  readonly version: string | undefined;
  readonly templates: Map<string, Template>;
}

/** Shapes of a catalog that are remembered. */
const maxShapes = 500;
const shapesOf = new WeakMap<Catalog, LRUCache<string, ShapeStatements>>();

/** A URL that differs from one before in its values only is neither resolved nor compiled again. */
function relationQuery(
  catalog: Catalog,
  relation: CatalogRelation,
  tree: UrlTree,
  settings: ReadSettings,
): RowsStatements {
  const shapes = shapesOf.get(catalog) ?? new LRUCache({ max: maxShapes });
  shapesOf.set(catalog, shapes);
  const shape = shapeOf(tree);
  const key = `${relation.oid} ${shape.key}`;
  let known = shapes.get(key);
  if (!known) {
    const rows = resolveUrl(catalog, relation, markedTree(tree), settings);
    known = { rows, version: versionOf(rows), templates: new Map() };
    shapes.set(key, known);
  }
  const { rows, version, templates } = known;
  const bound = (name: string, make: (of: RowsQuery) => CompiledQuery): CompiledQuery => {
    let template = templates.get(name);
    if (!template) {
      template = toTemplate(make(rows));
      templates.set(name, template);
    }
    return bind(template, shape.values) ?? make(resolveUrl(catalog, relation, tree, settings));
  };
  return {
    rows,
    version,
    statement: (options) => bound(nameOf(options), (of) => readStatement(of, options)),
    estimated: () => bound('estimated', allRowsStatement),
  };
}

/** Options that are the same have one name. */
function nameOf({ format, countsAll, countsPage, isJoined }: StatementOptions): string {
  return `${typeof format === 'object' ? format.feature : format} ${countsAll} ${countsPage} ${isJoined}`;
}

function rowFormat(catalog: Catalog, { format, stripNulls }: Media): RowFormat {
  if (format === 'geojson') return { feature: catalog.toGeoJson! };
  return format === 'csv' ? 'texts' : stripNulls ? 'stripped' : 'object';
}

function joined(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header.join(',') : header;
}
