/** A column of a view that is, unchanged, one of a relation that it reads. */
export interface ViewColumn {
  readonly view: number;
  /** Counted from 1. */
  readonly column: number;
  /** The relation, which may be a view itself. */
  readonly source: number;
  readonly sourceColumn: number;
}

/**
 * Which columns of a view come, unchanged, from which columns of what it reads: Postgres keeps that in the target list of the view's rule.
 * @param rule `pg_rewrite.ev_action` as text: `({QUERY ... :targetList ({TARGETENTRY ... :resno 1 ... :resorigtbl 16395 :resorigcol 2 ...}) ...})`
 */
export function viewColumns(view: number, rule: string): ViewColumn[] {
  const columns: ViewColumn[] = [];
  for (const entry of targetEntries(rule)) {
    const value = (name: string) => Number(new RegExp(`:${name} (\\d+)`).exec(entry)?.[1] ?? 0);
    const found = {
      view,
      column: value('resno'),
      source: value('resorigtbl'),
      sourceColumn: value('resorigcol'),
    };
    if (found.source > 0 && found.sourceColumn > 0 && !/:resjunk true/.test(entry)) columns.push(found);
  }
  return columns;
}

/** The entries of the outermost query's target list, each without the nodes nested in it. */
function targetEntries(rule: string): string[] {
  const entries: string[] = [];
  let depth = 0;
  let inList = false;
  let entry: string | undefined;
  for (let at = 0; at < rule.length; at++) {
    const character = rule[at]!;
    // Postgres escapes every special character inside a string.
    if (character === '\\') at++;
    else if (character === '{') {
      depth++;
      if (depth === 2 && inList && rule.startsWith('{TARGETENTRY', at)) entry = '';
    } else if (character === '}') {
      if (depth === 2 && entry !== undefined) {
        entries.push(entry);
        entry = undefined;
      }
      depth--;
    } else if (depth === 1 && character === ':') inList = rule.startsWith(':targetList ', at);
    else if (depth === 2 && entry !== undefined) entry += character;
  }
  return entries;
}
