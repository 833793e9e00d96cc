import { clip } from './clip.js';
import type { Message, Problem } from './message.js';
import { rowLines } from './rows.js';

/** Slack's limits, with room: https://docs.slack.dev/reference/block-kit/blocks/section-block. All blocks together may have about 13,000 characters. */
const maxSection = 2900;
const maxBlocks = 9000;
/** Of Discord, which shows the text and no blocks. */
const maxText = 1900;

/** What an incoming webhook is sent: `blocks` for Slack, `text` for notifications and for what knows no blocks. */
export interface SlackBody {
  readonly text: string;
  readonly blocks: readonly object[];
}

const marks = { failure: '🔴', recovery: '🟢', warning: '🟡', success: '🟢', test: '🔵' } as const;

export function slackBody(message: Message): SlackBody {
  const title = `${marks[message.occasion]} ${message.title}`;
  const problems = message.problems.map(problemText);
  const ending = endingText(message);
  const sections: string[] = [];
  let size = title.length + ending.length + message.facts.join(' · ').length;
  for (const text of problems) {
    size += text.length;
    if (size > maxBlocks) break;
    sections.push(text);
  }
  const more = message.more + problems.length - sections.length;
  return {
    text: shortText(title, message, problems, ending),
    blocks: [
      { type: 'header', text: { type: 'plain_text', text: clip(title, 150), emoji: true } },
      ...(message.facts.length > 0
        ? [
            {
              type: 'context',
              elements: [{ type: 'mrkdwn', text: escapeSlack(message.facts.join(' · '), 600) }],
            },
          ]
        : []),
      ...sections.map(section),
      ...(more > 0 ? [section(`… and ${more} more`)] : []),
      section(ending),
    ],
  };
}

function section(text: string): object {
  return { type: 'section', text: { type: 'mrkdwn', text } };
}

/** The same without blocks: as much of it as fits. */
function shortText(title: string, message: Message, problems: readonly string[], ending: string): string {
  const facts = escapeSlack(message.facts.join(' · '), 600);
  const head = [`*${escapeSlack(title, 300)}*`, ...(facts === '' ? [] : [facts])];
  let room = maxText - head.join('\n').length - ending.length - 40;
  const shown: string[] = [];
  for (const text of problems) {
    if (text.length + 1 > room) break;
    room -= text.length + 1;
    shown.push(text);
  }
  const left = message.more + problems.length - shown.length;
  return [...head, ...shown, ...(left > 0 ? [`… and ${left} more`] : []), ending].join('\n');
}

function endingText({ outcome, command, link }: Message): string {
  return [
    escapeSlack(outcome, 300),
    ...(link === undefined ? [] : [`<${escapeEntities(link)}|See the run>`]),
    ...(command === undefined ? [] : [`\`${command}\``]),
  ].join('\n');
}

/** One problem, shorter than a section may be, with its rows as a block of code. */
function problemText({ node, headline, code, place, hint, rows, rest }: Problem): string {
  const name = node === '' ? '' : `*${escapeSlack(node, 200)}* `;
  const facts = [code, place].flatMap((part) => (part === undefined ? [] : [escapeSlack(part, 200)]));
  const lines = [
    `${name}${escapeSlack(headline, 700)}`,
    ...(facts.length > 0 ? [facts.join(' · ')] : []),
    ...(hint === undefined ? [] : [`_${escapeSlack(hint, 500)}_`]),
  ];
  if (!rows) return lines.join('\n');
  const tail = rest === undefined ? [] : [rest];
  let room = maxSection - [...lines, ...tail].join('\n').length - '\n```\n```\n'.length;
  const table: string[] = [];
  for (const line of rowLines(rows).map(escapeCode)) {
    room -= line.length + 1;
    if (room < 0) break;
    table.push(line);
  }
  return [...lines, `\`\`\`\n${table.join('\n')}\n\`\`\``, ...tail].join('\n');
}

/**
 * Text that means itself: no link, no mention of everybody. Slack knows `&`, `<`, `>` as markup; `@all` and `[a](b)` mean something elsewhere.
 * @param length of the escaped text, in characters
 */
function escapeSlack(text: string, length: number): string {
  const escaped = escapeEntities(text)
    .replace(/@(?=channel|here|all|everyone)/gi, '@\u200b')
    .replaceAll('](', ']\u200b(')
    .replaceAll('`', '\u02cb');
  // Cut before it is escaped: no entity is left in two.
  return escaped.length <= length ? escaped : escapeSlack(clip(text, Math.floor(text.length * 0.8)), length);
}

/** Inside a block of code, which three backquotes would end. */
function escapeCode(text: string): string {
  return escapeEntities(text).replaceAll('`', '\u02cb');
}

function escapeEntities(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
