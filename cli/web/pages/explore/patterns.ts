import type { Comparison } from '../../../serve/parse/tree.ts';

type Compared = Extract<Comparison, { kind: 'compare' }>;

/** A text that is looked for, whatever characters it has. The API reads `*` as `%` in patterns: an asterisk takes a regular expression. */
export function patternOf(place: 'contains' | 'containsNot' | 'begins' | 'ends', text: string): Compared {
  const [before, after] = [place === 'begins' ? '' : '%', place === 'ends' ? '' : '%'];
  if (!text.includes('*')) {
    const escaped = text.replaceAll(/[\\%_]/g, '\\$&');
    return { kind: 'compare', operator: 'ilike', quantifier: undefined, value: before + escaped + after };
  }
  const escaped = text.replaceAll(/[\\^$.|?*+()[\]{}]/g, '\\$&');
  const value = `${before === '' ? '^' : ''}${escaped}${after === '' ? '$' : ''}`;
  return { kind: 'compare', operator: 'imatch', quantifier: undefined, value };
}

/** What `patternOf` has written; undefined where it has not. */
export function readPattern(
  comparison: Compared,
): { readonly operator: 'contains' | 'begins' | 'ends'; readonly text: string } | undefined {
  const { operator, value } = comparison;
  const parts =
    operator === 'ilike'
      ? /^(%?)((?:[^\\%_]|\\[\\%_])*?)(%?)$/s.exec(value)
      : operator === 'imatch'
        ? /^(\^?)((?:[^\\^$.|?*+()[\]{}]|\\[\\^$.|?*+()[\]{}])*?)(\$?)$/s.exec(value)
        : null;
  if (!parts) return undefined;
  const text = parts[2]!.replaceAll(/\\(.)/gs, '$1');
  const isOpen =
    operator === 'ilike' ? [parts[1] !== '', parts[3] !== ''] : [parts[1] === '', parts[3] === ''];
  const place = isOpen[0] ? (isOpen[1] ? 'contains' : 'ends') : isOpen[1] ? 'begins' : undefined;
  // What would be written otherwise is left as it is.
  return place && patternOf(place, text).value === value && patternOf(place, text).operator === operator
    ? { operator: place, text }
    : undefined;
}
