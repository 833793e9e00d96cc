import type { Distribution } from '../config/distribution.js';
import {
  maxIdentifierBytes,
  quoteIdentifier,
  quoteRelation,
  type Relation,
} from '../database/identifiers.js';
import type { Where } from '../errors/index.js';
import type { Contract } from '../project/model.js';
import { type ComposedSql, compose } from './model-sql.js';

/** A clause of `alter table`, and what of the front matter it stands for. */
interface Clause {
  readonly kind: 'default' | 'not null' | 'constraint';
  /** Of a constraint: what follows `add`, and behind its name, if it has one. */
  readonly text: string;
  readonly name?: string | undefined;
  /** What Postgres would name a constraint after. */
  readonly namedAfter?: readonly string[];
  readonly where: Where;
}

/** What a foreign key points to. */
export interface ForeignTarget {
  readonly relation: Relation;
  /** The stage has no table of it, which a key could point to before it is published. */
  readonly isShown: boolean;
  readonly primaryKey: readonly string[];
  readonly distribution: Distribution | null;
}

/** Keys, not null, checks and defaults in ONE `alter table`, which Postgres carries out in one pass over the rows. */
export function constraintsSql(relation: Relation, contract: Contract): ComposedSql[] {
  const clauses = constraintClauses(contract);
  return clauses.length > 0 ? [alter(relation, clauses)] : [];
}

/** The same in a statement for each, to learn which of them Postgres refuses. */
export function constraintsOneByOneSql(relation: Relation, contract: Contract): ComposedSql[] {
  return constraintClauses(contract).map((clause) => alter(relation, [clause]));
}

/** Defaults alone: those of a table that is filled later. */
export function defaultsSql(relation: Relation, contract: Contract): ComposedSql[] {
  return constraintClauses(contract)
    .filter(({ kind }) => kind === 'default')
    .map((clause) => alter(relation, [clause]));
}

/** What rows have to meet, for a distributed table: Citus takes a constraint as the only clause of its statement, and wants it to have a name. */
export function namedConstraintsSql(relation: Relation, contract: Contract): ComposedSql[] {
  const taken = new Set(contract.checks.flatMap(({ name }) => name ?? []));
  return constraintClauses(contract)
    .filter(({ kind }) => kind !== 'default')
    .map((clause) => alter(relation, [{ ...clause, name: clause.name ?? nameFor(relation, clause, taken) }]));
}

/** A name as Postgres would find it: `orders_id_key`, `orders_id_key1`. */
function nameFor(
  relation: Relation,
  { namedAfter }: Pick<Clause, 'namedAfter'>,
  taken: Set<string>,
): string | undefined {
  if (!namedAfter) return undefined;
  const base = cut([relation.name, ...namedAfter.slice(0, -1)].join('_'));
  const kind = namedAfter.at(-1)!;
  for (let i = 0; ; i++) {
    const name = `${base}_${kind}${i === 0 ? '' : i}`;
    if (taken.has(name)) continue;
    taken.add(name);
    return name;
  }
}

/** Leaves room for a kind and a number. */
function cut(text: string): string {
  let kept = text;
  while (Buffer.byteLength(kept) > maxIdentifierBytes - 12) kept = [...kept].slice(0, -1).join('');
  return kept;
}

function alter(relation: Relation, clauses: readonly Clause[]): ComposedSql {
  const pieces = clauses.flatMap((clause, i) => [
    { text: i === 0 ? '' : ',\n  ' },
    { text: clauseText(clause), locate: () => clause.where },
  ]);
  return compose([{ text: `alter table ${quoteRelation(relation)}\n  ` }, ...pieces], clauses[0]!.where);
}

function clauseText({ kind, name, text }: Clause): string {
  if (kind !== 'constraint') return text;
  return `add ${name === undefined ? '' : `constraint ${quoteIdentifier(name)} `}${text}`;
}

function constraintClauses(contract: Contract): Clause[] {
  const names = (columns: readonly string[]) => columns.map(quoteIdentifier).join(', ');
  const clauses: Clause[] = [];
  const add = (text: string, namedAfter: readonly string[], where: Where, name?: string) =>
    clauses.push({ kind: 'constraint', text, namedAfter, where, name });
  for (const { where, ...column } of contract.columns ?? []) {
    const name = quoteIdentifier(column.name);
    if (column.defaultSql !== undefined)
      clauses.push({
        kind: 'default',
        text: `alter column ${name} set default (${column.defaultSql}\n)`,
        where,
      });
    if (column.notNull && !contract.primaryKey.includes(column.name))
      clauses.push({ kind: 'not null', text: `alter column ${name} set not null`, where });
    if (column.unique) add(`unique (${name})`, [column.name, 'key'], where);
    if (column.check !== undefined) add(`check (${column.check}\n)`, [column.name, 'check'], where);
  }
  if (contract.primaryKey.length > 0)
    add(`primary key (${names(contract.primaryKey)})`, ['pkey'], contract.where.primaryKey);
  for (const [i, columns] of contract.uniques.entries())
    add(`unique (${names(columns)})`, [...columns, 'key'], contract.where.uniques[i]!);
  for (const { name, expression, where } of contract.checks)
    add(`check (${expression}\n)`, ['check'], where, name);
  return clauses;
}

/**
 * One statement for each foreign key that can be there now, or with `late` for each that cannot. They are deferrable, so that a publish by delta may write rows that refer to
 * each other in any order; others who write are checked at once, as always.
 * @param targetOf the staged or published relation that it points to
 * @param named they get names, and are not deferrable, as Citus wants
 */
export function foreignKeysSql(
  relation: Relation,
  contract: Contract,
  targetOf: (name: string) => ForeignTarget,
  { named = false, late = false } = {},
): ComposedSql[] {
  const taken = new Set<string>();
  return contract.foreignKeys.flatMap((key) => {
    const target = targetOf(key.references);
    if (target.isShown !== late) return [];
    const columns = key.referencedColumns.length > 0 ? key.referencedColumns : target.primaryKey;
    const name = named ? nameFor(relation, { namedAfter: [...key.columns, 'fkey'] }, taken) : undefined;
    const text = `foreign key (${key.columns.map(quoteIdentifier).join(', ')}) references ${quoteRelation(target.relation)} (${columns.map(quoteIdentifier).join(', ')})${named ? '' : ' deferrable'}`;
    return compose(
      [
        {
          text: `alter table ${quoteRelation(relation)} ${clauseText({ kind: 'constraint', name, text, where: key.where })}`,
          locate: () => key.where,
        },
      ],
      key.where,
    );
  });
}

/** Keys of a materialized view, which can have no constraints: by the first of them it is refreshed while others read it. */
export function uniqueIndexesSql(
  relation: Relation,
  { primaryKey, uniques, columns, where }: Contract,
): ComposedSql[] {
  const keys = [
    ...(primaryKey.length > 0 ? [{ names: primaryKey, at: where.primaryKey }] : []),
    ...uniques.map((names, i) => ({ names, at: where.uniques[i]! })),
    ...(columns ?? []).filter(({ unique }) => unique).map(({ name, where: at }) => ({ names: [name], at })),
  ];
  return keys.map(({ names, at }) =>
    compose(
      [
        {
          text: `create unique index on ${quoteRelation(relation)} (${names.map(quoteIdentifier).join(', ')})`,
          locate: () => at,
        },
      ],
      at,
    ),
  );
}

export function indexesSql(relation: Relation, contract: Contract): ComposedSql[] {
  return contract.indexes.map((index) => {
    // A column by its name; anything in parentheses is an expression, with `desc` and the like allowed behind both.
    const columns = index.columns.map((column) =>
      /^[^\s(]+$/.test(column) || contract.columns?.some(({ name }) => name === column)
        ? quoteIdentifier(column)
        : column,
    );
    const using = index.using ? ` using ${index.using}` : '';
    const filter = index.filter ? ` where (${index.filter}\n)` : '';
    const text = `create ${index.unique ? 'unique ' : ''}index on ${quoteRelation(relation)}${using} (${columns.join(', ')})${filter}`;
    return compose([{ text, locate: () => index.where }], index.where);
  });
}
