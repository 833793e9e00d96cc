import { didYouMean, MedallionError } from '../../errors/index.js';
import type { ColumnKind } from './chart.js';
import type { WhereIs } from './parse.js';

export type Path = readonly PropertyKey[];
export type Json = Readonly<Record<string, unknown>>;

/**
 * What a column has to hold. `moment`: times, or texts, as Vega-Lite reads those; numbers would be milliseconds since 1970, which nobody means.
 */
export type Wanted = 'any' | 'number' | 'time' | 'moment';

/** What a chart is judged by. */
export interface Judge {
  /** Fields that transforms make; `*`: nobody can say which. */
  readonly made: Set<string>;
  /** @throws MedallionError MDL1212 when there is no such column, or it holds something else */
  column(name: string, path: Path, wanted?: Wanted): void;
  /** @throws MedallionError MDL1212 when a word is none of those that are known */
  word(what: string, given: unknown, known: readonly string[], path: Path): void;
  /** @throws MedallionError MDL1212 */
  wrong(path: Path, message: string, hint?: string): never;
}

/** What a chart is checked against. */
export interface Columns {
  readonly model: string;
  /** The relation's columns; undefined kinds are not judged. Null: not known yet. */
  readonly columns: ReadonlyMap<string, ColumnKind | undefined> | null;
  readonly whereIs: WhereIs;
}

/** @param i of the chart in `charts` */
export function judgeOf({ model, columns, whereIs }: Columns, i: number): Judge {
  const made = new Set<string>();
  const wrong = (path: Path, message: string, hint?: string): never => {
    throw new MedallionError('MDL1212', {
      message: `charts[${i}]: ${message}`,
      where: whereIs(['charts', i, ...path]),
      hint,
    });
  };
  return {
    made,
    wrong,
    word(what, given, known, path) {
      if (typeof given !== 'string' || !known.includes(given))
        wrong(path, `${JSON.stringify(given)} is no ${what}.`, didYouMean(String(given), known));
    },
    column(name, path, wanted = 'any') {
      // `a\.b` is a field of that name; `a.b` and `a[0]` are inside of the column `a`.
      const column = name.replaceAll(/\\([.[\]])/g, '$1');
      const outer = /^(?:\\.|[^.[\\])+/.exec(name)?.[0].replaceAll('\\', '') ?? name;
      if (!columns || made.has('*') || made.has(column) || made.has(outer)) return;
      if (!columns.has(column) && !columns.has(outer))
        wrong(path, `${model} has no column "${column}".`, didYouMean(column, [...columns.keys()]));
      const kind = columns.get(column);
      if (wanted === 'any' || kind === undefined || kind === wanted) return;
      if (wanted === 'moment' && kind !== 'number' && kind !== 'boolean') return;
      wrong(
        path,
        `"${column}" is a column of ${kindWords[kind]}, where ${wanted === 'number' ? kindWords.number : kindWords.time} are needed.`,
        wanted === 'number' ? 'Count it instead: aggregate: count.' : 'Cast it to a date in the model.',
      );
    },
  };
}

const kindWords: Readonly<Record<ColumnKind, string>> = {
  number: 'numbers',
  time: 'dates or times',
  boolean: 'true and false',
  text: 'texts',
  other: 'other values',
};
