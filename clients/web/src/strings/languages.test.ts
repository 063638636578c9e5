import { describe, expect, test } from 'vitest';
import { LANGUAGES, languageFor } from './languages.ts';

describe('languageFor', () => {
  test.each([
    [undefined, ['de-AT', 'en'], 'de'],
    [undefined, ['EN-gb'], 'en'],
    [undefined, ['fr-FR', 'de', 'en'], 'de'],
    [undefined, ['fr', 'toString'], 'en'],
    [undefined, [], 'en'],
    ['en', ['de'], 'en'],
  ] as const)('who chose %j and whose browser wants %j reads %j', (chosen, preferred, expected) => {
    expect(languageFor(chosen, preferred)).toBe(expected);
  });
});

/** Texts by their path; functions filled in with the same blanks. */
function textsOf(value: unknown, path = ''): [string, string][] {
  if (typeof value === 'string') return [[path, value]];
  if (typeof value === 'function') {
    // A list of names serves where one is wanted, and otherwise is what its text says.
    return [1, 2].map((count) => [
      `${path}(${count})`,
      String(value(Object.assign(['audio'], { length: count, toString: () => `${count}` }), count)),
    ]);
  }
  return Object.entries(value as object).flatMap(([key, inner]) =>
    textsOf(inner, `${path}.${key}`),
  );
}

test.each(Object.entries(LANGUAGES))('%s says something everywhere', (_, { texts }) => {
  for (const [path, text] of textsOf(texts)) expect(text.trim(), path).not.toBe('');
});
