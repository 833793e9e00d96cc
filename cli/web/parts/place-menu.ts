/** Space between a menu, its button and the window's edges, in pixels. */
const gap = 4;
const edge = 8;

/** Puts an open menu, which is `position: fixed`, beside its button where there is room for it: below or, near the window's end, above. */
export function placeMenu(menu: HTMLElement, button: HTMLElement, align: 'left' | 'right' = 'left'): void {
  const at = button.getBoundingClientRect();
  menu.style.maxHeight = '';
  const below = window.innerHeight - at.bottom - gap - edge;
  const above = at.top - gap - edge;
  const isBelow = menu.offsetHeight <= below || below >= above;
  menu.style.maxHeight = `${Math.max(0, isBelow ? below : above)}px`;
  const wanted = align === 'left' ? at.left : at.right - menu.offsetWidth;
  menu.style.left = `${Math.max(edge, Math.min(wanted, window.innerWidth - menu.offsetWidth - edge))}px`;
  menu.style.top = `${isBelow ? at.bottom + gap : at.top - gap - menu.offsetHeight}px`;
}
