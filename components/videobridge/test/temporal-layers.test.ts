/** Story: cameras with temporal layers, receivers with little bandwidth. */
import { describe, expect, test } from 'vitest';
import { TEMPORAL_PATTERN } from './temporal-pattern.ts';
import { TestBridge } from './test-bridge.ts';
import { type ReceivedPacket, readMark } from './test-endpoint.ts';

/** Packets per frame of each encoding: the larger, the dearer. */
const PACKETS = [2, 6, 18];

class Call {
  readonly bridge = new TestBridge();
  readonly ann = this.bridge.join('ann');
  readonly bob = this.bridge.join('bob');
  #at = 0;
  #asked = -1;

  /** Frames at 30/s, with a key frame wherever the bridge asks for one, as an encoder does. */
  stream(frames: number): void {
    for (let i = 0; i < frames; i++) {
      const asked = this.ann.keyframesAsked.length;
      this.send(asked !== this.#asked);
      this.#asked = asked;
    }
  }

  /** One frame in all encodings. */
  send(isKey: boolean): void {
    if (isKey) this.#at = 0;
    const layer = TEMPORAL_PATTERN[this.#at++ % TEMPORAL_PATTERN.length];
    PACKETS.forEach((packets, encoding) => {
      this.ann.sendFrame([encoding], { isKey, packets, ...layer });
    });
    this.bridge.advance(33);
  }

  /** What bob's network is to carry. */
  assume(bps: number): void {
    this.bob.say({ colibriClass: 'ReceiverVideoConstraints', assumedBandwidthBps: bps });
  }

  /** Bit/s of the layers of an encoding, measured as the bridge does: with headers. */
  bitrate(layer: number): number {
    const packets = [...this.ann.encodings[layer]!.sent.values()].slice(-30 * PACKETS[layer]!);
    return packets.reduce((sum, packet) => sum + packet.length, 0) * 8;
  }

  /** Frames since the `skip`th packet, as [encoding, temporal id]. */
  frames(skip = 0): string[] {
    return this.bob
      .received()
      .slice(skip)
      .map(({ payload }) => readMark(payload))
      .filter(({ isFrameStart }) => isFrameStart)
      .map(({ layer, temporalId }) => `${layer}.${temporalId}`);
  }
}

function start(): Call {
  const call = new Call();
  call.ann.want({});
  call.bob.want({ defaultConstraints: { maxHeight: 720 } });
  call.stream(60);
  return call;
}

/** No gap, time does not go back, one picture id per frame, TL0PICIDX one more per base frame. */
function expectContinuous(packets: readonly ReceivedPacket[]): void {
  for (let i = 1; i < packets.length; i++) {
    const [a, b] = [packets[i - 1]!, packets[i]!];
    const [markA, markB] = [readMark(a.payload), readMark(b.payload)];
    expect(b.extendedSeq).toBe(a.extendedSeq + 1);
    const isNew = markB.isFrameStart ? 1 : 0;
    expect((markB.pictureId - markA.pictureId) & 0x7fff).toBe(isNew);
    const isBase = isNew === 1 && markB.temporalId === 0 ? 1 : 0;
    expect((markB.tl0PicIdx - markA.tl0PicIdx) & 0xff).toBe(isBase);
    expect(Math.sign((b.timestamp - a.timestamp) | 0)).toBe(isNew);
  }
}

describe('temporal layers', () => {
  test('with bandwidth unknown or plenty all of them go on', () => {
    const call = start();
    expect(call.frames().slice(-8).sort()).toEqual(
      [0, 0, 1, 1, 2, 2, 2, 2].map((temporalId) => `2.${temporalId}`),
    );
    call.assume(20_000_000);
    const skip = call.bob.received().length;
    call.stream(8);
    expect(call.frames(skip).length).toBe(8);
    expectContinuous(call.bob.received());
  });

  test('with less than the lowest encoding takes, it comes with fewer frames', () => {
    const call = start();
    const whole = call.bitrate(0);
    call.assume(whole * 0.9);
    call.stream(40);
    let skip = call.bob.received().length;
    call.stream(40);
    expect(new Set(call.frames(skip))).toEqual(new Set(['0.0', '0.1']));
    expect(call.frames(skip).length).toBe(20);
    call.assume(whole * 0.4);
    skip = call.bob.received().length;
    call.stream(40);
    expect(new Set(call.frames(skip))).toEqual(new Set(['0.0']));
    expect(call.frames(skip).length).toBe(10);
    expect(call.bob.heard('ForwardedSources').at(-1)?.forwardedSources).toEqual(['ann-v0']);
    expectContinuous(call.bob.received());
  });

  test('more bandwidth brings back the frames, then the size, without a gap', () => {
    const call = start();
    call.assume(call.bitrate(0) * 0.4);
    call.stream(60);
    call.assume(call.bitrate(0) * 1.3);
    call.stream(20);
    let skip = call.bob.received().length;
    call.stream(16);
    expect(call.frames(skip)).toEqual(Array(16).fill(expect.stringMatching('^0')));
    call.assume(20_000_000);
    call.stream(20);
    skip = call.bob.received().length;
    call.stream(16);
    expect(call.frames(skip)).toEqual(Array(16).fill(expect.stringMatching('^2')));
    expectContinuous(call.bob.received());
  });

  test('while a smaller encoding is waited for, only the base layer of the larger goes on', () => {
    const call = start();
    const skip = call.bob.received().length;
    call.assume(call.bitrate(1) * 1.2);
    expect(call.ann.keyframesAsked.at(-1)).toBe(call.ann.encodings[1]!.ssrc);
    // The encoder takes its time.
    for (let i = 0; i < 16; i++) call.send(false);
    expect(call.frames(skip)).toEqual(['2.0', '2.0', '2.0', '2.0']);
    expectContinuous(call.bob.received());
  });

  test('where not even that fits, nothing goes on: the key frame shall find an empty queue', () => {
    const call = start();
    const skip = call.bob.received().length;
    call.assume(call.bitrate(0) * 1.2);
    expect(call.ann.keyframesAsked.at(-1)).toBe(call.ann.encodings[0]!.ssrc);
    for (let i = 0; i < 16; i++) call.send(false);
    expect(call.frames(skip)).toEqual([]);
    call.send(true);
    expect(call.frames(skip)).toEqual(['0.0']);
    expectContinuous(call.bob.received());
  });

  test('when nothing fits it is suspended, and the receiver is told; a key frame brings it back', () => {
    const call = start();
    const little = call.bitrate(0) * 0.1;
    const skip = call.bob.received().length;
    call.assume(little);
    expect(call.bob.heard('ForwardedSources').at(-1)?.forwardedSources).toEqual([]);
    call.stream(10);
    expect(call.frames(skip)).toEqual([]);
    // Its owner goes on: bandwidth of one receiver is none of its business.
    expect(call.ann.heard('SenderSourceConstraints').at(-1)?.maxHeight).toBe(720);
    const asked = call.ann.keyframesAsked.length;
    call.assume(20_000_000);
    expect(call.bob.heard('ForwardedSources').at(-1)?.forwardedSources).toEqual(['ann-v0']);
    expect(call.ann.keyframesAsked.length).toBe(asked + 1);
    call.stream(10);
    const [back] = call.bob.received().slice(skip);
    expect(readMark(back!.payload).isKey).toBe(true);
    expectContinuous(call.bob.received().slice(skip));
  });

  test('a lost packet of a frame that is left out is not missed, one of a frame that goes on is', () => {
    const call = start();
    call.assume(call.bitrate(0) * 0.4);
    call.stream(40);
    const skip = call.bob.received().length;
    const send = (at: number, lose: number[] = []) =>
      call.ann.sendFrame([0], { ...TEMPORAL_PATTERN[at], lose });
    // Wherever the pattern stands, a layer is a layer.
    send(4);
    send(5, [1]);
    send(6, [0, 2]);
    send(7);
    send(4);
    expectContinuous(call.bob.received().slice(skip));
    send(0, [1]);
    send(4);
    const seqs = call.bob
      .received()
      .slice(skip)
      .map(({ extendedSeq }) => extendedSeq);
    expect(seqs.map((seq) => seq - seqs[0]!)).toEqual([0, 1, 2, 3, 4, 5, 6, 8, 9, 10, 11]);
  });

  test('a repaired packet of a frame that goes on fits in, one of a frame left out does not come', () => {
    const call = start();
    call.assume(call.bitrate(0) * 0.4);
    call.stream(40);
    const encoding = call.ann.encodings[0]!;
    const skip = call.bob.received().length;
    call.ann.sendFrame([0], { ...TEMPORAL_PATTERN[4] });
    const lostBase = (encoding.seq + 1) & 0xffff;
    call.ann.sendFrame([0], { ...TEMPORAL_PATTERN[0], lose: [1] });
    const lostUpper = (encoding.seq + 1) & 0xffff;
    call.ann.sendFrame([0], { ...TEMPORAL_PATTERN[5], lose: [1] });
    call.ann.sendFrame([0], { ...TEMPORAL_PATTERN[4] });
    call.ann.sendRtx(0, lostBase);
    call.ann.sendRtx(0, lostUpper);
    const packets = call.bob.received().slice(skip);
    const inOrder = [...packets].sort((a, b) => a.extendedSeq - b.extendedSeq);
    expect(packets.length).toBe(9);
    expect(packets.at(-1)?.extendedSeq).toBe(inOrder[4]!.extendedSeq);
    expectContinuous(inOrder);
  });

  test('whoever limits the frame rate gets the temporal layers within it, of the largest picture', () => {
    const call = start();
    const limit = (maxFrameRate: number) =>
      call.bob.say({
        colibriClass: 'ReceiverVideoConstraints',
        defaultConstraints: { maxHeight: 720, maxFrameRate },
      });
    // Counting takes a second, and begins when somebody wants to know.
    limit(15);
    call.stream(60);
    let skip = call.bob.received().length;
    call.stream(30);
    expect([...new Set(call.frames(skip))].sort()).toEqual(['2.0', '2.1']);
    limit(8);
    skip = call.bob.received().length;
    call.stream(30);
    expect([...new Set(call.frames(skip))].sort()).toEqual(['2.0']);
    limit(-1);
    call.stream(8);
    skip = call.bob.received().length;
    call.stream(30);
    expect([...new Set(call.frames(skip))].sort()).toEqual(['2.0', '2.1', '2.2']);
    expectContinuous(call.bob.received());
  });
});
