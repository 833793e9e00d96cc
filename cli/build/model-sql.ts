import {
  kindSql,
  quoteIdentifier,
  quoteRelation,
  type Relation,
  type RelationKind,
} from '../database/identifiers.js';
import { MedallionError, type Where } from '../errors/index.js';
import { type CompiledQuery, withClause } from '../graph/compile.js';
import type { ContractColumn, Model } from '../project/model.js';

/** SQL put together from pieces that know where they come from, so that an error's position can be named in the user's file. */
export interface ComposedSql {
  readonly text: string;
  readonly pieces: readonly Piece[];
  /** Where the whole comes from, for errors without a position. */
  readonly where?: Where | undefined;
  locate(position: number): Where | undefined;
}

export interface Piece {
  readonly text: string;
  readonly locate?: (offset: number) => Where | undefined;
}

/** Puts pieces together to one statement. */
export function compose(pieces: readonly Piece[], where?: Where): ComposedSql {
  return {
    where,
    text: pieces.map((piece) => piece.text).join(''),
    pieces,
    locate(position) {
      // Postgres counts characters from 1, JavaScript UTF-16 units from 0.
      let offset = 0;
      const text = pieces.map((piece) => piece.text).join('');
      for (let seen = 1; seen < position && offset < text.length; seen++)
        offset += text.codePointAt(offset)! > 0xffff ? 2 : 1;
      for (const piece of pieces) {
        if (offset < piece.text.length) return piece.locate?.(offset);
        offset -= piece.text.length;
      }
      return undefined;
    },
  };
}

/** Engine's SQL that no error of the user's can point into. */
export function plainSql(text: string): ComposedSql {
  return compose([{ text }]);
}

/** Statements one after the other: Postgres carries them out as one transaction. */
export function joinSql(statements: readonly ComposedSql[]): ComposedSql {
  return compose(
    statements.flatMap((statement, i) =>
      i === 0 ? statement.pieces : [{ text: ';\n' }, ...statement.pieces],
    ),
  );
}

/** The select of a model as a statement of its own: to learn its columns. */
export function selectSql(query: CompiledQuery): ComposedSql {
  if (query.inlined.length === 0) return compose([{ text: query.sql, locate: query.locate }]);
  return compose([
    { text: `${withClause(query.inlined)}select * from (\n` },
    { text: query.sql, locate: query.locate },
    { text: '\n) as q' },
  ]);
}

/**
 * Meets the select's columns with the contract's.
 * @param selected the select's column names, in order
 * @returns the contract's columns in its order, or null without a contract
 * @throws MedallionError MDL4002
 */
export function meetContract(model: Model, selected: readonly string[]): readonly ContractColumn[] | null {
  const columns = model.contract.columns;
  const twice = selected.find((name, i) => selected.indexOf(name) !== i);
  if (twice !== undefined) {
    throw new MedallionError('MDL4002', {
      message: `${model.name}: the select returns two columns named "${twice}".`,
      where: { file: model.file },
      hint: 'Give each column a name of its own with as.',
    });
  }
  if (selected.includes('?column?')) {
    throw new MedallionError('MDL4002', {
      message: `${model.name}: a column of the select has no name.`,
      where: { file: model.file },
      hint: 'Name the expression with as.',
    });
  }
  if (!columns) return null;
  const lacking = columns.filter(
    (column) => !selected.includes(column.name) && column.defaultSql === undefined,
  );
  const unknown = selected.filter((name) => !columns.some((column) => column.name === name));
  if (lacking.length === 0 && unknown.length === 0) return columns;
  const list = (names: readonly string[]) => names.map((name) => `"${name}"`).join(', ');
  const parts = [
    ...(lacking.length > 0
      ? [`the select lacks ${list(lacking.map((column) => column.name))}, which the contract has`]
      : []),
    ...(unknown.length > 0 ? [`the contract does not know ${list(unknown)}, which the select returns`] : []),
  ];
  throw new MedallionError('MDL4002', {
    message: `${model.name}: ${parts.join('; ')}.`,
    where: lacking[0]?.where ?? { file: model.file },
    hint:
      lacking.length > 0
        ? undefined
        : 'Add it to columns: in the front matter (its type may be left out), or take it out of the select.',
  });
}

/** A published relation whose rows are known again in what is built. */
export interface Before {
  readonly relation: Relation;
  readonly key: readonly string[];
}

/** The columns of a model's relation, as its contract and its select name them. */
export interface ModelColumns {
  /** Of the contract; null without one. */
  readonly columns: readonly ContractColumn[] | null;
  readonly selected: readonly string[];
  /** A row that is published just so keeps what defaults had filled in for it: when it came in, its number. */
  readonly before?: Before | undefined;
}

/** Columns that defaults fill in, and not the select. */
export function filledColumns({ columns, selected }: ModelColumns): readonly string[] {
  return (columns ?? []).map(({ name }) => name).filter((name) => !selected.includes(name));
}

/** `create table ... as`, `create view ... as`, `create materialized view ... as` with the contract's casts and defaults around the model's select. */
export function createSql(
  kind: RelationKind,
  relation: Relation,
  query: CompiledQuery,
  columns: ModelColumns,
  options = '',
): ComposedSql {
  return compose([
    { text: `create ${kindSql(kind)} ${quoteRelation(relation)}${options} as\n` },
    ...contractedSelect(query, columns),
  ]);
}

/** Fills a table that `createSql` made with the same columns. */
export function insertSql(relation: Relation, query: CompiledQuery, columns: ModelColumns): ComposedSql {
  const names = columns.columns?.map(({ name }) => name) ?? columns.selected;
  return compose([
    { text: `insert into ${quoteRelation(relation)} (${names.map(quoteIdentifier).join(', ')})\n` },
    ...contractedSelect(query, columns),
  ]);
}

/** A model's select with the contract's casts and defaults around it. */
export function contractedSelect(query: CompiledQuery, { columns, selected, before }: ModelColumns): Piece[] {
  const all = columns ?? selected.map((name) => ({ name }) as ContractColumn);
  const select = { text: `${withClause(query.inlined)}select\n` };
  const source: Piece[] = [
    { text: '\nfrom (\n' },
    { text: query.sql, locate: query.locate },
    { text: '\n) as q' },
  ];
  const cast = ({ type }: ContractColumn) => (type === undefined ? '' : `::${type}`);
  const isSelected = ({ name }: ContractColumn) => selected.includes(name);
  const filled = (column: ContractColumn) => `(${column.defaultSql}\n)${cast(column)}`;
  const given = (column: ContractColumn) => `q.${quoteIdentifier(column.name)}${cast(column)}`;
  if (!before || all.every(isSelected))
    return [
      select,
      ...listed(all, (column) => (isSelected(column) ? given(column) : filled(column))),
      ...source,
    ];
  const row = (alias: string) =>
    `row(${all
      .filter(isSelected)
      .map(({ name }) => `${alias}.${quoteIdentifier(name)}`)
      .join(', ')})::record`;
  const isPublished = `p.${quoteIdentifier(before.key[0]!)} is not null and ${row('p')} operator(pg_catalog.*=) ${row('n')}`;
  const match = before.key.map((name) => `p.${quoteIdentifier(name)} = n.${quoteIdentifier(name)}`);
  return [
    select,
    ...listed(all, (column) => {
      const name = quoteIdentifier(column.name);
      return isSelected(column)
        ? `n.${name}`
        : `case when ${isPublished} then p.${name} else ${filled(column)} end`;
    }),
    { text: '\nfrom (select\n' },
    ...listed(all.filter(isSelected), given),
    ...source,
    { text: `\n) as n\nleft join ${quoteRelation(before.relation)} as p on ${match.join(' and ')}` },
  ];
}

/** The columns of a select, each with its place in the front matter. */
function listed(columns: readonly ContractColumn[], value: (column: ContractColumn) => string): Piece[] {
  return columns.flatMap((column, i) => [
    { text: i === 0 ? '  ' : ',\n  ' },
    { text: value(column), locate: () => column.where },
    { text: ` as ${quoteIdentifier(column.name)}` },
  ]);
}
