import { expect, test } from 'vitest';
import { isAlike } from './use-same.ts';

const people = ['a'];
test.each([
  [{ people, count: 1 }, { people, count: 1 }, true],
  [{ people, count: 1 }, { people, count: 2 }, false],
  // Another list is another list, whatever is in it: that is how stores tell of news.
  [{ people }, { people: [...people] }, false],
  [{ people: undefined }, { people }, false],
  [{ level: Number.NaN }, { level: Number.NaN }, true],
])('%j and %j are alike: %s', (one, other, expected) => {
  expect(isAlike<object>(one, other)).toBe(expected);
});
