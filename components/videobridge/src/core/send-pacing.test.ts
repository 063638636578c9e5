import { describe, expect, test } from 'vitest';
import { SendPacing } from './send-pacing.ts';

const ONE = 'one';
const OTHER = 'other';

/** 80 kbit/s: 15 bytes each millisecond. */
function pacing(): SendPacing<string> {
  const made = new SendPacing<string>();
  made.setRate(80_000, false);
  made.take(0, 1000);
  return made;
}

/** Sends what is due every 5 ms until `toMs`; when each packet left. */
function drain(queue: SendPacing<string>, fromMs: number, toMs: number, bytes: number): number[] {
  const out: number[] = [];
  for (let nowMs = fromMs; nowMs < toMs; nowMs += 5) {
    while (queue.isDue(nowMs)) {
      out.push(nowMs);
      queue.left(bytes);
    }
  }
  return out;
}

describe('SendPacing', () => {
  test('lets a little go at once, and makes the rest wait', () => {
    const queue = pacing();
    expect(queue.take(1200, 1000)).toBe(true);
    expect(queue.take(1200, 1000)).toBe(true);
    expect(queue.take(1200, 1000)).toBe(false);
    expect(queue.take(600, 1045)).toBe(true);
  });

  test('what came later does not overtake', () => {
    const queue = pacing();
    queue.wait(ONE, 10, 4, 4000, true);
    expect(queue.take(1, 1000)).toBe(false);
    expect(queue.first).toMatchObject({ projection: ONE, nextSeq: 10 });
  });

  test('what waits leaves at the rate', () => {
    const queue = pacing();
    queue.take(2400, 1000);
    queue.wait(ONE, 10, 3, 3000, true);
    expect(drain(queue, 1000, 1400, 1000)).toEqual([1005, 1070, 1135]);
    expect(queue.isWaiting).toBe(false);
  });

  test('nothing waits much longer than 400 ms', () => {
    const queue = pacing();
    queue.wait(ONE, 10, 50, 50_000, true);
    const times = drain(queue, 1000, 3000, 1000);
    expect(times).toHaveLength(50);
    expect(times.at(-1)).toBeLessThan(1410);
  });

  test('tells when more waits than leaves soon', () => {
    const queue = pacing();
    queue.setRate(80_000, true);
    expect(queue.isLong).toBe(false);
    queue.wait(ONE, 10, 2, 2000, true);
    expect(queue.isLong).toBe(false);
    queue.wait(ONE, 12, 1, 1000, true);
    expect(queue.isLong).toBe(true);
    queue.left(1000);
    expect(queue.isLong).toBe(false);
  });

  test('with a queue on the path not faster than the estimate', () => {
    const queue = pacing();
    queue.setRate(80_000, true);
    expect(queue.take(1000, 1000)).toBe(false);
    queue.wait(ONE, 10, 3, 3000, true);
    // What leaves at once fills that queue further, so it is hardly more than a packet.
    expect(drain(queue, 1000, 1400, 1000)).toEqual([1000, 1045, 1145]);
  });

  test('what waits can be taken back, with its numbers', () => {
    const queue = pacing();
    queue.wait(ONE, 10, 4, 4000, true);
    queue.wait(OTHER, 700, 2, 2000, true);
    queue.wait(ONE, 14, 4, 4000, true);
    queue.left(1000);
    expect(queue.takeBack(ONE)).toBe(11);
    expect(queue.takeBack(ONE)).toBe(-1);
    expect(queue.first).toMatchObject({ projection: OTHER, nextSeq: 700 });
    queue.left(1000);
    queue.left(1000);
    expect(queue.isWaiting).toBe(false);
  });

  test('numbers behind a repair that waits were sent and are not taken back', () => {
    const queue = pacing();
    queue.wait(ONE, 95, 1, 1000, false);
    expect(queue.takeBack(ONE)).toBe(-1);
    expect(queue.isWaiting).toBe(false);
    queue.wait(ONE, 95, 1, 1000, false);
    queue.wait(ONE, 111, 2, 2000, true);
    queue.wait(ONE, 97, 1, 1000, false);
    queue.wait(ONE, 115, 2, 2000, true);
    queue.left(1000);
    queue.left(1000);
    expect(queue.takeBack(ONE)).toBe(112);
  });

  test('repeated packets go first, but not without end', () => {
    const queue = pacing();
    queue.take(2400, 1000);
    queue.wait(ONE, 10, 1, 1000, true);
    let repeated = 0;
    for (; queue.mayRepeat(1000); repeated++) queue.spend(1000);
    expect(repeated).toBe(3);
    expect(queue.mayRepeat(1100)).toBe(true);
  });
});
