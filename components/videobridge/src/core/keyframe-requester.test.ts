import { describe, expect, test } from 'vitest';
import { KeyframeRequester, KeyframeState } from './keyframe-requester.ts';
import type { VideoProjection } from './projection/video-projection.ts';
import type { Source } from './source.ts';

function setup() {
  const asked: number[] = [];
  const requester = new KeyframeRequester({ requestKeyframe: (_source, ssrc) => asked.push(ssrc) });
  const source = {
    keyframes: new KeyframeState(),
    streams: [{ ssrc: 10 }, { ssrc: 11 }],
  } as unknown as Source;
  const projection = (currentIndex: number, targetIndex: number) =>
    ({
      source,
      currentIndex,
      targetIndex,
      keyframeRequestsMs: new Float64Array(3).fill(Number.NEGATIVE_INFINITY),
    }) as unknown as VideoProjection;
  return { asked, requester, source, projection };
}

describe('KeyframeRequester', () => {
  test('repeats its own wish after 200, 400, 800 ... ms, at most 3200, until a key frame comes', () => {
    const { asked, requester, source } = setup();
    const times: number[] = [];
    for (let nowMs = 0; nowMs < 20_000; nowMs += 10) {
      const before = asked.length;
      requester.want(source, 1, nowMs);
      if (asked.length > before) times.push(nowMs);
    }
    expect(times.slice(0, 7)).toEqual([0, 200, 600, 1400, 3000, 6200, 9400]);
    requester.keyframeArrived(source);
    requester.want(source, 0, 20_000);
    expect(asked.at(-1)).toBe(10);
    requester.want(source, 0, 20_100);
    expect(asked).toHaveLength(times.length + 1);
  });

  test('asks for what the receiver gets, or else for what it shall get', () => {
    const { asked, requester, projection } = setup();
    requester.requestFor(projection(0, 1), 0);
    requester.requestFor(projection(-1, 1), 1000);
    requester.requestFor(projection(-1, -1), 2000);
    expect(asked).toEqual([10, 11]);
    expect(requester.suppressed).toBe(1);
  });

  test('one receiver: 200 ms apart, and after three in ten seconds two seconds apart', () => {
    const { asked, requester, projection } = setup();
    const receiver = projection(0, 0);
    for (let nowMs = 0; nowMs < 10_000; nowMs += 100) requester.requestFor(receiver, nowMs);
    expect(asked).toHaveLength(3 + 4);
    expect(requester.suppressed).toBe(100 - 7);
  });

  test('all receivers together: 200 ms apart', () => {
    const { asked, requester, projection } = setup();
    for (let i = 0; i < 50; i++) requester.requestFor(projection(0, 0), 5000 + i);
    expect(asked).toHaveLength(1);
    requester.requestFor(projection(0, 0), 5200);
    expect(asked).toHaveLength(2);
  });
});
