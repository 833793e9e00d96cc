import { quoteIdentifier, quoteRelation, type Relation } from '../database/identifiers.js';
import type { Where } from '../errors/index.js';
import type { Contract } from '../project/model.js';
import { type ComposedSql, compose } from './model-sql.js';

/** A clause of `alter table`, and what of the front matter it stands for. */
interface Clause {
  readonly text: string;
  readonly where: Where;
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

function alter(relation: Relation, clauses: readonly Clause[]): ComposedSql {
  const pieces = clauses.flatMap(({ text, where }, i) => [
    { text: i === 0 ? '' : ',\n  ' },
    { text, locate: () => where },
  ]);
  return compose([{ text: `alter table ${quoteRelation(relation)}\n  ` }, ...pieces], clauses[0]!.where);
}

function constraintClauses(contract: Contract): Clause[] {
  const names = (columns: readonly string[]) => columns.map(quoteIdentifier).join(', ');
  const clauses: Clause[] = [];
  for (const { where, ...column } of contract.columns ?? []) {
    const name = quoteIdentifier(column.name);
    if (column.defaultSql !== undefined)
      clauses.push({ text: `alter column ${name} set default (${column.defaultSql}\n)`, where });
    if (column.notNull && !contract.primaryKey.includes(column.name))
      clauses.push({ text: `alter column ${name} set not null`, where });
    if (column.unique) clauses.push({ text: `add unique (${name})`, where });
    if (column.check !== undefined) clauses.push({ text: `add check (${column.check}\n)`, where });
  }
  if (contract.primaryKey.length > 0)
    clauses.push({
      text: `add primary key (${names(contract.primaryKey)})`,
      where: contract.where.primaryKey,
    });
  for (const [i, columns] of contract.uniques.entries())
    clauses.push({ text: `add unique (${names(columns)})`, where: contract.where.uniques[i]! });
  for (const { name, expression, where } of contract.checks) {
    const named = name ? `constraint ${quoteIdentifier(name)} ` : '';
    clauses.push({ text: `add ${named}check (${expression}\n)`, where });
  }
  return clauses;
}

/** One statement for each foreign key; `targetOf` gives the staged or published relation and its primary key. */
export function foreignKeysSql(
  relation: Relation,
  contract: Contract,
  targetOf: (name: string) => { relation: Relation; primaryKey: readonly string[] },
): ComposedSql[] {
  return contract.foreignKeys.map((key) => {
    const target = targetOf(key.references);
    const columns = key.referencedColumns.length > 0 ? key.referencedColumns : target.primaryKey;
    const text = `alter table ${quoteRelation(relation)} add foreign key (${key.columns.map(quoteIdentifier).join(', ')}) references ${quoteRelation(target.relation)} (${columns.map(quoteIdentifier).join(', ')})`;
    return compose([{ text, locate: () => key.where }], key.where);
  });
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
