import { openParser } from '../lineage/parser.js';
import type { Fields, Node } from '../lineage/tree.js';
import { collect } from './collect.js';
import { factsEdition, type SqlFacts } from './facts.js';
import { hashOfText, hashOfTrees } from './hash.js';

/**
 * Loads Postgres's own parser, and returns what tells the facts of a query. That never throws: SQL that the parser does not read, say the syntax of a
 * newer server, nested too deeply, or wrong, is the same only as long as its text is, letter for letter, and as nothing is known of what it calls, it
 * counts as time-dependent. Given with a query are the columns of its contract, to whose types what it returns is cast.
 *
 * Beyond it: functions of a row that are written like its columns (`t.f`); dates in data that are read as text, such as a column that holds `today` and is
 * cast to a date.
 */
export async function openSqlFacts(): Promise<
  (sql: string, contract?: readonly { readonly name: string; readonly type: string }[]) => SqlFacts
> {
  const parse = await openParser();
  const typeNames = new Map<string, Fields | undefined>();
  const typeName = (type: string) => {
    if (!typeNames.has(type)) typeNames.set(type, readType(parse, type));
    return typeNames.get(type);
  };
  return (sql, contract = []) => {
    // The parser would take a null character for the end.
    if (sql.includes('\0')) return unread(sql);
    try {
      const trees = parse(sql);
      const columns = contract.flatMap(({ name, type }) => {
        const read = typeName(type);
        return read ? [{ name, typeName: read }] : [];
      });
      return { hash: hashOfTrees(trees), ...collect(trees, columns) };
    } catch {
      return unread(sql);
    }
  };
}

function unread(sql: string): SqlFacts {
  return {
    hash: hashOfText(sql),
    edition: factsEdition,
    ...{ functions: [], operators: [], casts: [] },
    timeDependent: ['SQL that cannot be read: it may call anything'],
    relations: [],
  };
}

/** @returns undefined for what is no type: the build fails by itself */
function readType(parse: (sql: string) => readonly Node[], type: string): Fields | undefined {
  try {
    const [target] = parse(`select null::${type}`)[0]!.SelectStmt.targetList;
    return target.ResTarget.val.TypeCast?.typeName;
  } catch {
    return undefined;
  }
}
