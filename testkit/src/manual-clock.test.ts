import { describe, expect, test } from 'vitest';
import { ManualClock } from './manual-clock.ts';

describe('ManualClock', () => {
  test('stands still until advanced; wall clock follows', () => {
    const clock = new ManualClock(1000, 5000);
    expect([clock.nowMs(), clock.wallMs()]).toEqual([1000, 5000]);
    clock.advance(250);
    expect([clock.nowMs(), clock.wallMs()]).toEqual([1250, 5250]);
  });

  test('fires in order of time, then of scheduling, each at its due time', () => {
    const clock = new ManualClock();
    const fired: string[] = [];
    clock.schedule(20, () => fired.push(`b${clock.nowMs()}`));
    clock.schedule(10, () => fired.push(`a${clock.nowMs()}`));
    clock.schedule(20, () => fired.push(`c${clock.nowMs()}`));
    clock.advance(19);
    expect(fired).toEqual(['a10']);
    clock.advance(1);
    expect(fired).toEqual(['a10', 'b20', 'c20']);
    expect(clock.pendingCount).toBe(0);
    expect(clock.nextTimeoutMs).toBeUndefined();
  });

  test('a delay of 0 never fires inline', () => {
    const clock = new ManualClock();
    let fired = false;
    clock.schedule(0, () => {
      fired = true;
    });
    expect(fired).toBe(false);
    clock.advance(0);
    expect(fired).toBe(true);
  });

  test('timers scheduled by timers fire in the same advance when due', () => {
    const clock = new ManualClock();
    const fired: number[] = [];
    const tick = () => {
      fired.push(clock.nowMs());
      clock.schedule(10, tick);
    };
    clock.schedule(10, tick);
    clock.advance(35);
    expect(fired).toEqual([10, 20, 30]);
    expect(clock.nextTimeoutMs).toBe(40);
  });

  test('a cancelled timer never fires', () => {
    const clock = new ManualClock();
    const fired: string[] = [];
    const second = clock.schedule(10, () => fired.push('second'));
    clock.schedule(5, () => second.cancel());
    clock.advance(100);
    expect(fired).toEqual([]);
  });
});
