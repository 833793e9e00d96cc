import { computed, effect, signal } from '@preact/signals';
import type { Text } from '../../serve/ui/shapes.ts';
import { en } from '../texts/en.ts';
import { ptBR } from '../texts/pt-BR.ts';
import type { Texts } from '../texts/texts.ts';
import { remembered } from './remembered.ts';

const languages = { en, 'pt-BR': ptBR } as const satisfies Record<string, Texts>;
export type Language = keyof typeof languages;
export const languageNames: Readonly<Record<Language, string>> = { en: 'English', 'pt-BR': 'Português' };

const kept = remembered('mdl-language');

/** The language of the interface: chosen, or the browser's. */
export const language = signal<Language>(
  kept.value === 'en' || kept.value === 'pt-BR' ? kept.value : ofBrowser(),
);
/** Its texts: `texts.value.app.explore`. */
export const texts = computed<Texts>(() => languages[language.value]);

effect(() => {
  document.documentElement.lang = language.value;
});

export function chooseLanguage(chosen: Language): void {
  kept.value = chosen;
  language.value = chosen;
}

function ofBrowser(): Language {
  const known = navigator.languages.map((wanted) => wanted.toLowerCase().split('-')[0]);
  return known.find((code) => code === 'pt' || code === 'en') === 'pt' ? 'pt-BR' : 'en';
}

/** A text of the project in the language of the interface, or the first that it has. */
export function inLanguage(text: Text): string {
  if (typeof text === 'string') return text;
  const wanted = language.value;
  return (
    text[wanted] ??
    Object.entries(text).find(([known]) => known.split('-')[0] === wanted.split('-')[0])?.[1] ??
    Object.values(text)[0] ??
    ''
  );
}
