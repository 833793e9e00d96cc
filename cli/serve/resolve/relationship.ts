import { nearestNames } from '../../errors/nearest.js';
import type { Catalog, CatalogRelation, Relationship } from '../catalog/catalog.js';
import type { SelectedEmbed } from '../parse/tree.js';
import { RequestError } from './errors.js';

/**
 * The one relationship that an embedding means.
 * @throws RequestError PGRST200 (none), PGRST201 (several)
 */
export function findRelationship(
  catalog: Catalog,
  from: CatalogRelation,
  { target, hint }: SelectedEmbed,
): Relationship {
  const all = (catalog.relationships.get(from.oid) ?? []).filter(({ to }) => to.schema === from.schema);
  const found = all.filter((relationship) => means(relationship, target, hint));
  const [only] = found;
  if (only && found.length === 1) return only;
  if (only) throw ambiguous(from, target, found);
  throw none(from, target, hint, all);
}

function means(relationship: Relationship, target: string, hint: string | undefined): boolean {
  const { to, constraint, junction } = relationship;
  if (hint === undefined)
    return (
      to.name === target ||
      (!junction && constraint === target) ||
      (relationship.cardinality === 'many-to-one' && singleColumn(relationship) === target)
    );
  return (
    to.name === target &&
    (junction
      ? [junction.relation.name, junction.fromConstraint, junction.toConstraint].includes(hint)
      : constraint === hint || singleColumn(relationship) === hint)
  );
}

/** The foreign key's column, where it has one. Within one table it would stand for both directions: there it is the column of this side. */
function singleColumn({ from, to, columns, cardinality }: Relationship): string | undefined {
  if (columns.length !== 1) return undefined;
  const [own, other] = columns[0]!;
  return cardinality === 'one-to-many' && from !== to ? other : own;
}

function ambiguous(from: CatalogRelation, target: string, found: readonly Relationship[]): RequestError {
  return new RequestError(
    300,
    'PGRST201',
    `Could not embed because more than one relationship was found for '${from.name}' and '${target}'`,
    found.map(({ cardinality, to, constraint, columns, junction }) => ({
      cardinality,
      embedding: `${from.name} with ${to.name}`,
      relationship: junction
        ? `${junction.relation.name} using ${junction.fromConstraint}(${columns.map(([, other]) => other).join(', ')}) and ${junction.toConstraint}(${junction.columns.map(([own]) => own).join(', ')})`
        : `${constraint} using ${from.name}(${columns.map(([own]) => own).join(', ')}) and ${to.name}(${columns.map(([, other]) => other).join(', ')})`,
    })),
    `Try changing '${target}' to one of the following: ${found.map(({ to, constraint, junction }) => `'${to.name}!${junction?.relation.name ?? constraint}'`).join(', ')}. Find the desired relationship in the 'details' key.`,
  );
}

function none(
  from: CatalogRelation,
  target: string,
  hint: string | undefined,
  all: readonly Relationship[],
): RequestError {
  const [near] = nearestNames(
    target,
    all.map(({ to }) => to.name),
    1,
  );
  return new RequestError(
    400,
    'PGRST200',
    `Could not find a relationship between '${from.name}' and '${target}' in the schema cache`,
    `Searched for a foreign key relationship between '${from.name}' and '${target}'${hint === undefined ? '' : ` using the hint '${hint}'`} in the schema '${from.schema}', but no matches were found.`,
    near === undefined ? null : `Perhaps you meant '${near}' instead of '${target}'.`,
  );
}
