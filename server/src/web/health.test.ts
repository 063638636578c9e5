import { ManualClock } from '@conclave/testkit';
import { describe, expect, test } from 'vitest';
import { checkAll, shared, withinTime } from './health.ts';

describe('checkAll', () => {
  test('is healthy when every part is', async () => {
    expect(await checkAll({ loop: async () => undefined })).toEqual({
      isHealthy: true,
      reasons: [],
      parts: { loop: 'ok' },
    });
  });

  test('collects every reason; a check that breaks is one', async () => {
    const report = await checkAll({
      bridge: async () => 'the bridge is away',
      loop: async () => undefined,
      port: () => Promise.reject(new Error('a bug')),
    });
    expect(report.isHealthy).toBe(false);
    expect(report.reasons).toEqual(['the bridge is away', 'a check failed: Error: a bug']);
  });
});

test('an answer is shared by all who ask within its time', async () => {
  const clock = new ManualClock();
  let asked = 0;
  const ask = shared(
    async () => ++asked,
    1000,
    () => clock.nowMs(),
  );
  expect(await Promise.all([ask(), ask()])).toEqual([1, 1]);
  clock.advance(999);
  expect(await ask()).toBe(1);
  clock.advance(1);
  expect(await ask()).toBe(2);
});

describe('withinTime', () => {
  test('gives the answer and leaves no timer', async () => {
    const clock = new ManualClock();
    expect(await withinTime(clock, 3000, Promise.resolve('yes'), 'late')).toBe('yes');
    expect(clock.pendingCount).toBe(0);
  });

  test('gives the other when the answer is late', async () => {
    const clock = new ManualClock();
    const answer = withinTime(clock, 3000, new Promise<string>(() => {}), 'late');
    clock.advance(3000);
    expect(await answer).toBe('late');
  });

  test('passes on a failure', async () => {
    const clock = new ManualClock();
    const answer = withinTime(clock, 3000, Promise.reject(new Error('no')), 'late');
    await expect(answer).rejects.toThrow('no');
  });
});
