/**
 * Shows what a mark stands for beside the pointer. Vega's own is the browser's title, which comes late and in one line.
 * @see https://vega.github.io/vega/docs/api/view/#view_tooltip
 */
export function showTooltip(_handler: unknown, event: MouseEvent, _item: unknown, value: unknown): void {
  const box = tooltip();
  if (value === null || value === undefined || value === '') {
    box.hidden = true;
    return;
  }
  const entries = typeof value === 'object' ? Object.entries(value) : [['', String(value)]];
  box.replaceChildren(
    ...entries.flatMap(([name, text]) => {
      const [term, definition] = [document.createElement('dt'), document.createElement('dd')];
      term.textContent = name;
      definition.textContent = String(text);
      return [term, definition];
    }),
  );
  box.hidden = false;
  const { offsetWidth, offsetHeight } = box;
  const left = Math.min(event.clientX + 14, window.innerWidth - offsetWidth - 8);
  const top =
    event.clientY + 14 + offsetHeight > window.innerHeight
      ? event.clientY - offsetHeight - 10
      : event.clientY + 14;
  box.style.left = `${Math.max(8, left)}px`;
  box.style.top = `${Math.max(8, top)}px`;
}

function tooltip(): HTMLElement {
  const known = document.getElementById('mark-tooltip');
  if (known) return known;
  const made = document.createElement('dl');
  made.id = 'mark-tooltip';
  made.hidden = true;
  // Only for the pointer: the same rows can be read as a table.
  made.setAttribute('aria-hidden', 'true');
  document.body.append(made);
  return made;
}
