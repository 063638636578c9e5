import { describe, expect, test } from 'vitest';
import { Trendline } from './trendline.ts';

/** Groups every 20 ms, each `growthMs` later than the one before; the last usage. */
function usageAfter(groups: number, growthMs: (i: number) => number): string {
  const trendline = new Trendline();
  let arrivalMs = 1000;
  for (let i = 0; i < groups; i++) {
    arrivalMs += 20 + growthMs(i);
    trendline.update({ sendDeltaMs: 20, arrivalDeltaMs: 20 + growthMs(i), knownMs: arrivalMs });
  }
  return trendline.usage;
}

describe('Trendline', () => {
  test.each([
    ['steady', 60, 0, 'normal'],
    ['a growing queue', 60, 2, 'overusing'],
    ['a queue that empties', 30, -2, 'underusing'],
    ['too few groups to say', 19, 5, 'normal'],
  ] as const)('%s', (_, groups, growthMs, usage) => {
    expect(usageAfter(groups, () => growthMs)).toBe(usage);
  });

  test('jitter without a trend is no overuse', () => {
    expect(usageAfter(200, (i) => (i % 2 === 0 ? 4 : -4))).toBe('normal');
  });

  test('reset forgets', () => {
    const trendline = new Trendline();
    const later = (knownMs: number) => ({ sendDeltaMs: 20, arrivalDeltaMs: 25, knownMs });
    for (let i = 0; i < 60; i++) trendline.update(later(25 * i));
    expect(trendline.usage).toBe('overusing');
    trendline.reset();
    trendline.update(later(5000));
    expect(trendline.usage).toBe('normal');
  });
});
