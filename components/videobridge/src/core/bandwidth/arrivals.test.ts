import { expect, test } from 'vitest';
import { Arrivals } from './arrivals.ts';
import { SentPackets } from './sent-packets.ts';

/** Packets 0, 1, …, sent 10 ms apart, that arrived after so many ticks; as [sent, arrival, bytes, cluster]. */
function arrived(ticks: readonly number[], baseTicks = 0): number[][] {
  const sent = new SentPackets();
  const arrivals = new Arrivals(2);
  arrivals.clear(baseTicks);
  for (const [seq, tick] of ticks.entries()) {
    sent.put(seq, 1000 + seq, seq, 10 * seq);
    arrivals.addSent(sent, sent.find(seq), tick);
  }
  return Array.from({ length: arrivals.count }, (_, i) => [
    arrivals.sentMs[i] ?? -1,
    arrivals.arrivalMs[i] ?? -1,
    arrivals.sizeBytes[i] ?? -1,
    arrivals.cluster[i] ?? -1,
  ]);
}

test('are in the order of arrival, each with all that is known of it', () => {
  expect(arrived([400, 480, 440, 520], 80)).toEqual([
    [0, 120, 1000, 0],
    [20, 130, 1002, 2],
    [10, 140, 1001, 1],
    [30, 150, 1003, 3],
  ]);
});

test('what came at the same time stays in the order of sending', () => {
  expect(arrived([8, 8, 4, 8]).map(([sentMs]) => sentMs)).toEqual([20, 0, 10, 30]);
});

test('what overtook more than 64 is only moved so far', () => {
  const late = arrived([...Array.from({ length: 100 }, () => 8), 4]).map(([sentMs]) => sentMs);
  expect(late.indexOf(1000)).toBe(100 - 64);
});
