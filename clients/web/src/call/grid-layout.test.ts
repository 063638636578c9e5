import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { gridLayout, stripLayout } from './grid-layout.ts';

describe('gridLayout', () => {
  test.each([
    ['one on a wide screen', 1, 1280, 620, { columns: 1, rows: 1 }],
    ['two side by side', 2, 1280, 620, { columns: 2, rows: 1 }],
    ['four in a square', 4, 1280, 620, { columns: 2, rows: 2 }],
    ['two above each other on a phone', 2, 344, 600, { columns: 1, rows: 2 }],
    ['nine', 9, 1280, 620, { columns: 3, rows: 3 }],
    ['nobody', 0, 1280, 620, { columns: 1, rows: 1 }],
  ])('%s', (_, count, widthPx, heightPx, expected) => {
    expect(gridLayout(count, widthPx, heightPx, 8)).toMatchObject({ ...expected, scrolls: false });
  });

  test('scrolls rather than make tiles too small', () => {
    const layout = gridLayout(40, 344, 500, 8);
    expect(layout.scrolls).toBe('down');
    expect(layout.tileHeightPx).toBeGreaterThanOrEqual(110);
    expect(layout.columns).toBeGreaterThan(1);
  });

  test('an area without size gives tiles without size', () => {
    expect(gridLayout(3, 0, 0, 8)).toMatchObject({ tileWidthPx: 0, tileHeightPx: 0 });
  });

  test('places for all, inside the area, never wider than 16:9, for any number and size', () => {
    const px = fc.integer({ min: 150, max: 4000 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), px, px, (count, widthPx, heightPx) => {
        const layout = gridLayout(count, widthPx, heightPx, 8);
        const { columns, rows, tileWidthPx, tileHeightPx, scrolls } = layout;
        expect(columns * rows).toBeGreaterThanOrEqual(count);
        expect(columns * tileWidthPx + (columns - 1) * 8).toBeLessThanOrEqual(widthPx);
        if (!scrolls) {
          expect(rows * tileHeightPx + (rows - 1) * 8).toBeLessThanOrEqual(heightPx);
        }
        expect(tileWidthPx).toBeLessThanOrEqual(Math.ceil((tileHeightPx + 1) * (16 / 9)));
        expect(tileHeightPx).toBeGreaterThan(0);
      }),
    );
  });
});

describe('stripLayout', () => {
  test.each([
    ['a few below somebody large', 2, 390, 110, { columns: 2, rows: 1, scrolls: false }],
    ['many below somebody large', 9, 390, 110, { columns: 9, rows: 1, scrolls: 'aside' }],
    ['a few beside somebody large', 3, 300, 620, { columns: 1, rows: 3, scrolls: false }],
    ['many beside somebody large', 24, 300, 620, { columns: 1, scrolls: 'down' }],
    ['no area yet', 9, 0, 0, { tileWidthPx: 0, tileHeightPx: 0 }],
  ])('%s', (_, count, widthPx, heightPx, expected) => {
    expect(stripLayout(count, widthPx, heightPx, 8)).toMatchObject(expected);
  });
});
