import type { Random } from './random.js';

/** What happens to clean values on their way through forms, spreadsheets and three generations of software. */

export function strayed(text: string, random: Random): string {
  if (random.chance(0.03)) return `  ${text}`;
  if (random.chance(0.03)) return `${text} `;
  if (random.chance(0.02)) return text.replace(' ', '  ');
  return text;
}

export function misCased(text: string, random: Random): string {
  if (random.chance(0.06)) return text.toUpperCase();
  if (random.chance(0.05)) return text.toLowerCase();
  return text;
}

/** `1.234,56`, `1234,56`, `1234.56`, `R$ 1.234,56`. */
export function price(value: number, random: Random): string {
  const [whole, cents] = value.toFixed(2).split('.') as [string, string];
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, '.');
  const forms = [`${grouped},${cents}`, `${whole},${cents}`, `${whole}.${cents}`, `R$ ${grouped},${cents}`];
  return forms[random.weighted([45, 15, 37, 3])]!;
}

/** `2024-03-01`, `01/03/2024`, with or without time; rarely a day that does not exist. */
export function date(day: Date, random: Random): string {
  const iso = day.toISOString();
  const [year, month, date] = iso.slice(0, 10).split('-') as [string, string, string];
  if (random.chance(0.0008)) return `31/02/${year}`;
  const time = `${String(random.weighted(hours)).padStart(2, '0')}:${String(random.integer(0, 59)).padStart(2, '0')}:${String(random.integer(0, 59)).padStart(2, '0')}`;
  return [
    `${year}-${month}-${date}`,
    `${date}/${month}/${year}`,
    `${year}-${month}-${date} ${time}`,
    `${date}/${month}/${year} ${time.slice(0, 5)}`,
  ][random.weighted([34, 30, 26, 10])]!;
}

const hours = [4, 2, 1, 1, 1, 1, 2, 4, 8, 12, 14, 14, 16, 14, 12, 12, 12, 12, 13, 16, 20, 22, 16, 9];

export function email(name: string, random: Random, n: number): string {
  const plain = name
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z ]/g, '');
  const [first = 'cliente', ...rest] = plain.split(' ');
  const address = `${first}.${rest.at(-1) ?? 'x'}${n % 97}@${random.pick(['example.com', 'exemplo.com.br', 'mail.example.org', 'correio.example'])}`;
  if (random.chance(0.03)) return address.replace('@', '');
  if (random.chance(0.015)) return address.replace('@', ' @ ');
  if (random.chance(0.01)) return address.slice(0, address.indexOf('@') + 1);
  if (random.chance(0.03)) return '';
  return random.chance(0.08) ? address.toUpperCase() : address;
}

export function phone(area: number, random: Random): string {
  const number = `9${random.integer(1000, 9999)}${random.integer(1000, 9999)}`;
  const dashed = `${number.slice(0, 5)}-${number.slice(5)}`;
  if (random.chance(0.03)) return '';
  if (random.chance(0.02)) return random.pick(['não tem', '0000', '-', '12345']);
  return [
    `(${area}) ${dashed}`,
    `${area}${number}`,
    `+55 ${area} ${dashed}`,
    `0${area} ${dashed}`,
    `55${area}${number}`,
  ][random.weighted([45, 25, 15, 10, 5])]!;
}

export function age(random: Random): string {
  if (random.chance(0.03)) return random.pick(['', 'não informado', '-', 'trinta', '??']);
  if (random.chance(0.008)) return String(random.pick([0, -5, 150, 999, 2001]));
  const years = 18 + Math.floor((random.next() + random.next() + random.next()) * 21);
  return random.chance(0.04) ? `${years} anos` : String(years);
}
