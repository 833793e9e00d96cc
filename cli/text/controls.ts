// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it is about
const controls = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/g;

/**
 * Control characters in any text of an event or record become visible: values come from the user's data and must not move the cursor,
 * nor bring colours along. A tab becomes a space, others their picture: ␛. Line feeds stay: messages may have several lines.
 */
export function withoutControls<Value>(value: Value): Value {
  return isClean(value) ? value : (clean(value) as Value);
}

/** Most values are, and nothing need be copied. */
function isClean(value: unknown): boolean {
  if (typeof value === 'string') return value.search(controls) < 0;
  if (typeof value !== 'object' || value === null || value instanceof Date) return true;
  if (Array.isArray(value)) return value.every(isClean);
  for (const [key, part] of Object.entries(value)) if (!isClean(key) || !isClean(part)) return false;
  return true;
}

function clean(value: unknown): unknown {
  if (typeof value === 'string') return value.replace(controls, picture);
  if (Array.isArray(value)) return value.map(clean);
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [clean(key), clean(part)]));
}

/** A value on one line: line feeds become ⏎, control characters visible. */
export function onOneLine(text: string): string {
  return withoutControls(text).replaceAll('\n', '⏎');
}

function picture(character: string): string {
  const code = character.charCodeAt(0);
  if (character === '\t') return ' ';
  return code < 0x20 ? String.fromCharCode(0x2400 + code) : code === 0x7f ? '␡' : '�';
}
