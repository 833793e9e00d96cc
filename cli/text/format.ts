import { stripVTControlCharacters } from 'node:util';

/** 1234567 as 1,234,567. */
export function formatNumber(value: number): string {
  // The first use of the runtime's own formats takes some 20 ms, which whole numbers need not.
  return Number.isSafeInteger(value)
    ? String(value).replace(/\B(?=(?:\d{3})+$)/g, ',')
    : value.toLocaleString('en-US');
}

/** Milliseconds for people: `12 ms`, `0.4 s`, `1 min 05 s`. */
export function formatDuration(ms: number): string {
  if (ms < 100) return `${Math.max(1, Math.round(ms))} ms`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, '0')} s`;
}

/** `1 row`, `2 rows`. */
export function plural(count: number, singular: string, many = `${singular}s`): string {
  return `${formatNumber(count)} ${count === 1 ? singular : many}`;
}

let segmenter: Intl.Segmenter | undefined;
/** What a reader takes for one character each. Made when it is needed: the first one takes longer than a short command. */
function segments(text: string): Intl.Segments {
  segmenter ??= new Intl.Segmenter();
  return segmenter.segment(text);
}

const wide =
  /\p{Emoji_Presentation}|[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{16fe0}-\u{18cff}\u{1aff0}-\u{1b2ff}\u{20000}-\u{3fffd}]/u;

/** Latin letters, punctuation, arrows and lines: one column each, whatever stands beside them. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII counts
const narrow = /^[\x00-\xac\xae-\u02ff\u2010-\u2027\u2030-\u205e\u2190-\u21ff\u2500-\u259f]*$/;

/** Columns that a text takes in a terminal; colours take none. */
export function displayWidth(text: string): number {
  const plain = stripVTControlCharacters(text);
  if (narrow.test(plain)) return plain.length;
  let width = 0;
  for (const { segment } of segments(plain)) width += wide.test(segment) ? 2 : 1;
  return width;
}

/** Cuts a text without colours to a width, with an ellipsis where something is missing. */
export function truncate(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  let cut = '';
  let used = 0;
  for (const { segment } of segments(text)) {
    const step = displayWidth(segment);
    if (used + step > width - 1) break;
    cut += segment;
    used += step;
  }
  return `${cut}…`;
}

export function padEnd(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - displayWidth(text)));
}

export function padStart(text: string, width: number): string {
  return ' '.repeat(Math.max(0, width - displayWidth(text))) + text;
}
