import { z } from 'zod';

/** A text that people read: one for all languages, or by language (`en`, `pt-BR`). */
export type Text = string | Readonly<Record<string, string>>;

export const text = z.union([
  z.string().min(1),
  z.record(
    z.string().regex(/^[a-z]{2,3}(-[A-Za-z0-9]+)*$/, 'must be a language such as "en" or "pt-BR"'),
    z.string().min(1),
  ),
]);
