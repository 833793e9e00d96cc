/** A token of SQL text, as far as finding its statements needs them. */
interface Token {
  readonly kind: 'word' | 'semicolon' | 'other';
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/**
 * Splits SQL into words, semicolons and the rest; comments and white space are left out. Strings, quoted identifiers, dollar quotes and nested block comments are
 * read as Postgres reads them (https://www.postgresql.org/docs/current/sql-syntax-lexical.html), so a semicolon or a word inside them is none.
 */
function* tokens(sql: string): Generator<Token> {
  let at = 0;
  while (at < sql.length) {
    const start = at;
    const rest = sql.charAt(at);
    if (/\s/.test(rest)) {
      at++;
      continue;
    }
    if (sql.startsWith('--', at)) {
      const newline = sql.indexOf('\n', at);
      at = newline < 0 ? sql.length : newline + 1;
      continue;
    }
    if (sql.startsWith('/*', at)) {
      at = endOfBlockComment(sql, at);
      continue;
    }
    if (rest === ';') {
      at++;
      yield { kind: 'semicolon', text: ';', start, end: at };
      continue;
    }
    const word = matchAt(/[\p{L}_][\p{L}\p{N}_$]*/uy, sql, at);
    if (
      word &&
      !(word.length <= 2 && /^(e|b|x|n|u&?)$/i.test(word) && sql.charAt(at + word.length) === "'")
    ) {
      at += word.length;
      yield { kind: 'word', text: word, start, end: at };
      continue;
    }
    at = endOfOther(sql, at, word);
    yield { kind: 'other', text: sql.slice(start, at), start, end: at };
  }
}

function matchAt(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}

function endOfBlockComment(sql: string, at: number): number {
  let depth = 0;
  const marks = /\/\*|\*\//g;
  marks.lastIndex = at;
  for (let mark = marks.exec(sql); mark; mark = marks.exec(sql)) {
    depth += mark[0] === '/*' ? 1 : -1;
    if (depth === 0) return marks.lastIndex;
  }
  return sql.length;
}

/** The end of a string, quoted identifier, dollar quote or number that begins at `at`, or of one other character. */
function endOfOther(sql: string, at: number, prefix: string | undefined): number {
  const escaped = prefix !== undefined && /^e$/i.test(prefix);
  const quoteAt = at + (prefix?.length ?? 0);
  const character = sql.charAt(quoteAt);
  if (character === "'" || character === '"') {
    const body = escaped
      ? /'(?:[^'\\]|\\[\s\S]|'')*'?/y
      : character === '"'
        ? /"(?:[^"]|"")*"?/y
        : /'(?:[^']|'')*'?/y;
    return quoteAt + (matchAt(body, sql, quoteAt)?.length ?? 1);
  }
  const tag = matchAt(/\$(?:[\p{L}_][\p{L}\p{N}_]*)?\$/uy, sql, at);
  if (tag) {
    const close = sql.indexOf(tag, at + tag.length);
    return close < 0 ? sql.length : close + tag.length;
  }
  // A number swallows the letters glued to it, so that the `$` in `1$a$` opens no dollar quote.
  return at + (matchAt(/\d[\p{L}\p{N}_$.]*/uy, sql, at)?.length ?? 1);
}

/** The text up to its last token: white space, comments and final semicolons are cut off. */
export function stripTrailing(sql: string): string {
  let end = 0;
  for (const token of tokens(sql)) if (token.kind !== 'semicolon') end = token.end;
  return sql.slice(0, end);
}

/** Offset of a semicolon that has more SQL after it; undefined in a single statement. Expects text from `stripTrailing`. */
export function innerSemicolon(sql: string): number | undefined {
  if (!sql.includes(';')) return undefined;
  for (const token of tokens(sql)) if (token.kind === 'semicolon') return token.start;
  return undefined;
}

/** The first word in lower case, or the first character of anything else; undefined when there are only comments. */
export function firstKeyword(sql: string): string | undefined {
  for (const token of tokens(sql))
    return token.kind === 'word' ? token.text.toLowerCase() : token.text.charAt(0);
  return undefined;
}
