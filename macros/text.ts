import { defineMacro } from 'medallion';

const collapsed = (column: string) => `nullif(regexp_replace(trim(${column}), '\\s+', ' ', 'g'), '')`;

export const clean_text = defineMacro({
  description: 'Text without stray spaces; nothing at all becomes null',
  render: (column: string) => collapsed(column),
});

export const proper_name = defineMacro({
  description:
    'A name of a person or place with capitals as Portuguese writes them: Rio de Janeiro, José dos Santos',
  render(column: string) {
    const particles = ['De', 'Da', 'Do', 'Das', 'Dos', 'E'];
    return particles.reduce(
      (sql, word) => `replace(${sql}, ' ${word} ', ' ${word.toLowerCase()} ')`,
      `initcap(lower(${collapsed(column)}))`,
    );
  },
});

export const clean_email = defineMacro({
  description: 'An address in lower case and without spaces; null when it cannot be one',
  render(column: string) {
    const address = `lower(regexp_replace(${column}, '\\s', '', 'g'))`;
    return `case when ${address} ~ '^[^@]+@[^@]+\\.[a-z]{2,}$' then ${address} end`;
  },
});

export const phone_br = defineMacro({
  description: 'A Brazilian mobile number as E.164, +5511987654321; null when it is none',
  render(column: string) {
    const digits = `regexp_replace(${column}, '\\D', '', 'g')`;
    return `case when ${digits} ~ '^(0|55)?[1-9][0-9]9[0-9]{8}$' then '+55' || right(${digits}, 11) end`;
  },
});
