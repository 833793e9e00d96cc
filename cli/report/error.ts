import { type ErrorRecord, formatWhere } from '../errors/index.js';
import type { Style } from './style.js';

/** An error for people, in lines: what, where, what Postgres says, what to do. */
export function errorLines(error: ErrorRecord, style: Style): string[] {
  const postgres = error.postgres;
  const [first, ...more] = error.message.split('\n');
  const place = error.where ? style.cyan(formatWhere(error.where)) : '';
  return [
    `${style.red(style.bold('error'))} ${style.dim(error.code)} ${first}`,
    ...more.map((line) => `  ${line.trimStart()}`),
    ...(place ? [`  at ${place}`] : []),
    ...(postgres?.detail ? [`  ${style.dim('detail:')} ${postgres.detail}`] : []),
    ...(postgres?.hint ? [`  ${style.dim('Postgres hints:')} ${postgres.hint}`] : []),
    `  ${style.dim('hint:')} ${error.hint}`,
  ];
}
