import { defineMacro } from 'medallion';

export const to_int = defineMacro({
  description: 'A whole number, or null for anything else',
  render: (column: string) =>
    `case when trim(${column}) ~ '^-?[0-9]{1,9}$' then trim(${column})::integer end`,
});
