import type { CatalogRelation, JoinColumns, Relationship } from './catalog.js';

/** A foreign key of a table, exposed or not. Columns are numbers, counted from 1. */
export interface ForeignKey {
  readonly name: string;
  readonly table: number;
  readonly columns: readonly number[];
  readonly references: number;
  readonly referencedColumns: readonly number[];
  /** Its columns are unique: at most one row points to another. */
  readonly isUnique: boolean;
  /** Its columns are part of the primary key. */
  readonly isInPrimaryKey: boolean;
}

/** An exposed relation that shows columns of a table: the table itself, or a view on it. */
export interface Showing {
  readonly relation: CatalogRelation;
  /** The name in the relation of each column of the table that it shows. */
  readonly names: ReadonlyMap<number, string>;
}

/**
 * Every way between exposed relations.
 * @param showing by table
 */
export function findRelationships(
  keys: readonly ForeignKey[],
  showing: ReadonlyMap<number, readonly Showing[]>,
): ReadonlyMap<number, readonly Relationship[]> {
  const forward = keys.flatMap((key) => alongKey(key, showing));
  const all = [
    ...forward.map(({ relationship }) => relationship),
    ...forward.map(({ relationship }) => backward(relationship)),
    ...throughJunctions(forward),
  ];
  const byOrigin = new Map<number, Relationship[]>();
  for (const relationship of all)
    byOrigin.set(relationship.from.oid, [...(byOrigin.get(relationship.from.oid) ?? []), relationship]);
  return byOrigin;
}

interface Forward {
  readonly key: ForeignKey;
  readonly relationship: Relationship;
}

function alongKey(key: ForeignKey, showing: ReadonlyMap<number, readonly Showing[]>): Forward[] {
  return (showing.get(key.table) ?? []).flatMap((from) =>
    (showing.get(key.references) ?? []).flatMap((to): Forward[] => {
      const columns = key.columns.map(
        (column, i) => [from.names.get(column), to.names.get(key.referencedColumns[i]!)] as const,
      );
      if (columns.some(([one, other]) => one === undefined || other === undefined)) return [];
      return [
        {
          key,
          relationship: {
            from: from.relation,
            to: to.relation,
            cardinality: key.isUnique ? 'one-to-one' : 'many-to-one',
            isAlongKey: true,
            constraint: key.name,
            columns: columns as unknown as JoinColumns,
            junction: undefined,
          },
        },
      ];
    }),
  );
}

function turned(columns: JoinColumns): JoinColumns {
  return columns.map(([one, other]) => [other, one] as const);
}

function backward({ from, to, cardinality, constraint, columns }: Relationship): Relationship {
  return {
    from: to,
    to: from,
    cardinality: cardinality === 'many-to-one' ? 'one-to-many' : 'one-to-one',
    isAlongKey: false,
    constraint,
    columns: turned(columns),
    junction: undefined,
  };
}

/** A relation whose primary key holds two foreign keys joins what they point to. */
function throughJunctions(forward: readonly Forward[]): Relationship[] {
  const byJunction = new Map<number, Forward[]>();
  for (const way of forward)
    if (way.key.isInPrimaryKey)
      byJunction.set(way.relationship.from.oid, [...(byJunction.get(way.relationship.from.oid) ?? []), way]);
  return [...byJunction.values()].flatMap((ways) =>
    ways.flatMap((one) =>
      ways
        .filter((other) => other.key !== one.key)
        .map(({ relationship: { from: relation, to, constraint, columns } }) => ({
          from: one.relationship.to,
          to,
          cardinality: 'many-to-many' as const,
          isAlongKey: false,
          constraint: `${one.relationship.constraint}, ${constraint}`,
          columns: turned(one.relationship.columns),
          junction: {
            relation,
            fromConstraint: one.relationship.constraint,
            toConstraint: constraint,
            columns,
          },
        })),
    ),
  );
}
