import { type Fields, type Node, texts } from '../lineage/tree.js';
import type { Word } from './facts.js';
import { columnName, isConstant, isTimeless, rowsOf, words } from './moments.js';

/** A column of the front matter: the name of its type as the parser reads it. */
export interface DeclaredColumn {
  readonly name: string;
  readonly typeName: Fields;
}

/** What statements do that decides whether a word in them is a date. */
export interface Surroundings {
  /** Words beside something that tells what they are. */
  readonly words: Word[];
  /** Words that selects return: of their own columns, or of what stands around them. */
  readonly returned: {
    readonly text: string;
    readonly isOutermost: boolean;
    readonly name: string | undefined;
  }[];
  /** Names of columns that the statements make themselves: columns of relations say nothing of these. */
  readonly made: Set<string>;
  /** Functions that return columns may return any. */
  makesAny: boolean;
  /** Values are cast to types that may hold dates. */
  castsValues: boolean;
}

export function noSurroundings(): Surroundings {
  return { words: [], returned: [], made: new Set(), makesAny: false, castsValues: false };
}

/** Casts by a function's name: `date(x)`. */
const castFunctions = new Set(['date', 'time', 'timestamp', 'timestamptz']);

/** Takes down what a node tells of columns and casts. */
export function lookAround(kind: string, fields: Fields, around: Surroundings): void {
  for (const names of [fields.alias?.colnames, fields.aliascolnames])
    for (const name of texts(names)) around.made.add(name);
  switch (kind) {
    case 'ResTarget':
      if (fields.name && fields.val && columnName(fields.val) !== fields.name) around.made.add(fields.name);
      break;
    case 'SelectStmt':
      for (const [at] of rowsOf(fields)[0]!.entries())
        if (fields.valuesLists) around.made.add(`column${at + 1}`);
      break;
    case 'RangeFunction':
    case 'RangeTableFunc':
    case 'JsonTable':
      around.makesAny = true;
      break;
    case 'TypeCast':
      if (!isTimeless(fields.typeName) && !isConstant(fields.arg)) around.castsValues = true;
      break;
    case 'FuncCall':
      if (castFunctions.has(texts(fields.funcname).at(-1)!)) around.castsValues = true;
      break;
  }
}

/** Takes down the words that a select returns. */
export function lookAtReturned(select: Fields, isOutermost: boolean, { returned }: Surroundings): void {
  const hasSides = select.larg !== undefined || select.valuesLists !== undefined;
  const named = (select.targetList ?? []) as readonly Node[];
  const values: readonly (readonly [Node, string | undefined])[] = hasSides
    ? rowsOf(select)
        .flat()
        .map((value) => [value, undefined])
    : named.flatMap(({ ResTarget }) => (ResTarget?.val ? [[ResTarget.val, ResTarget.name] as const] : []));
  for (const [value, name] of values)
    for (const text of words([value])) returned.push({ text, isOutermost, name });
}

/**
 * What becomes of the words of statements: dates for certain, as far as their text and the contract tell, and those of which the database has to say what they are. A
 * word that is returned is a date where the contract makes one of it; from within a query, where the contract has any date, or the query casts to one.
 */
export function settleWords(
  { words: beside, returned, made, makesAny, castsValues }: Surroundings,
  contract: readonly DeclaredColumn[],
): { readonly certain: readonly string[]; readonly open: readonly Word[] } {
  const dates = new Set(contract.filter(({ typeName }) => !isTimeless(typeName)).map(({ name }) => name));
  const isDate = ({ isOutermost, name }: Surroundings['returned'][number]) =>
    isOutermost && name !== undefined ? dates.has(name) : dates.size > 0 || (!isOutermost && castsValues);
  const isOpen = ({ columns, call }: Word) =>
    call !== undefined || (columns !== undefined && !makesAny && !columns.some((name) => made.has(name)));
  const certain = [...beside.filter((word) => !isOpen(word)), ...returned.filter(isDate)].map(
    ({ text }) => text,
  );
  const open = new Map(beside.filter(isOpen).map((word) => [JSON.stringify(word), word]));
  return { certain, open: [...open.keys()].sort().map((key) => open.get(key)!) };
}
