import { describe, expect, test } from 'vitest';
import { visibleTiles } from './visible-tiles.ts';

const layout = {
  columns: 2,
  rows: 3,
  tileWidthPx: 100,
  tileHeightPx: 100,
  scrolls: 'down',
} as const;
const keys = ['a', 'b', 'c', 'd', 'e'];

describe('visibleTiles', () => {
  test.each([
    ['at the top', 0, 208, ['a', 'b', 'c', 'd']],
    ['a row that shows one pixel', 99, 118, ['a', 'b', 'c', 'd', 'e']],
    ['a row that has just gone', 100, 100, ['c', 'd']],
    ['at the end', 116, 208, ['c', 'd', 'e']],
    ['everything in a tall area', 0, 1000, keys],
    ['nothing in no area', 0, 0, []],
  ])('%s', (_, startPx, sizePx, expected) => {
    const visible = visibleTiles(keys, layout, { startPx, sizePx }, 8);
    expect([...visible.keys()]).toEqual(expected);
    for (const heightPx of visible.values()) expect(heightPx).toBe(100);
  });

  test.each([
    ['at the beginning', 0, 300, ['a', 'b']],
    ['in the middle', 160, 300, ['b', 'c']],
    ['at the end', 500, 300, ['d', 'e']],
  ])('in a strip that scrolls aside, %s', (_, startPx, sizePx, expected) => {
    const strip = {
      columns: 5,
      rows: 1,
      tileWidthPx: 150,
      tileHeightPx: 110,
      scrolls: 'aside',
    } as const;
    const visible = visibleTiles(keys, strip, { startPx, sizePx }, 8);
    expect([...visible]).toEqual(expected.map((key) => [key, 110]));
  });
});
