import { computed, signal } from '@preact/signals';

/** Where the page is: a path such as `/ui/runs/12`, and what stands after the `?`. */
const place = signal(new URL(window.location.href));

export const path = computed(() => decodeSafely(place.value.pathname));
export const query = computed(() => place.value.searchParams);

window.addEventListener('popstate', () => {
  place.value = new URL(window.location.href);
});

/** Goes to a page of the app, as a link does; `replace` leaves no step to go back to. */
export function go(href: string, { replace = false } = {}): void {
  const next = new URL(href, window.location.href);
  if (next.href !== place.value.href) {
    window.history[replace ? 'replaceState' : 'pushState'](null, '', next);
    const isOtherPage = next.pathname !== place.value.pathname;
    place.value = next;
    if (isOtherPage && !next.hash) window.scrollTo(0, 0);
  }
}

/** Changes parameters of the URL in place; null takes one away. What stands there can be shared. */
export function setQuery(
  changes: Readonly<Record<string, string | readonly string[] | null>>,
  { replace = true } = {},
): void {
  const next = new URL(place.value);
  for (const [name, value] of Object.entries(changes)) {
    next.searchParams.delete(name);
    for (const one of [value ?? []].flat()) next.searchParams.append(name, one as string);
  }
  go(next.href, { replace });
}

/** Links within the app change the page without loading it anew; others, and clicks with a key held, are the browser's. */
export function followLinks(): void {
  document.addEventListener('click', (event) => {
    if (
      event.defaultPrevented ||
      event.button !== 0 ||
      event.metaKey ||
      event.ctrlKey ||
      event.shiftKey ||
      event.altKey
    )
      return;
    const link = (event.target as Element | null)?.closest?.('a');
    if (!link || link.target || link.hasAttribute('download') || link.origin !== window.location.origin)
      return;
    if (link.pathname !== '/' && !link.pathname.startsWith('/ui/')) return;
    if (link.pathname === window.location.pathname && link.search === window.location.search && link.hash)
      return;
    event.preventDefault();
    go(link.href);
  });
}

function decodeSafely(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
