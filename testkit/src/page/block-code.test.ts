import { describe, expect, test } from 'vitest';
import { brightnessOf, COLUMNS, cellsOf, ROWS, signatureOf } from './block-code.ts';

/** Paints the cells as an RGBA picture whose black and white have lost some contrast. */
function paint(cells: readonly boolean[], width: number, height: number): Uint8ClampedArray {
  const rgba = new Uint8ClampedArray(width * height * 4);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const cell = Math.floor((y * ROWS) / height) * COLUMNS + Math.floor((x * COLUMNS) / width);
      rgba.fill(cells[cell] ? 200 : 50, (y * width + x) * 4, (y * width + x) * 4 + 4);
    }
  }
  return rgba;
}

describe('block code', () => {
  test.each([
    [0, 0],
    [1, 1],
    [255, 4095],
    [128, 2048],
    [7, 4094],
  ])('number %i, counter %i survives painting at each size', (number, counter) => {
    for (const [width, height] of [
      [160, 90],
      [320, 180],
      [1280, 720],
    ] as const) {
      const rgba = paint(cellsOf({ number, counter }), width, height);
      expect(signatureOf(brightnessOf(rgba, width, height))).toEqual({ number, counter });
    }
  });

  test('a wrong block anywhere is noticed', () => {
    const cells = cellsOf({ number: 5, counter: 1234 });
    for (let i = 0; i < cells.length; i++) {
      const wrong = cells.map((cell, at) => ((at === i ? !cell : cell) ? 255 : 0));
      const read = signatureOf(wrong);
      // One bit of 28 may by chance still pass the check only if it changes nothing.
      expect(read).not.toEqual({ number: 5, counter: 1234 });
    }
  });

  test.each([0, 128, 255])('a plain picture of %i is no signature', (value) => {
    expect(signatureOf(new Array<number>(32).fill(value))).toBeUndefined();
    expect(signatureOf([])).toBeUndefined();
  });
});
