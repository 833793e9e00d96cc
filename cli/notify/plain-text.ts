import type { Message } from './message.js';
import { rowLines } from './rows.js';

/** A message as plain text. */
export function plainText(message: Message): string {
  const problems = message.problems.flatMap(({ node, headline, code, place, hint, rows, rest }) => {
    const facts = [code, place].filter((part) => part !== undefined).join('  ');
    return [
      '',
      [node, headline].filter((part) => part !== '').join(': '),
      ...(facts === '' ? [] : [`  ${facts}`]),
      ...(rows ? rowLines(rows).map((line) => `    ${line}`) : []),
      ...(rest === undefined ? [] : [`    ${rest}`]),
      ...(hint === undefined ? [] : [`  hint: ${hint}`]),
    ];
  });
  return [
    message.title,
    ...(message.facts.length > 0 ? [message.facts.join(' · ')] : []),
    ...problems,
    ...(message.more > 0 ? ['', `... and ${message.more} more`] : []),
    '',
    message.outcome,
    ...(message.link === undefined ? [] : [message.link]),
    ...(message.command === undefined ? [] : [message.command]),
    '',
  ].join('\n');
}
