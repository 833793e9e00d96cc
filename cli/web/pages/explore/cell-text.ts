import { language, texts } from '../../app/language.ts';
import type { ShownColumn } from './columns.ts';

/** Making one takes longer than a hundred uses of it. */
const formats = new Map<string, Intl.NumberFormat | Intl.DateTimeFormat>();

function kept<Format extends Intl.NumberFormat | Intl.DateTimeFormat>(
  key: string,
  make: () => Format,
): Format {
  const whole = `${language.value} ${key}`;
  const found = formats.get(whole) ?? make();
  formats.set(whole, found);
  return found as Format;
}

type Described = Pick<ShownColumn, 'kind' | 'type' | 'isName'>;

/** A value that is not null, for people: numbers and times in the language; one that has no such form as it is. */
export function cellText(value: unknown, { kind, type, isName }: Described): string {
  if (kind === 'boolean') return texts.value.explore.boolean[value ? 'true' : 'false'];
  if (kind === 'number') return numberText(value as number | string, type, isName);
  if (kind === 'time' && typeof value === 'string') return timeText(value);
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** A value whole, as it is: JSON over several lines. */
export function wholeText(value: unknown): string {
  return typeof value === 'object' ? JSON.stringify(value, null, 2) : String(value);
}

function numberText(value: number | string, type: string, isName: boolean): string {
  if (Number.isNaN(Number(value))) return String(value);
  const isAverage = type === 'average';
  const scale = isAverage ? 2 : Number(/^numeric\(\d+,(\d+)\)$/.exec(type)?.[1] ?? 0);
  const most = isAverage ? 2 : 20;
  const format = kept(
    `number ${scale} ${most} ${isName}`,
    () =>
      new Intl.NumberFormat(language.value, {
        minimumFractionDigits: Math.min(scale, 20),
        maximumFractionDigits: most,
        useGrouping: !isName,
      }),
  );
  // A text of digits is formatted to the last of them.
  return format.format(value as number);
}

function timeText(value: string): string {
  const hasTime = value.length > 10;
  const at = new Date(hasTime ? value : `${value}T00:00:00`);
  if (Number.isNaN(at.getTime())) return value;
  return kept(
    `time ${hasTime}`,
    () =>
      new Intl.DateTimeFormat(language.value, {
        dateStyle: 'medium',
        ...(hasTime && { timeStyle: 'short' }),
      }),
  ).format(at);
}

/** A number as people of the language write it, for the API; anything else as it is: the API says what is wrong with it. */
export function writtenNumber(text: string): string {
  const parts = new Intl.NumberFormat(language.value).formatToParts(12_345.6);
  const [group, decimal] = ['group', 'decimal'].map(
    (type) => parts.find((part) => part.type === type)!.value,
  );
  const trimmed = text.trim();
  const escaped = group === '.' ? '\\.' : ',';
  const isGrouped = new RegExp(`^-?\\d{1,3}(${escaped}\\d{3})+(\\${decimal}\\d+)?$`).test(trimmed);
  const plain = isGrouped ? trimmed.replaceAll(group!, '') : trimmed;
  return /^-?\d*[.,]?\d+$/.test(plain) ? plain.replace(decimal!, '.') : trimmed;
}

/** A number that the API reads, as people of the language would write it. */
export function shownNumber(text: string): string {
  const decimal = new Intl.NumberFormat(language.value).formatToParts(0.5)[1]!.value;
  return /^-?\d*\.\d+$/.test(text) ? text.replace('.', decimal) : text;
}
