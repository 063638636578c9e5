import { expect, test } from 'vitest';
import { isSamePassword } from './same-password.ts';

test.each([
  ['secret', 'secret', true],
  ['secret', 'secreT', false],
  ['secret', 'Secret', false],
  ['secret', 'secre', false],
  ['secret', 'secret1', false],
  ['secret', '', false],
])('%s and %s', (expected, given, isSame) => {
  expect(isSamePassword(expected, given)).toBe(isSame);
});
