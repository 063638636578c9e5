/** The languages of the web client, and which of them somebody gets. */
import { de } from './de.ts';
import { en } from './en.ts';
import type { Texts } from './texts.ts';

export type Language = 'de' | 'en';

/** By code, each with its own name for itself. */
export const LANGUAGES: Readonly<
  Record<Language, { readonly name: string; readonly texts: Texts }>
> = {
  de: { name: 'Deutsch', texts: de },
  en: { name: 'English', texts: en },
};

export function isLanguage(value: unknown): value is Language {
  return typeof value === 'string' && Object.hasOwn(LANGUAGES, value);
}

/**
 * @param chosen by this person; undefined when they never chose
 * @param preferred of the browser, such as `de-AT`, best first
 */
export function languageFor(chosen: Language | undefined, preferred: readonly string[]): Language {
  const codes = preferred.map((tag) => tag.toLowerCase().split('-', 1)[0]);
  return chosen ?? codes.find(isLanguage) ?? 'en';
}
