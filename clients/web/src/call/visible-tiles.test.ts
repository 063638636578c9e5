import { describe, expect, test } from 'vitest';
import { visibleTiles } from './visible-tiles.ts';

const layout = { columns: 2, rows: 3, tileWidthPx: 100, tileHeightPx: 100, scrolls: true };
const keys = ['a', 'b', 'c', 'd', 'e'];

describe('visibleTiles', () => {
  test.each([
    ['at the top', 0, 208, ['a', 'b', 'c', 'd']],
    ['a row that shows one pixel', 99, 118, ['a', 'b', 'c', 'd', 'e']],
    ['a row that has just gone', 100, 100, ['c', 'd']],
    ['at the end', 116, 208, ['c', 'd', 'e']],
    ['everything in a tall area', 0, 1000, keys],
    ['nothing in no area', 0, 0, []],
  ])('%s', (_, scrollTopPx, areaHeightPx, expected) => {
    const visible = visibleTiles(keys, layout, scrollTopPx, areaHeightPx, 8);
    expect([...visible.keys()]).toEqual(expected);
    for (const heightPx of visible.values()) expect(heightPx).toBe(100);
  });
});
