import { expect, test } from 'vitest';
import { Arrivals } from './arrivals.ts';
import { StandingQueue } from './standing-queue.ts';

/** Packets every 10 ms, on a path of 5 ms by clocks that differ by 1000. */
function send(queue: StandingQueue, fromMs: number, toMs: number, delayMs: (ms: number) => number) {
  const arrivals = new Arrivals();
  for (let ms = fromMs; ms < toMs; ms += 10) arrivals.add(ms, ms + 1005 + delayMs(ms), 1000);
  queue.add(arrivals);
}

test('is what every packet of the last moments waited', () => {
  const queue = new StandingQueue();
  send(queue, 0, 2000, () => 0);
  expect(queue.delayMs(2000)).toBe(0);
  send(queue, 2000, 3000, () => 150);
  expect(queue.delayMs(3000)).toBe(150);
  send(queue, 3000, 4000, () => 0);
  expect(queue.delayMs(4000)).toBe(0);
});

test('jitter is none', () => {
  const queue = new StandingQueue();
  send(queue, 0, 5000, (ms) => (ms * 7) % 60);
  expect(queue.delayMs(5000)).toBeLessThan(10);
});

test('is forgotten when nothing is sent', () => {
  const queue = new StandingQueue();
  send(queue, 0, 2000, (ms) => (ms < 1000 ? 0 : 150));
  expect(queue.delayMs(2000)).toBe(150);
  expect(queue.delayMs(3000)).toBe(0);
});

test('a path that got longer is no queue after a while', () => {
  const queue = new StandingQueue();
  send(queue, 0, 1000, () => 0);
  send(queue, 1000, 25_000, () => 150);
  expect(queue.delayMs(25_000)).toBe(0);
});
