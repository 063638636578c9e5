/** Story: a camera's machine, encoder or uplink is held up. Only an encoding that really ended is done without. */
import { describe, expect, test } from 'vitest';
import { TestBridge } from './test-bridge.ts';
import { readMark } from './test-endpoint.ts';

const ALL = [0, 1, 2];
const FRAME_MS = 33;

class Call {
  readonly bridge = new TestBridge();
  readonly ann = this.bridge.join('ann');
  readonly bob = this.bridge.join('bob');
  #seen = 0;

  constructor() {
    this.bob.want({ defaultConstraints: { maxHeight: 720 }, lastN: -1 });
    this.ann.sendFrame(ALL, { isKey: true });
    this.send(2000);
  }

  send(ms: number, layers: readonly number[] = ALL, isKey = false): void {
    for (let at = 0; at < ms; at += FRAME_MS) {
      this.ann.sendFrame(layers, { isKey: isKey && at === 0 });
      this.bridge.advance(FRAME_MS);
    }
  }

  /** Encodings that came since the last call. */
  get shown(): number[] {
    const all = this.bob.received();
    const layers = new Set(all.slice(this.#seen).map(({ payload }) => readMark(payload).layer));
    this.#seen = all.length;
    return [...layers];
  }
}

describe('a camera', () => {
  test.each([500, 1500, 3500])('that sends nothing for %i ms goes on as before', (ms) => {
    const call = new Call();
    expect(call.shown).toContain(2);
    const asked = call.ann.keyframesAsked.length;
    call.bridge.advance(ms);
    call.send(1000);
    expect(call.shown).toEqual([2]);
    expect(call.ann.keyframesAsked.length).toBe(asked);
  });

  test('whose largest encoding ends is shown in the next one', () => {
    const call = new Call();
    call.send(1200, [0, 1]);
    expect(call.ann.keyframesAsked.at(-1)).toBe(call.ann.encodings[1]!.ssrc);
    call.send(500, [0, 1], true);
    expect(call.shown).toContain(1);
  });

  test('whose smallest encoding pauses, as after a large key frame, is waited for', () => {
    const call = new Call();
    call.bob.want({ defaultConstraints: { maxHeight: 180 } });
    call.send(500, ALL, true);
    expect(call.shown).toContain(0);
    const asked = call.ann.keyframesAsked.length;
    call.send(2500, [1, 2]);
    expect(call.shown).toEqual([]);
    call.send(500);
    expect(call.shown).toEqual([0]);
    expect(call.ann.keyframesAsked.length).toBe(asked);
  });

  test('whose smallest encoding does not come again is shown in the next one', () => {
    const call = new Call();
    call.bob.want({ defaultConstraints: { maxHeight: 360 } });
    call.send(500, ALL, true);
    call.send(4500, [1, 2]);
    call.bob.want({ defaultConstraints: { maxHeight: 180 } });
    call.send(500, [1, 2], true);
    expect(call.shown).toContain(1);
  });
});
