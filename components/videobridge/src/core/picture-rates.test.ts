import { describe, expect, test } from 'vitest';
import { PictureRates } from './picture-rates.ts';

/** Two temporal layers in turn, `perSecond` pictures for `ms` from `fromMs` on; when rates moved. */
function run(rates: PictureRates, perSecond: number, fromMs: number, ms: number): number[] {
  const moved: number[] = [];
  for (let i = 0; i * (1000 / perSecond) < ms; i++) {
    const nowMs = fromMs + i * (1000 / perSecond);
    if (rates.add(i % 2, nowMs)) moved.push(nowMs);
  }
  return moved;
}

describe('PictureRates', () => {
  test('knows after a second, and speaks up only when a rate moved by a fifth', () => {
    const rates = new PictureRates();
    expect(rates.perSecond(7)).toBe(0);
    expect(run(rates, 20, 0, 5000)).toEqual([1000]);
    expect(rates.perSecond(0)).toBeCloseTo(10);
    expect(rates.perSecond(1)).toBeCloseTo(20);
    expect(rates.perSecond(7)).toBeCloseTo(20);
    expect(run(rates, 22, 5000, 5000)).toEqual([]);
    expect(run(rates, 10, 10_000, 5000).length).toBeGreaterThan(0);
    expect(rates.perSecond(1)).toBeCloseTo(10);
  });

  test('a pause is no low rate', () => {
    const rates = new PictureRates();
    run(rates, 20, 0, 1100);
    expect(run(rates, 20, 60_000, 900)).toEqual([]);
    expect(rates.perSecond(1)).toBeCloseTo(20);
  });
});
