import { silentLogger } from '@conclave/base';
import { ManualClock } from '@conclave/testkit';
import { describe, expect, test } from 'vitest';
import { Drain } from './drain.ts';

function drain(conferences: number) {
  const clock = new ManualClock();
  const state = { conferences, isDrained: false, drains: 0 };
  const focus = {
    drain: () => {
      state.drains++;
    },
    stats: () => ({ conferences: state.conferences }),
  };
  const subject = new Drain({ timers: clock, logger: silentLogger, focus });
  const begin = () =>
    subject.begin().then(() => {
      state.isDrained = true;
    });
  const pass = async (ms: number) => {
    clock.advance(ms);
    for (let i = 0; i < 5; i++) await Promise.resolve();
    return state.isDrained;
  };
  return { clock, state, subject, begin, pass };
}

describe('Drain', () => {
  test('waits for the last meeting, however often it is begun', async () => {
    const { state, subject, begin, pass } = drain(2);
    expect(subject.isDraining).toBe(false);
    void begin();
    void begin();
    expect(subject.isDraining).toBe(true);
    expect(await pass(3_600_000)).toBe(false);
    state.conferences = 0;
    expect(await pass(500)).toBe(true);
    expect(state.drains).toBe(1);
  });

  test('is over at once when there is no meeting', async () => {
    const { begin, pass } = drain(0);
    void begin();
    expect(await pass(0)).toBe(true);
  });

  test('does not wait for a meeting that lasts more than a day', async () => {
    const { begin, pass } = drain(1);
    void begin();
    expect(await pass(24 * 3_600_000 - 1000)).toBe(false);
    expect(await pass(1000)).toBe(true);
  });

  test('leaves no timer behind when the server is closed', async () => {
    const { clock, subject, begin } = drain(1);
    void begin();
    subject.close();
    expect(clock.pendingCount).toBe(0);
  });
});
