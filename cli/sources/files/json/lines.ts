import { type CutRecord, type Cutter, type JsonPosition, OpenRecord } from './cut.js';

const newline = 10;

/** Cuts JSON lines: each line that is not blank is a record, whatever is in it. */
export function lineCutter(origin: string, start: JsonPosition): Cutter {
  let { bytes, line } = start;
  const open = new OpenRecord(origin);
  const cut = (text: Buffer, ending: number): CutRecord[] => {
    const record = open.take(text);
    const begun = line;
    bytes += record.length + ending;
    line += ending;
    return isBlank(record) ? [] : [{ bytes: record, line: begun, end: { bytes, line } }];
  };
  return {
    push(chunk) {
      const records: CutRecord[] = [];
      let from = 0;
      for (;;) {
        const end = chunk.indexOf(newline, from);
        if (end < 0) break;
        records.push(...cut(chunk.subarray(from, end), 1));
        from = end + 1;
      }
      open.line = line;
      if (from < chunk.length) open.add(chunk.subarray(from));
      return records;
    },
    end: () => (open.isEmpty ? [] : cut(Buffer.alloc(0), 0)),
  };
}

function isBlank(line: Buffer): boolean {
  for (const byte of line) if (byte !== 32 && byte !== 13 && byte !== 9) return false;
  return true;
}
