import { computed, effect, signal } from '@preact/signals';
import { remembered } from './remembered.ts';

export const themes = ['auto', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];

const kept = remembered('mdl-theme');
const systemIsDark = matchMedia('(prefers-color-scheme: dark)');
const systemDark = signal(systemIsDark.matches);
systemIsDark.addEventListener('change', ({ matches }) => {
  systemDark.value = matches;
});

export const theme = signal<Theme>(themes.find((known) => known === kept.value) ?? 'auto');
/** Whether the page is dark now. */
export const isDark = computed(() => (theme.value === 'auto' ? systemDark.value : theme.value === 'dark'));

effect(() => {
  document.documentElement.dataset.theme = isDark.value ? 'dark' : 'light';
});

export function chooseTheme(chosen: Theme): void {
  kept.value = chosen;
  theme.value = chosen;
}
