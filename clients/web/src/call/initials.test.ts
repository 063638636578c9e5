import { describe, expect, test } from 'vitest';
import { colourIndex, initialsOf } from './initials.ts';

describe('initialsOf', () => {
  test.each([
    ['Ada Lovelace', 'AL'],
    ['ben', 'B'],
    ['  Cleo   de Nile ', 'CN'],
    ['', '?'],
    ['   ', '?'],
    ['Élodie Ñandú', 'ÉÑ'],
    ['👩‍🚀 Kim', '👩‍🚀K'],
    ['李 小龍', '李小'],
  ])('%j gives %j', (name, expected) => {
    expect(initialsOf(name)).toBe(expected);
  });
});

describe('colourIndex', () => {
  test('is stable and in range for any id', () => {
    for (const id of ['', 'a', 'c001555f', 'x'.repeat(1000)]) {
      const index = colourIndex(id, 7);
      expect(index).toBe(colourIndex(id, 7));
      expect(index).toBeGreaterThanOrEqual(0);
      expect(index).toBeLessThan(7);
    }
  });

  test('does not give everybody the same', () => {
    const ids = Array.from({ length: 40 }, (_, index) => `user${index}`);
    expect(new Set(ids.map((id) => colourIndex(id, 7))).size).toBe(7);
  });
});
