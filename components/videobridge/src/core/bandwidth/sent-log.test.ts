import { describe, expect, test } from 'vitest';
import { SentLog, UnreadSends } from './sent-log.ts';

function readAll(sends: UnreadSends): [seq: number, sizeBytes: number, sentMs: number][] {
  const all: [number, number, number][] = [];
  sends.read((...packet) => all.push(packet));
  return all;
}

describe('SentLog', () => {
  test('gives each receiver its own packets, once, in order', () => {
    const log = new SentLog();
    const [ann, bob] = [new UnreadSends(log), new UnreadSends(log)];
    const first = log.addSizes(Uint16Array.of(1000, 1001, 999), 3);
    ann.add(65_535, 2, first, 10.25);
    bob.add(7, 3, first, 10.25);
    const second = log.addSizes(Uint16Array.of(50), 1);
    ann.add(1, 1, second, 20);
    expect(readAll(ann)).toEqual([
      [65_535, 1000, 10.25],
      [0, 1001, 10.25],
      [1, 50, 20],
    ]);
    expect(readAll(ann)).toEqual([]);
    expect(readAll(bob).map(([seq]) => seq)).toEqual([7, 8, 9]);
    ann.add(2, 1, second, 30);
    expect(readAll(ann)).toEqual([[2, 50, 30]]);
  });

  test('what was not read in time is forgotten, and nothing of others is read instead', () => {
    const log = new SentLog();
    const [ann, bob] = [new UnreadSends(log), new UnreadSends(log)];
    const sizes = log.addSizes(Uint16Array.of(100), 1);
    ann.add(1, 1, sizes, 0);
    for (let i = 0; i < 65_535; i++) bob.add(i & 0xffff, 1, sizes, i);
    ann.add(2, 1, sizes, 5);
    expect(readAll(ann)).toEqual([[2, 100, 5]]);
    expect(readAll(bob)).toHaveLength(65_535);
    bob.add(9, 1, sizes, 6);
    for (let i = 0; i < 65_536; i++) ann.add(i & 0xffff, 1, sizes, i);
    expect(readAll(bob)).toEqual([]);
    expect(readAll(ann)).toHaveLength(65_536);
  });

  test('without its size a packet is not reported', () => {
    const log = new SentLog();
    const ann = new UnreadSends(log);
    const sizes = new Uint16Array(64).fill(9);
    const old = log.addSizes(sizes, 64);
    for (let i = 0; i < 262_144; i += 64) log.addSizes(sizes, 64);
    ann.add(1, 1, old, 0);
    expect(readAll(ann)).toEqual([]);
  });
});
