import { describe, expect, test } from 'vitest';
import { receiverConstraints, usefulHeightPx } from './video-layout.ts';

describe('usefulHeightPx', () => {
  test.each([
    [-5, 0],
    [0, 0],
    [1, 180],
    [180, 180],
    [216, 180],
    [217, 360],
    [432, 360],
    [433, 720],
    [5000, 720],
  ])('%i px are filled by %i', (heightPx, expected) => {
    expect(usefulHeightPx(heightPx)).toBe(expected);
  });
});

test('a layout becomes the message of the bridge channel', () => {
  const message = receiverConstraints({
    onStage: ['a-v1'],
    heightsPx: new Map([
      ['a-v1', 900],
      ['b-v0', 0],
    ]),
    defaultHeightPx: 200,
  });
  expect(message).toEqual({
    colibriClass: 'ReceiverVideoConstraints',
    lastN: -1,
    selectedSources: [],
    onStageSources: ['a-v1'],
    defaultConstraints: { maxHeight: 180 },
    constraints: { 'a-v1': { maxHeight: 720 }, 'b-v0': { maxHeight: 0 } },
    assumedBandwidthBps: -1,
  });
});
