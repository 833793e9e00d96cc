export type Row = Readonly<Record<string, unknown>>;

/** Rows as the API sends them; numbers that JavaScript cannot hold exactly stay texts where the browser tells how they were written. */
export function parseRows(text: string): readonly Row[] {
  return JSON.parse(text, keepExact) as Row[];
}

/** @see https://github.com/tc39/proposal-json-parse-with-source */
function keepExact(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  const source = context?.source;
  if (typeof value !== 'number' || source === undefined || source.length < 16) return value;
  const digits = source.replace(/e.*$/i, '').replaceAll(/\D/g, '').replace(/^0+/, '');
  return digits.length > 15 ? source : value;
}
