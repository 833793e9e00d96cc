import { createInterface } from 'node:readline';
import { PassThrough, Writable } from 'node:stream';

/** A stream that a reporter writes to, of a width and kind of our choice; everything written is kept. */
export function recordingStream(columns: number, isTTY: boolean): NodeJS.WriteStream & { text(): string } {
  let text = '';
  const stream = new Writable({
    write(chunk, _, done) {
      text += String(chunk);
      done();
    },
  });
  return Object.assign(stream, { columns, rows: 50, isTTY, text: () => text }) as never;
}

const ruler = createInterface({
  input: new PassThrough(),
  output: Object.assign(new PassThrough(), { columns: 1_000_000 }),
});
const widths = new Map<string, number>();

/** Columns that a text takes, by Node's own measure (as its prompt would). */
export function columnsOf(text: string): number {
  let sum = 0;
  for (const character of text) {
    let width = widths.get(character);
    if (width === undefined) {
      ruler.setPrompt(character);
      width = ruler.getCursorPos().cols;
      widths.set(character, width);
    }
    sum += width;
  }
  return sum;
}

/** Escape sequences, line feeds, and characters. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it reads
const tokens = /\u001b\[[?\d]*[A-Za-z]|\n|[^\u001b\n]/gu;

/** What a terminal of this width shows in the end: it wraps long lines, and obeys the cursor. */
export function screen(written: string, columns: number): string[] {
  const rows: string[] = [''];
  let row = 0;
  for (const [token] of written.matchAll(tokens)) {
    if (token === '\n') {
      row++;
      rows[row] ??= '';
    } else if (!token.startsWith('\u001b')) {
      if (columnsOf(rows[row]! + token) > columns) rows[++row] = '';
      rows[row] += token;
    } else if (token.endsWith('A')) row -= Number.parseInt(token.slice(2), 10);
    else if (token === '\u001b[0J') rows.splice(row, rows.length, '');
    else if (!/(\[\d+m|\[\?25[lh])$/.test(token)) throw new Error(`unknown ${JSON.stringify(token)}`);
    if (row < 0) throw new Error('above the first line');
  }
  return rows;
}
