import type { Node } from './tree.js';

/**
 * Loads Postgres's own parser, which takes a moment: only where something has to be parsed.
 * @returns gives the statements of a text as trees; throws for what is no SQL that this version of the parser reads
 */
export async function openParser(): Promise<(sql: string) => readonly Node[]> {
  const { loadModule, parseSync, scanSync } = await import('libpg-query');
  await loadModule();
  const read = (sql: string) => (parseSync(sql).stmts ?? []).map(({ stmt }) => stmt as Node);
  return (sql) => {
    try {
      return read(sql);
    } catch (error) {
      // Unlike Postgres, it does not expect a comment where it looks two words ahead: `not /* a */ in`, `with /* a */ ordinality`.
      const comments = /--|\/\*/.test(sql) ? scanSync(sql).tokens.filter(isComment) : [];
      if (comments.length === 0) throw error;
      return read(blanked(sql, comments));
    }
  };
}

interface Token {
  readonly tokenName: string;
  /** In bytes. */
  readonly start: number;
  readonly end: number;
}

function isComment({ tokenName }: Token): boolean {
  return tokenName === 'SQL_COMMENT' || tokenName === 'C_COMMENT';
}

/** The text with spaces in place of these tokens. */
function blanked(sql: string, tokens: readonly Token[]): string {
  const bytes = Buffer.from(sql);
  for (const { start, end } of tokens) bytes.fill(' ', start, end);
  return bytes.toString();
}
