import { describe, expect, test } from 'vitest';
import { DominantSpeaker } from './dominant-speaker.ts';

/** 50 packets a second each; levels are RFC 6464: 0 loudest. */
class Room {
  readonly speakers = new DominantSpeaker();
  readonly changes: string[] = [];
  nowMs = 0;

  /** `level` of each speaker at each packet. */
  talk(ms: number, level: Readonly<Record<string, (packet: number) => number>>): void {
    for (let packet = 0; packet * 20 < ms; packet++) {
      for (const [id, at] of Object.entries(level)) {
        this.speakers.handleLevel(id, at(packet), this.nowMs);
      }
      this.nowMs += 20;
      const changed = this.speakers.handleTick(this.nowMs);
      if (changed !== undefined) this.changes.push(changed);
    }
  }
}

/** Speech: loud syllables, short pauses; the noise floor of a room between. */
const speech = (packet: number) => (packet % 25 === 0 ? 80 : 20 + (packet % 5));
const noise = (packet: number) => 78 + (packet % 3);
const silence = () => 127;

describe('DominantSpeaker', () => {
  test('a single speaker is dominant', () => {
    const room = new Room();
    room.talk(1000, { ann: speech });
    expect(room.changes).toEqual(['ann']);
    expect(room.speakers.dominantId).toBe('ann');
  });

  test('follows who speaks, within two seconds, and only then', () => {
    const room = new Room();
    room.talk(3000, { ann: speech, bob: noise, cem: silence });
    expect(room.changes.at(-1)).toBe('ann');
    room.talk(2000, { ann: noise, bob: speech, cem: silence });
    expect(room.changes.at(-1)).toBe('bob');
    const before = room.changes.length;
    room.talk(10_000, { ann: noise, bob: speech, cem: silence });
    expect(room.changes).toHaveLength(before);
  });

  test('a cough does not take the floor', () => {
    const room = new Room();
    room.talk(3000, { ann: speech, bob: noise });
    const before = room.changes.length;
    room.talk(100, { ann: speech, bob: () => 5 });
    room.talk(2000, { ann: speech, bob: noise });
    expect(room.changes).toHaveLength(before);
  });

  test('constant noise, however loud, is a noise floor and no speech', () => {
    const room = new Room();
    room.talk(3000, { ann: speech, fan: () => 30 });
    room.talk(5000, { ann: noise, fan: () => 30 });
    expect(room.speakers.dominantId).toBe('ann');
  });

  test('when the dominant speaker leaves another is found', () => {
    const room = new Room();
    room.talk(3000, { ann: speech, bob: noise });
    room.speakers.remove('ann');
    expect(room.speakers.dominantId).toBeUndefined();
    room.talk(600, { bob: speech });
    expect(room.changes.at(-1)).toBe('bob');
  });

  test('nobody there, nobody dominant', () => {
    const room = new Room();
    room.talk(1000, {});
    expect(room.changes).toEqual([]);
  });
});
