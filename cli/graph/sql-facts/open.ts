import { openParser } from '../lineage/parser.js';
import { collect } from './collect.js';
import { factsEdition, type SqlFacts } from './facts.js';
import { hashOfText, hashOfTrees } from './hash.js';

/**
 * Loads Postgres's own parser, and returns what tells the facts of a query. That never throws: SQL that the parser does not read, say the syntax of a
 * newer server, nested too deeply, or wrong, is the same only as long as its text is, letter for letter, and as nothing is known of what it calls, it
 * counts as time-dependent.
 *
 * Beyond it: functions of a row that are written like its columns (`t.f`); dates in data that are read as text, such as a column that holds `today` and is
 * cast to a date.
 */
export async function openSqlFacts(): Promise<(sql: string) => SqlFacts> {
  const parse = await openParser();
  return (sql) => {
    // The parser would take a null character for the end.
    if (sql.includes('\0')) return unread(sql);
    try {
      const trees = parse(sql);
      return { hash: hashOfTrees(trees), ...collect(trees) };
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
