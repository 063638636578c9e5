import { describe, expect, test } from 'vitest';
import { LoudestVoices } from './loudest-voices.ts';

/** Everyone speaks at once, 50 packets a second; who was heard in the last of `ms`. */
function hear(
  voices: LoudestVoices,
  levels: Readonly<Record<string, number>>,
  fromMs: number,
  ms = 400,
): string[] {
  let heard: string[] = [];
  for (let nowMs = fromMs; nowMs < fromMs + ms; nowMs += 20) {
    heard = Object.keys(levels).filter((id) => voices.admits(id, levels[id]!, nowMs));
  }
  return heard.sort();
}

describe('LoudestVoices', () => {
  test('0 is everybody', () => {
    expect(hear(new LoudestVoices(0), { ann: 100, bob: 20, cem: 30 }, 0)).toEqual([
      'ann',
      'bob',
      'cem',
    ]);
  });

  test('the loudest are heard, whoever was first', () => {
    const voices = new LoudestVoices(2);
    expect(hear(voices, { ann: 90, bob: 80 }, 0)).toEqual(['ann', 'bob']);
    expect(hear(voices, { ann: 90, bob: 80, cem: 30, dan: 40 }, 1000)).toEqual(['cem', 'dan']);
  });

  test('a little louder is not enough, clearly louder is', () => {
    const voices = new LoudestVoices(1);
    hear(voices, { ann: 50 }, 0);
    expect(hear(voices, { ann: 50, bob: 48 }, 400)).toEqual(['ann']);
    expect(hear(voices, { ann: 50, bob: 44 }, 800)).toEqual(['bob']);
  });

  test('who falls silent or leaves makes room', () => {
    const voices = new LoudestVoices(1);
    hear(voices, { ann: 10 }, 0);
    expect(voices.admits('bob', 60, 500)).toBe(false);
    expect(voices.admits('bob', 60, 540)).toBe(true);
    hear(voices, { ann: 10 }, 560);
    expect(voices.admits('bob', 60, 960)).toBe(false);
    voices.remove('ann');
    expect(voices.admits('bob', 60, 980)).toBe(true);
  });
});
