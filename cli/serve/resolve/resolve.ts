import type { Catalog, CatalogRelation } from '../catalog/catalog.js';
import type { Clauses, SelectItem, UrlTree } from '../parse/tree.js';
import { notEmbedded } from './errors.js';
import { Level, type LevelOptions } from './level.js';
import type { RowsQuery } from './query.js';
import { findRelationship } from './relationship.js';

/**
 * Meets what a URL asks for with what there is.
 * @throws RequestError for what is not there or not allowed
 */
export function resolveUrl(
  catalog: Catalog,
  relation: CatalogRelation,
  tree: UrlTree,
  options: LevelOptions,
): RowsQuery {
  const used = new Set<string>();
  let aliases = 0;
  const nextAlias = () => `t${aliases++}`;

  const resolveRows = (
    of: CatalogRelation,
    select: readonly SelectItem[],
    path: readonly string[],
    isHoisted: boolean,
  ): Level => {
    const level = new Level(catalog, of, nextAlias(), options, isHoisted);
    for (const item of select) {
      if (item.kind === 'all') level.addAll();
      else if (item.kind === 'field') level.addField(item);
      else {
        const relationship = findRelationship(catalog, of, item);
        const key = item.alias ?? item.target;
        const isOne = relationship.cardinality.endsWith('-one');
        const child = resolveRows(relationship.to, item.select, [...path, key], item.isSpread && isOne);
        level.addEmbed(item, relationship, child, relationship.junction && nextAlias());
      }
    }
    const clausesKey = path.join('.');
    const clauses = path.length === 0 ? tree.root : tree.embedded.get(clausesKey)?.clauses;
    used.add(clausesKey);
    level.addClauses(clauses ?? noClauses);
    return level;
  };

  const root = resolveRows(relation, tree.select, [], false);
  for (const [key, { path }] of tree.embedded) if (!used.has(key)) throw notEmbedded(path.join('.'));
  return root.finish();
}

const noClauses: Clauses = { conditions: [], order: [], limit: undefined, offset: undefined };
