import { describe, expect, test } from 'vitest';
import { MutedTalk } from './muted-talk.ts';

/** How often it says something, measured every 100 ms. */
function said(levels: readonly number[], talk = new MutedTalk(), startMs = 0): number {
  return levels.filter((level, index) => talk.handleLevel(level, startMs + index * 100)).length;
}
const lasting = (level: number, times: number) => Array.from({ length: times }, () => level);

describe('MutedTalk', () => {
  test.each([
    ['a sentence', lasting(0.6, 30), 1],
    ['a sentence with pauses', lasting(0.6, 30).map((level, i) => (i % 4 ? level : 0)), 1],
    ['a cough', [...lasting(0.9, 5), ...lasting(0, 30)], 0],
    ['a noisy room', lasting(0.3, 100), 0],
    ['clicks', lasting(0, 60).map((level, i) => (i % 3 ? level : 1)), 0],
    ['silence', lasting(0, 50), 0],
  ])('%s', (_, levels, times) => {
    expect(said(levels)).toBe(times);
  });

  test('is said again only after a minute', () => {
    const talk = new MutedTalk();
    expect(said(lasting(0.6, 500), talk)).toBe(1);
    expect(said(lasting(0.6, 100), talk, 50_000)).toBe(0);
    expect(said(lasting(0.6, 100), talk, 61_000)).toBe(1);
  });
});
