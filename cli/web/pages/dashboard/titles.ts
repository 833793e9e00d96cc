import { labelOf } from '../../app/labels.ts';
import { texts } from '../../app/language.ts';
import type { PushedDown } from './push-down.ts';

/** What a field, or what is made of it, is called at an axis, in a legend, in a tooltip or above a table's column. */
export type TitleOf = (field: string | undefined, aggregate?: string | undefined) => string;

/** @param made what the database has made for a chart, by the name that it has in its rows */
export function titlesWith(made: PushedDown['made'] = new Map()): TitleOf {
  const titleOf: TitleOf = (field, aggregate) => {
    const origin = field === undefined ? undefined : made.get(field);
    if (origin) return titleOf(origin.field, origin.aggregate);
    const { aggregated, rows } = texts.value.dashboard;
    if (field === undefined) return rows;
    const label = labelOf(field.replaceAll('\\', ''));
    const word = Object.hasOwn(aggregated, aggregate ?? '')
      ? aggregated[aggregate as keyof typeof aggregated]
      : undefined;
    return word ? word(label) : label;
  };
  return titleOf;
}
