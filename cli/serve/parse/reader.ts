/** What a URL says where something else was expected. */
export class UrlSyntaxError extends Error {
  /**
   * @param text the parameter's text
   * @param position counted from 0
   * @param expected in words: `a column name`
   */
  constructor(
    readonly text: string,
    readonly position: number,
    readonly expected: string,
  ) {
    super(`failed to parse "${text}" (line 1, column ${position + 1})`);
  }

  get details(): string {
    const found = this.text[this.position];
    return `unexpected ${found === undefined ? 'end of input' : JSON.stringify(found)} expecting ${this.expected}`;
  }
}

const identifierCharacter = /[\p{L}\p{N}_ $]/u;

/** Reads one parameter from its beginning to its end. */
export class Reader {
  position = 0;

  constructor(
    readonly text: string,
    /** How deep parentheses may nest. */
    private readonly maxDepth: number,
  ) {}

  private depth = 0;

  get isAtEnd(): boolean {
    return this.position >= this.text.length;
  }

  looksAt(text: string): boolean {
    return this.text.startsWith(text, this.position);
  }

  /** Takes the text if it comes next. */
  take(text: string): boolean {
    if (!this.looksAt(text)) return false;
    this.position += text.length;
    return true;
  }

  /** Takes what a sticky pattern finds here. */
  match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.position;
    const found = pattern.exec(this.text);
    if (!found) return undefined;
    this.position = pattern.lastIndex;
    return found;
  }

  expect(text: string): void {
    if (!this.take(text)) this.fail(JSON.stringify(text));
  }

  fail(expected: string): never {
    throw new UrlSyntaxError(this.text, this.position, expected);
  }

  /** Tries a way of reading; where it fails, the place is as it was. */
  attempt<Result>(read: () => Result): Result | undefined {
    const { position, depth } = this;
    try {
      return read();
    } catch (error) {
      if (!(error instanceof UrlSyntaxError)) throw error;
      this.position = position;
      this.depth = depth;
      return undefined;
    }
  }

  /** Something between parentheses. */
  inParentheses<Result>(read: () => Result): Result {
    this.expect('(');
    if (++this.depth > this.maxDepth) this.fail(`at most ${this.maxDepth} levels of parentheses`);
    const result = read();
    this.expect(')');
    this.depth--;
    return result;
  }

  separated<Result>(read: () => Result): Result[] {
    const results = [read()];
    while (this.take(',')) results.push(read());
    return results;
  }

  /** `"..."`, in which a backslash takes the next character as it is. */
  quoted(): string | undefined {
    if (!this.looksAt('"')) return undefined;
    const start = this.position++;
    let value = '';
    while (!this.isAtEnd) {
      const character = this.text[this.position++]!;
      if (character === '"') return value;
      value += character === '\\' ? (this.text[this.position++] ?? '') : character;
    }
    this.position = start;
    return this.fail('a closing "');
  }

  /** A name: letters, digits, `_`, `$`, spaces inside, single dashes; or anything in double quotes. */
  name(expected = 'a column name'): string {
    const quoted = this.quoted();
    if (quoted !== undefined) return quoted;
    let name = '';
    while (!this.isAtEnd) {
      const character = String.fromCodePoint(this.text.codePointAt(this.position)!);
      const isDash = character === '-' && name !== '' && this.text[this.position + 1] !== '>';
      if (!isDash && !identifierCharacter.test(character)) break;
      name += character;
      this.position += character.length;
    }
    const trimmed = name.trim();
    if (trimmed === '') this.fail(expected);
    return trimmed;
  }
}
