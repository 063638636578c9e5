/** What a language must have: every text that there is in English. */
import type { en } from './en.ts';

/** Other words, the same blanks to fill in. */
type InAnyLanguage<T> = T extends string
  ? string
  : T extends (...blanks: infer Blanks) => string
    ? (...blanks: Blanks) => string
    : { readonly [Name in keyof T]: InAnyLanguage<T[Name]> };

export type Texts = InAnyLanguage<typeof en>;
