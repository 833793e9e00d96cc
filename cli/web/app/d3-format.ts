/**
 * A number's format as d3-format writes it, for `Intl`: `,.1f`, `.0%`, `$,.2f`, `.3s`, `+,d`.
 * @returns undefined for what is none
 * @see https://d3js.org/d3-format#locale_format
 */
export function intlOptions(format: string, currency: string | null): Intl.NumberFormatOptions | undefined {
  const match = /^(?:.?[<>=^])?([-+( ])?([$#])?0?\d*(,)?(?:\.(\d+))?(~)?([%a-z])?$/i.exec(format);
  if (!match) return undefined;
  const [, sign, symbol, grouping, given, trim, type] = match;
  const digits = given === undefined ? undefined : Number(given);
  return {
    useGrouping: grouping === ',',
    ...(sign === '+' && { signDisplay: 'always' as const }),
    ...(symbol === '$' && currency && { style: 'currency' as const, currency }),
    ...precision(type ?? '', digits, trim === '~'),
  };
}

function precision(type: string, digits: number | undefined, isTrimmed: boolean): Intl.NumberFormatOptions {
  const fraction = (count: number) => ({
    minimumFractionDigits: isTrimmed ? 0 : count,
    maximumFractionDigits: count,
  });
  const significant = (count: number) => ({
    ...(!isTrimmed && { minimumSignificantDigits: count }),
    maximumSignificantDigits: count,
  });
  switch (type) {
    case '%':
    case 'p':
      return { style: 'percent', ...fraction(digits ?? (type === '%' ? 6 : 0)) };
    case 'd':
      return fraction(0);
    case 's':
      return { notation: 'compact', ...significant(Math.max(1, digits ?? 6)) };
    case 'e':
      return { notation: 'scientific', ...fraction(digits ?? 6) };
    case 'r':
    case 'g':
      return significant(Math.max(1, digits ?? 6));
    case 'f':
      return fraction(digits ?? 6);
    default:
      return digits === undefined ? { maximumFractionDigits: 6 } : significant(Math.max(1, digits));
  }
}
