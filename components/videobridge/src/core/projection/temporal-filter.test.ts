import { Vp8Descriptor, writeVp8Descriptor } from '@conclave/protocols/rtp';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { IncomingPacket } from '../incoming-packet.ts';
import { ALL_TEMPORAL_LAYERS, TemporalFilter } from './temporal-filter.ts';

/** Three layers as browsers send them: 0 2 1 2, Y at the first frames of layers 1 and 2 after 0. */
const PATTERN = [
  { temporalId: 0, isLayerSync: false },
  { temporalId: 2, isLayerSync: true },
  { temporalId: 1, isLayerSync: true },
  { temporalId: 2, isLayerSync: false },
  { temporalId: 0, isLayerSync: false },
  { temporalId: 2, isLayerSync: false },
  { temporalId: 1, isLayerSync: false },
  { temporalId: 2, isLayerSync: false },
];

interface SentPacket {
  readonly seq: number;
  readonly frame: number;
  readonly index: number;
  readonly last: number;
  readonly temporalId: number;
  readonly isLayerSync: boolean;
  readonly isKey: boolean;
  readonly pictureId: number;
  readonly bits: 7 | 15;
}

function encode(
  frames: number,
  start: {
    seq?: number;
    pictureId?: number;
    packets?: number;
    bits?: 7 | 15;
    keys?: number[];
  } = {},
): SentPacket[] {
  const { seq = 0, pictureId = 0, packets = 2, bits = 15, keys = [0] } = start;
  const out: SentPacket[] = [];
  let at = 0;
  for (let frame = 0; frame < frames; frame++) {
    if (keys.includes(frame)) at = 0;
    const layer = PATTERN[at++ % PATTERN.length]!;
    for (let index = 0; index < packets; index++) {
      out.push({
        ...layer,
        seq: seq + out.length,
        frame,
        index,
        last: packets - 1,
        isKey: keys.includes(frame),
        pictureId: (pictureId + frame) & (bits === 15 ? 0x7fff : 0x7f),
        bits,
      });
    }
  }
  return out;
}

function incoming(sent: SentPacket): IncomingPacket {
  const packet = new IncomingPacket();
  const payload = Uint8Array.of(
    ...writeVp8Descriptor({
      isFrameStart: sent.index === 0,
      pictureId: { value: sent.pictureId, bits: sent.bits },
      tl0PicIdx: 1,
      temporalId: sent.temporalId,
      isLayerSync: sent.isLayerSync,
    }),
    sent.isKey ? 0 : 1,
  );
  packet.extendedSeq = sent.seq;
  packet.marker = sent.index === sent.last;
  packet.vp8.read(payload, 0, payload.length);
  return packet;
}

class Receiver {
  readonly filter: TemporalFilter;
  readonly got: { sent: SentPacket; seq: number; picture: number }[] = [];

  constructor(first: SentPacket) {
    this.filter = new TemporalFilter(incoming(first).vp8);
  }

  take(sent: SentPacket, target: number): void {
    if (!this.filter.accept(incoming(sent), target)) return;
    const { extendedSeq: seq, pictureIdShift } = this.filter;
    const mask = sent.bits === 15 ? 0x7fff : 0x7f;
    this.got.push({ sent, seq, picture: (sent.pictureId - pictureIdShift) & mask });
  }

  get layers(): number[] {
    return this.got.filter(({ sent }) => sent.index === 0).map(({ sent }) => sent.temporalId);
  }
}

function filtered(packets: readonly SentPacket[], target: (frame: number) => number): Receiver {
  const receiver = new Receiver(packets[0]!);
  for (const packet of packets) receiver.take(packet, target(packet.frame));
  return receiver;
}

describe('TemporalFilter', () => {
  test.each([
    [0, [0, 0]],
    [1, [0, 1, 0, 1]],
    [2, [0, 2, 1, 2, 0, 2, 1, 2]],
    [ALL_TEMPORAL_LAYERS, [0, 2, 1, 2, 0, 2, 1, 2]],
  ])('up to layer %i lets through %j', (target, layers) => {
    expect(filtered(encode(8), () => target).layers).toEqual(layers);
  });

  test.each([
    [0, 0, 15],
    [65_530, 32_760, 15],
    [2 ** 31 - 7, 32_767, 15],
    [100, 120, 7],
    [100, 127, 7],
  ] as const)('from number %i, picture %i (%i bits) both close up', (seq, pictureId, bits) => {
    const { got } = filtered(encode(40, { seq, pictureId, bits }), () => 0);
    expect(got.map((packet) => packet.seq)).toEqual(got.map((_, i) => seq + i));
    const mask = bits === 15 ? 0x7fff : 0x7f;
    expect(got.map(({ picture }) => picture)).toEqual(
      got.map((_, i) => (pictureId + Math.floor(i / 2)) & mask),
    );
  });

  test('leaves layers at any frame, enters them one by one where they can be decoded', () => {
    const layers = filtered(encode(32), (frame) => (frame < 3 ? 2 : frame < 9 ? 0 : 2)).layers;
    // Frames 0..2 whole; then base only; layer 1 at its Y of frame 10, layer 2 at its Y of frame 17.
    expect(layers).toEqual([
      0,
      2,
      1,
      0,
      0,
      1,
      0,
      1,
      ...[0, 2, 1, 2],
      ...[0, 2, 1, 2],
      0,
      2,
      1,
      2,
      0,
      2,
      1,
      2,
    ]);
  });

  test('a key frame opens all layers at once', () => {
    const packets = encode(16, { keys: [0, 5] });
    expect(
      filtered(packets, (frame) => (frame < 2 ? 0 : ALL_TEMPORAL_LAYERS)).layers.slice(0, 5),
    ).toEqual([0, 1, 0, 0, 2]);
  });

  test('a frame begun is not cut off, one left out is not begun', () => {
    const receiver = new Receiver(encode(1)[0]!);
    encode(8).forEach((packet, i) => {
      receiver.take(packet, i % 2 === 0 ? 2 : 0);
    });
    const frames = new Map<number, number>();
    for (const { sent } of receiver.got) frames.set(sent.frame, (frames.get(sent.frame) ?? 0) + 1);
    expect([...frames.values()].every((count) => count === 2)).toBe(true);
  });

  test('what is missing in a frame that is left out leaves no gap; elsewhere it does', () => {
    const packets = encode(6, { packets: 3 });
    const without = (...missing: number[]) =>
      filtered(
        packets.filter(({ seq }) => !missing.includes(seq)),
        () => 0,
      ).got.map(({ seq }) => seq);
    // Frame 1 is 3..5, frame 2 is 6..8, frame 3 is 9..11: all left out.
    for (const missing of [[3], [4], [5], [5, 6], [7], [11]]) {
      expect(without(...missing)).toEqual([0, 1, 2, 3, 4, 5]);
    }
    // Packet 2 or a whole frame may have been wanted.
    expect(without(2)).toEqual([0, 1, 3, 4, 5]);
    expect(without(3, 4, 5)).toEqual([0, 1, 2, 6, 7, 8]);
    // The beginning of frame 4 is surely wanted.
    expect(without(12)).toEqual([0, 1, 2, 4, 5]);
  });

  test('a restarted encoder goes on being filtered', () => {
    const before = encode(8, { pictureId: 20_000 });
    const after = encode(8, { pictureId: 5000, seq: 16 });
    const { layers, got } = filtered([...before, ...after], () => 0);
    expect(layers).toEqual([0, 0, 0, 0]);
    expect(got.map(({ seq }) => seq)).toEqual(got.map((_, i) => i));
    expect(got.slice(4).map(({ picture }) => picture)).toEqual([5000, 5000, 5001, 5001]);
  });

  test('packets without layers pass and keep in line', () => {
    const packets = encode(4);
    const receiver = filtered(packets, () => 0);
    const plain = new IncomingPacket();
    plain.extendedSeq = 8;
    plain.vp8.read(Uint8Array.of(0x10, 1), 0, 2);
    expect(receiver.filter.accept(plain, 0)).toBe(true);
    expect(receiver.filter.extendedSeq).toBe(2);
    expect(TemporalFilter.canRead(new Vp8Descriptor())).toBe(false);
  });

  test('a frame that comes whole but late goes on only if its layer was forwarded at that time', () => {
    const packets = encode(20, { packets: 1 });
    const late = (frame: number) => {
      const receiver = new Receiver(packets[0]!);
      for (const packet of packets.slice(0, 14)) {
        if (packet.frame !== frame) receiver.take(packet, packet.frame < 3 ? 0 : 1);
      }
      receiver.take(packets[frame]!, 1);
      return receiver.got.some(({ sent }) => sent.frame === frame);
    };
    // Layer 1 was entered with frame 10; frames 6 and 12 are of layer 1, 4 and 8 of the base.
    expect([4, 6, 8, 12, 13].map(late)).toEqual([true, false, true, true, false]);
  });

  test('under loss, disorder and changing targets: numbers are unique, in order, and decodable', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ lost: fc.nat(9), delay: fc.nat(12), isLate: fc.nat(5) }), {
          minLength: 60,
          maxLength: 200,
        }),
        fc.array(fc.nat(3), { minLength: 1, maxLength: 12 }),
        fc.integer({ min: 1, max: 3 }),
        fc.nat(0x7fff),
        (fates, targets, packetsPerFrame, pictureId) => {
          const packets = encode(Math.ceil(fates.length / packetsPerFrame), {
            packets: packetsPerFrame,
            pictureId,
            seq: 65_500,
          });
          const order = packets
            .slice(0, fates.length)
            .map((packet, i) => ({
              packet,
              at: i + (fates[i]!.isLate === 0 ? fates[i]!.delay : 0),
              fate: fates[i]!,
            }))
            .filter(({ packet, fate }) => packet.frame === 0 || fate.lost > 0)
            .sort((a, b) => a.at - b.at);
          const first = order.find(({ packet }) => packet.frame === 0 && packet.index === 0)!;
          const inOrder = [first, ...order.filter((item) => item !== first)];
          const receiver = new Receiver(first.packet);
          inOrder.forEach(({ packet }, i) => {
            receiver.take(packet, targets[Math.floor(i / 15) % targets.length]!);
          });
          const { got } = receiver;
          // No number twice; order of numbers is order of sending.
          const bySource = [...got].sort((a, b) => a.sent.seq - b.sent.seq);
          for (let i = 1; i < bySource.length; i++) {
            const [a, b] = [bySource[i - 1]!, bySource[i]!];
            expect(b.seq).toBeGreaterThan(a.seq);
            expect(b.seq - a.seq).toBeLessThanOrEqual(b.sent.seq - a.sent.seq);
            const pictures = (b.picture - a.picture) & 0x7fff;
            expect(pictures === 0).toBe(a.sent.frame === b.sent.frame);
            expect(pictures).toBeLessThanOrEqual(b.sent.frame - a.sent.frame);
          }
          // All or nothing of every frame that came whole.
          const cameBy = new Map<number, number>();
          const wentBy = new Map<number, number>();
          for (const { packet } of inOrder)
            cameBy.set(packet.frame, (cameBy.get(packet.frame) ?? 0) + 1);
          for (const { sent } of got) wentBy.set(sent.frame, (wentBy.get(sent.frame) ?? 0) + 1);
          for (const [frame, count] of wentBy) expect(count).toBe(cameBy.get(frame));
          // The base layer always goes on, so nothing of it that came is missing.
          for (const { packet } of inOrder) {
            if (packet.temporalId === 0) expect(wentBy.has(packet.frame)).toBe(true);
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  test('without loss every frame that goes on has what it refers to', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(3), { minLength: 1, maxLength: 60 }), (targets) => {
        const packets = encode(targets.length, { packets: 1 });
        const { got } = filtered(packets, (frame) => targets[frame]!);
        const went = new Set(got.map(({ sent }) => sent.frame));
        const newest = [-1, -1, -1];
        for (const { frame, temporalId, isLayerSync } of packets) {
          if (went.has(frame)) {
            // Y: the base layer only; otherwise the newest frame of each layer up to its own.
            const upTo = isLayerSync ? 0 : temporalId;
            for (let layer = 0; layer <= upTo; layer++) {
              if (newest[layer]! >= 0) expect(went.has(newest[layer]!)).toBe(true);
            }
          }
          newest[temporalId] = frame;
        }
        expect(got.map(({ seq }) => seq)).toEqual(got.map((_, i) => i));
        expect(got.map(({ picture }) => picture)).toEqual(got.map((_, i) => i));
      }),
    );
  });
});
