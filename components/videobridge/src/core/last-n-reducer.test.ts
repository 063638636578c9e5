import { describe, expect, test } from 'vitest';
import { LastNReducer } from './last-n-reducer.ts';

function reducer(videos: number) {
  const subject = new LastNReducer();
  let nowMs = 0;
  /** What everybody is sent at most after so many seconds with this stress. */
  const after = (seconds: number, stress: number): number[] => {
    const limits: number[] = [];
    const forwarded = () => (subject.lastN < 0 ? videos : Math.min(videos, subject.lastN));
    for (const endMs = nowMs + seconds * 1000; nowMs < endMs; nowMs += 1000) {
      if (subject.handleStress(stress, forwarded, nowMs)) limits.push(subject.lastN);
    }
    return limits;
  };
  return { subject, after };
}

describe('LastNReducer', () => {
  test('does nothing below overload', () => {
    const { subject, after } = reducer(30);
    expect(after(600, 0.99)).toEqual([]);
    expect(subject.lastN).toBe(-1);
  });

  test('takes a quarter off every ten seconds, down to one video', () => {
    expect(reducer(24).after(40, 1)).toEqual([18, 13, 9, 6]);
    expect(reducer(5).after(600, 1.5)).toEqual([3, 2, 1]);
    expect(reducer(1).after(600, 1.5)).toEqual([]);
  });

  test('keeps the limit between overload and recovery', () => {
    const { after } = reducer(24);
    after(10, 1);
    expect(after(600, 0.8)).toEqual([]);
    expect(after(600, 0.99)).toEqual([]);
  });

  test('gives more every minute once there is room, and then everything', () => {
    const { subject, after } = reducer(48);
    expect(after(30, 1)).toEqual([36, 27, 20]);
    expect(after(59, 0.5)).toEqual([25]);
    expect(after(600, 0.5)).toEqual([31, 38, -1]);
    expect(subject.lastN).toBe(-1);
    const small = reducer(2);
    small.after(1, 1);
    expect(small.after(150, 0)).toEqual([2, 3]);
  });
});
