import { expect, test } from 'vitest';
import { timeLocale } from './time-locale.ts';

test.each([
  ['en', ['en-GB', 'de'], 'en-GB'],
  ['de', ['en-US', 'en'], 'de'],
  ['de', ['en-US', 'de-AT', 'de'], 'de-AT'],
  ['en', [], 'en'],
])('on a page in %s, with a browser that prefers %j, times are written as in %s', (...row) => {
  const [language, preferred, locale] = row;
  expect(timeLocale(language, preferred)).toBe(locale);
});
