import { parseError } from './errors.ts';

/** A request for rows as its address says it. */
export interface Query {
  readonly select: readonly Field[];
  readonly where: readonly Condition[];
  readonly order: readonly OrderTerm[];
  readonly limit: number | undefined;
  readonly offset: number | undefined;
}

export type Field =
  | { readonly star: true }
  | { readonly star: false; readonly column: string; readonly alias?: string; readonly cast?: string };

export type Condition =
  | {
      readonly kind: 'group';
      readonly joined: 'and' | 'or';
      readonly isNot: boolean;
      readonly of: readonly Condition[];
    }
  | Operation;

export interface Operation {
  readonly kind: 'is' | 'compare' | 'in';
  readonly isNot: boolean;
  readonly column: string;
  readonly operator: string;
  readonly values: readonly string[];
}

export interface OrderTerm {
  readonly column: string;
  readonly descending: boolean;
  readonly nulls?: 'first' | 'last';
}

const comparisons = new Set(['eq', 'neq', 'gt', 'gte', 'lt', 'lte']);

/** Reads a text from left to right. */
class Reader {
  at = 0;
  readonly text: string;
  readonly what: string;
  constructor(text: string, what: string) {
    this.text = text;
    this.what = what;
  }
  take(token: string): boolean {
    if (!this.text.startsWith(token, this.at)) return false;
    this.at += token.length;
    return true;
  }
  expect(token: string): void {
    if (!this.take(token)) this.fail(`"${token}"`);
  }
  match(pattern: RegExp): string | undefined {
    const sticky = new RegExp(pattern.source, 'uy');
    sticky.lastIndex = this.at;
    const found = sticky.exec(this.text)?.[0];
    this.at += found?.length ?? 0;
    return found;
  }
  /** `"with \"quotes\""` */
  quoted(): string | undefined {
    const found = this.match(/"(?:[^"\\]|\\.)*"/);
    return found?.slice(1, -1).replace(/\\(.)/gs, '$1');
  }
  /** Letters, digits, `_`, `$`, blanks and dashes; anything else must stand in quotes. */
  name(): string {
    const found = this.quoted() ?? this.match(/[\p{L}\p{N}_$ ]+(?:-(?!>)[\p{L}\p{N}_$ ]+)*/u)?.trim();
    return found ?? this.fail('field name (* or [a-z0-9_$])');
  }
  isDone(): boolean {
    return this.at >= this.text.length;
  }
  fail(expected: string): never {
    const near = JSON.stringify(this.text.slice(this.at, this.at + 10));
    throw parseError(`${this.what} (${this.text})`, `unexpected ${near}, expecting ${expected}`);
  }
  list<T>(each: () => T): T[] {
    const found = [each()];
    while (this.take(',')) found.push(each());
    return found;
  }
  whole<T>(parsed: T): T {
    return this.isDone() ? parsed : this.fail('end of input');
  }
}

export function parseQuery(parameters: URLSearchParams): Query {
  const where: Condition[] = [];
  let select: Field[] = [{ star: true }];
  let order: OrderTerm[] = [];
  for (const [key, value] of parameters) {
    const reader = (what: string) => new Reader(value, what);
    if (key === 'select') {
      const text = reader('select parameter');
      if (value !== '') select = text.whole(text.list(() => parseField(text)));
    } else if (key === 'order') {
      const text = reader('order');
      order = text.whole(text.list(() => parseOrder(text)));
    } else if (key === 'limit' || key === 'offset') {
      if (!/^\d+$/.test(value)) throw parseError(`${key} parameter (${value})`, 'expecting digits');
    } else if (/^(not\.)?(and|or)$/.test(key)) {
      const text = reader('logic tree');
      where.push(text.whole(parseGroup(text, key.endsWith('or') ? 'or' : 'and', key.startsWith('not.'))));
    } else {
      const name = new Reader(key, 'filter');
      const column = name.whole(name.name());
      const text = reader('filter');
      where.push(parseOperation(text, column, () => value.slice(text.at)));
    }
  }
  const number = (name: string) => (parameters.has(name) ? Number(parameters.get(name)) : undefined);
  return { select, where, order, limit: number('limit'), offset: number('offset') };
}

function parseField(text: Reader): Field {
  if (text.take('*')) return { star: true };
  const first = text.name();
  const isAlias = text.text[text.at] === ':' && text.text[text.at + 1] !== ':';
  if (isAlias) text.expect(':');
  const column = isAlias ? text.name() : first;
  const cast = text.take('::') ? text.name() : undefined;
  return { star: false, column, ...(isAlias && { alias: first }), ...(cast !== undefined && { cast }) };
}

function parseOrder(text: Reader): OrderTerm {
  const column = text.name();
  const direction = text.match(/\.(asc|desc)/);
  const nulls = text.match(/\.nulls(first|last)/)?.slice('.nulls'.length) as 'first' | 'last' | undefined;
  return { column, descending: direction === '.desc', ...(nulls && { nulls }) };
}

/** `(a.gt.1,and(a.eq.1,b.gt.2))` */
function parseGroup(text: Reader, joined: 'and' | 'or', isNot: boolean): Condition {
  text.expect('(');
  const of = text.list(() => {
    const start = text.at;
    const not = text.take('not.');
    const word = text.match(/(and|or)(?=\()/);
    if (word) return parseGroup(text, word as 'and' | 'or', not);
    text.at = start;
    const column = text.name();
    text.expect('.');
    return parseOperation(text, column, () => text.quoted() ?? text.match(/[^,()]*/) ?? '');
  });
  text.expect(')');
  return { kind: 'group', joined, isNot, of };
}

/** `not.gt.5`; in the value of a parameter of its own everything behind the operator is the value, as it stands. */
function parseOperation(text: Reader, column: string, value: () => string): Condition {
  const isNot = text.take('not.');
  const operator = text.match(/[a-z]+(?=\.)/) ?? text.fail('operator (eq, gt, ...)');
  text.expect('.');
  if (operator === 'in') {
    text.expect('(');
    const values = text.list(() => text.quoted() ?? text.match(/[^,()]*/) ?? '');
    text.expect(')');
    return { kind: 'in', isNot, column, operator, values };
  }
  if (operator === 'is') {
    const word = text.match(/(not_null|null|true|false|unknown)/i)?.toLowerCase();
    return { kind: 'is', isNot, column, operator, values: [word ?? text.fail('null, true, false, unknown')] };
  }
  if (!comparisons.has(operator)) text.fail('operator (eq, gt, ...)');
  return { kind: 'compare', isNot, column, operator, values: [value()] };
}
