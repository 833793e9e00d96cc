import { defineMacro } from 'medallion';

export const to_int = defineMacro({
  description: 'The whole number at the beginning of a text, 42 or "42 anos"; null when there is none',
  render: (column: string) => `substring(trim(${column}) from '^-?\\d{1,9}(?=$|\\s)')::integer`,
});

export const to_timestamp_br = defineMacro({
  description:
    'A day as 2024-03-01 or 01/03/2024, with or without a time; null for days that do not exist, such as 31/02/2024',
  render(column: string) {
    const text = `trim(${column})`;
    const time = '( ([01]\\d|2[0-3]):[0-5]\\d(:[0-5]\\d)?)?';
    const iso = `'^(19|20)\\d{2}-(0[1-9]|1[0-2])-(0[1-9]|[12]\\d|3[01])${time}$'`;
    const brazilian = `'^(0[1-9]|[12]\\d|3[01])/(0[1-9]|1[0-2])/(19|20)\\d{2}${time}$'`;
    // The day is compared with its month only where there is a month, and only where it can be too late.
    const checked = (year: string, month: string, day: string, value: string) =>
      `case when ${day}::int <= 28 or ${day}::int <= extract(day from make_date(${year}::int, ${month}::int, 1) + interval '1 month - 1 day') then (${value})::timestamp end`;
    const [year, month, day] = [`substr(${text}, 7, 4)`, `substr(${text}, 4, 2)`, `substr(${text}, 1, 2)`];
    return `case
      when ${text} ~ ${iso} then ${checked(`substr(${text}, 1, 4)`, `substr(${text}, 6, 2)`, `substr(${text}, 9, 2)`, text)}
      when ${text} ~ ${brazilian} then ${checked(year, month, day, `${year} || '-' || ${month} || '-' || ${day} || substr(${text}, 11)`)}
    end`;
  },
});
