import { badFile } from '../bad-file.js';
import { type CutRecord, type Cutter, type JsonPosition, OpenRecord } from './cut.js';

const [newline, quote, backslash, comma, openBracket, closeBracket, openBrace, closeBrace] =
  Buffer.from('\n"\\,[]{}');
const isSpace = (byte: number) => byte === 32 || byte === 10 || byte === 13 || byte === 9;

/** What comes next between the elements; inside one: which kind it is. */
type State = 'array' | 'first' | 'element' | 'comma' | 'done' | 'nested' | 'text' | 'word';

/**
 * Cuts a JSON array into its elements by brackets and quotes alone: what an element holds is looked at later, so that a bad one is one bad row.
 * @param isInside whether `start` is behind an element, and not at the beginning of the file
 */
export function arrayCutter(origin: string, start: JsonPosition, isInside: boolean): Cutter {
  let state: State = isInside ? 'comma' : 'array';
  let { bytes: chunkAt, line } = start;
  let depth = 0;
  let inText = false;
  let isEscaped = false;
  const open = new OpenRecord(origin);
  let openColumn: number | undefined;
  // Where the line begins; not known of the line on which reading goes on.
  let lineAt = isInside ? undefined : start.bytes;
  const columnOf = (at: number) => (lineAt === undefined ? undefined : at - lineAt + 1);

  const begin = (byte: number, at: number) => {
    open.line = line;
    openColumn = columnOf(at);
    depth = byte === openBrace || byte === openBracket ? 1 : 0;
    inText = byte === quote;
    state = depth > 0 ? 'nested' : inText ? 'text' : 'word';
  };
  /** Between elements: what a byte means there. */
  const between = (byte: number, at: number) => {
    const expected = expectations[state];
    if (isSpace(byte)) return;
    if (state === 'array' && byte === openBracket) state = 'first';
    else if ((state === 'first' || state === 'comma') && byte === closeBracket) state = 'done';
    else if (state === 'comma' && byte === comma) state = 'element';
    else if (
      (state === 'first' || state === 'element') &&
      byte !== comma &&
      byte !== closeBracket &&
      byte !== closeBrace
    )
      begin(byte, at);
    else
      throw badFile(origin, { line, column: columnOf(at) }, `${shown(byte)} stands where ${expected} must`);
  };

  return {
    push(chunk) {
      const records: CutRecord[] = [];
      let from = 0;
      const cut = (end: number) => {
        const bytes = open.take(chunk.subarray(from, end));
        records.push({ bytes, line: open.line, end: { bytes: chunkAt + end, line } });
        state = 'comma';
      };
      for (let i = 0; i < chunk.length; i++) {
        const byte = chunk[i]!;
        if (state === 'nested' || state === 'text') {
          if (inText) {
            if (isEscaped) isEscaped = false;
            else if (byte === backslash) isEscaped = true;
            else if (byte === quote) {
              inText = false;
              if (state === 'text') cut(i + 1);
            }
          } else if (byte === quote) inText = true;
          else if (byte === openBrace || byte === openBracket) depth++;
          else if ((byte === closeBrace || byte === closeBracket) && --depth === 0) cut(i + 1);
        } else if (state === 'word') {
          if (isSpace(byte) || byte === comma || byte === closeBracket) {
            cut(i);
            between(byte, chunkAt + i);
          }
        } else {
          between(byte, chunkAt + i);
          from = i;
        }
        if (byte === newline) {
          line++;
          lineAt = chunkAt + i + 1;
        }
      }
      if (state === 'nested' || state === 'text' || state === 'word') open.add(chunk.subarray(from));
      chunkAt += chunk.length;
      return records;
    },
    end() {
      if (state === 'done') return [];
      if (state === 'nested' || state === 'text' || state === 'word')
        throw badFile(
          origin,
          { line: open.line, column: openColumn },
          'the element that begins here never ends',
          cutOff,
        );
      throw badFile(origin, { line }, `the file ends where ${expectations[state]} must stand`, cutOff);
    },
  };
}

const cutOff = 'The file may be cut off: copy or download it again.';

const expectations: Readonly<Partial<Record<State, string>>> = {
  array: 'the [ of a JSON array',
  first: 'an element or ]',
  element: 'an element',
  comma: 'a comma or ]',
  done: 'nothing more',
};

const shown = (byte: number) =>
  byte > 32 && byte < 127 ? String.fromCharCode(byte) : `the byte 0x${byte.toString(16).padStart(2, '0')}`;
