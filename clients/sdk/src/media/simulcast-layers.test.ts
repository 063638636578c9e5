import { describe, expect, test } from 'vitest';
import { layerEncodings } from './simulcast-layers.ts';

describe('layerEncodings', () => {
  test('three layers are a quarter, a half and all of the picture', () => {
    expect(layerEncodings(-1, 3)).toEqual([
      { active: true, scaleResolutionDownBy: 4, maxBitrate: 200_000 },
      { active: true, scaleResolutionDownBy: 2, maxBitrate: 500_000 },
      { active: true, scaleResolutionDownBy: 1, maxBitrate: 1_500_000 },
    ]);
  });

  test.each([
    [0, '...'],
    [1, 'x..'],
    [179, 'x..'],
    [180, 'x..'],
    [359, 'x..'],
    [360, 'xx.'],
    [720, 'xxx'],
    [2160, 'xxx'],
    [-1, 'xxx'],
  ])('a height of %i wants layers %s', (maxHeightPx, expected) => {
    const active = layerEncodings(maxHeightPx, 3).map((layer) => (layer.active ? 'x' : '.'));
    expect(active.join('')).toBe(expected);
  });

  test.each([
    [-1, true, 1],
    [0, false, 1],
    [180, true, 4],
    [360, true, 2],
    [720, true, 1],
    [1080, true, 1],
  ])('without simulcast, %i scales the one picture', (maxHeightPx, active, scale) => {
    expect(layerEncodings(maxHeightPx, 1)).toEqual([
      { active, scaleResolutionDownBy: scale, maxBitrate: 1_500_000 },
    ]);
  });

  test('no encodings, no layers', () => {
    expect(layerEncodings(-1, 0)).toEqual([]);
  });
});
