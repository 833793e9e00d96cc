import { MedallionError } from '../../errors/index.js';

/**
 * The error of a file that is not what its format says: MDL3009.
 * @param at the place in it, where it has lines
 */
export function badFile(
  origin: string,
  at: { readonly line?: number; readonly column?: number | undefined },
  problem: string,
  hint?: string,
): MedallionError {
  const place = [origin, at.line, at.column].filter((part) => part !== undefined).join(':');
  return new MedallionError('MDL3009', {
    message: `${place}: ${problem}.`,
    where: { file: origin, ...at },
    hint,
  });
}

/**
 * Refuses names of columns that a file does not have.
 * @throws MedallionError MDL3009
 */
export function requireColumns(origin: string, wanted: readonly string[], known: readonly string[]): void {
  const unknown = wanted.find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw badFile(origin, {}, `it has no column "${unknown}"`, `Its columns are ${known.join(', ')}.`);
}
