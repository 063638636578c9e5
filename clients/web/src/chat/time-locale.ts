/** How times are written: in the language of the page, in the way of the reader's country where that is known. */

/**
 * @param language of the page
 * @param preferred of the browser, such as `en-GB`, best first
 */
export function timeLocale(language: string, preferred: readonly string[]): string {
  return preferred.find((tag) => tag.toLowerCase().split('-', 1)[0] === language) ?? language;
}
