import { expect, test } from 'vitest';
import { textsFor } from './page-language.ts';
import { DE } from './texts-de.ts';
import { EN } from './texts-en.ts';

test.each([
  [undefined, 'en'],
  ['', 'en'],
  ['*', 'en'],
  ['de', 'de'],
  ['de-AT,en;q=0.5', 'de'],
  ['DE-ch', 'de'],
  ['en-GB,de;q=0.9', 'en'],
  ['fr, en;q=0.3, de;q=0.7', 'de'],
  ['de;q=0, en', 'en'],
  // Nonsense is nobody's preference.
  ['de;q=x', 'en'],
  ['de;q=7', 'en'],
  [`${'fr,'.repeat(50)}de`, 'en'],
])('who prefers %j reads %s', (header, tag) => {
  expect(textsFor(header).tag).toBe(tag);
});

/** Every text by its path; functions called with a number that can be found again. */
function all(texts: object, path = ''): Map<string, string> {
  return new Map(
    Object.entries(texts).flatMap(([name, value]): [string, string][] => {
      const here = `${path}.${name}`;
      if (typeof value === 'object') return [...all(value, here)];
      return [[here, typeof value === 'function' ? String(value(7)) : value]];
    }),
  );
}

test('every text is there in both languages, another one, and says what it was told', () => {
  const english = all(EN);
  for (const [path, text] of all(DE)) {
    expect(text, path).not.toBe('');
    expect(text, path).not.toBe(english.get(path));
    expect(text.includes('7'), path).toBe(english.get(path)?.includes('7'));
  }
});
