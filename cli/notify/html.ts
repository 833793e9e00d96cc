import type { Message, Problem } from './message.js';
import type { MessageRows } from './rows.js';

const colors = {
  failure: '#b42318',
  recovery: '#067647',
  warning: '#b54708',
  success: '#067647',
  test: '#175cd3',
} as const;
const muted = 'color:#667085;font-size:13px';
const cell = 'border:1px solid #d0d5dd;padding:3px 8px;text-align:left;font-size:13px';

/** A message as an e-mail's HTML: styles stand at each element, because many programs read no others. */
export function emailHtml(message: Message): string {
  const { occasion, title, facts, problems, more, outcome, link, command } = message;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(title)}</title></head>
<body style="margin:0;padding:16px;font-family:system-ui,-apple-system,'Segoe UI',sans-serif;color:#101828;background:#fff">
<div style="border-left:4px solid ${colors[occasion]};padding-left:12px;max-width:720px">
<h1 style="font-size:18px;margin:0 0 4px">${escapeHtml(title)}</h1>
${facts.length > 0 ? `<p style="margin:0 0 12px;${muted}">${escapeHtml(facts.join(' · '))}</p>` : ''}
${problems.map(problemHtml).join('\n')}
${more > 0 ? `<p>… and ${more} more</p>` : ''}
<p>${escapeHtml(outcome)}</p>
${link === undefined ? '' : `<p><a href="${escapeHtml(link)}">See the run</a></p>`}
${command === undefined ? '' : `<p style="${muted}"><code>${escapeHtml(command)}</code></p>`}
</div></body></html>
`;
}

function problemHtml({ node, headline, code, place, hint, rows, rest }: Problem): string {
  const name = node === '' ? '' : `<strong>${escapeHtml(node)}</strong>: `;
  const facts = [code, place].flatMap((part) => (part === undefined ? [] : [escapeHtml(part)])).join(' · ');
  return `<div style="margin:0 0 14px">${name}${escapeHtml(headline)}
${facts === '' ? '' : `<div style="${muted}">${facts}</div>`}
${hint === undefined ? '' : `<div style="${muted}">${escapeHtml(hint)}</div>`}
${rows ? rowsHtml(rows) : ''}
${rest === undefined ? '' : `<div style="${muted}">${escapeHtml(rest)}</div>`}</div>`;
}

function rowsHtml({ columns, rows, hiddenColumns }: MessageRows): string {
  const line = (cells: readonly (string | null)[], tag: 'th' | 'td') =>
    `<tr>${cells
      .map(
        (value) => `<${tag} style="${cell}">${value === null ? '<em>null</em>' : escapeHtml(value)}</${tag}>`,
      )
      .join('')}</tr>`;
  return `<table style="border-collapse:collapse;margin:6px 0">${line(columns, 'th')}${rows
    .map((row) => line(row, 'td'))
    .join(
      '',
    )}</table>${hiddenColumns > 0 ? `<div style="${muted}">${hiddenColumns} more columns</div>` : ''}`;
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character]!);
}
