import type { en } from './en.ts';

/** Every language has the same texts. */
export type Texts = typeof en;
