import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RtcpCursor } from './rtcp-cursor.ts';
import { LOST_TICKS, TransportCcFeedback } from './transport-cc-feedback.ts';
import { TransportCcRecorder } from './transport-cc-recorder.ts';
import { NOT_RECEIVED, TICKS_PER_MS, TransportCcWriter } from './transport-cc-writer.ts';

const EDGES = [0, 1, 32_767, 32_768, 65_534, 65_535];
const MTU = 1200;

interface Parsed {
  readonly baseSeq: number;
  readonly feedbackCount: number;
  /** Absolute arrival ticks modulo 2^32 of reference times, or NOT_RECEIVED. */
  readonly arrivals: number[];
}

function parse(bytes: Uint8Array, offset: number, length: number): Parsed {
  const cursor = new RtcpCursor();
  cursor.reset(bytes, offset, length);
  if (!cursor.next()) throw new Error('no packet');
  expect([cursor.type, cursor.count, cursor.senderSsrc, cursor.mediaSsrc]).toEqual([205, 15, 1, 2]);
  const feedback = new TransportCcFeedback();
  if (!feedback.parse(bytes, cursor.bodyOffset, cursor.bodyLength)) throw new Error('malformed');
  expect(cursor.next()).toBe(false);
  const arrivals = Array.from(feedback.ticks.subarray(0, feedback.count), (ticks) =>
    ticks === LOST_TICKS ? NOT_RECEIVED : feedback.referenceTicks + ticks,
  );
  expect(arrivals.filter((ticks) => ticks !== NOT_RECEIVED)).toHaveLength(feedback.receivedCount);
  return { baseSeq: feedback.baseSeq, feedbackCount: feedback.feedbackCount, arrivals };
}

/** All packets the writer needs for `arrivals`. */
function writeAll(arrivals: readonly number[], maxBytes = MTU, baseSeq = 0): Parsed[] {
  const writer = new TransportCcWriter();
  const out = new Uint8Array(maxBytes + 8);
  const packets: Parsed[] = [];
  for (let done = 0; done < arrivals.length; ) {
    const rest = Float64Array.from(arrivals.slice(done));
    const seq = (baseSeq + done) & 0xffff;
    const length = writer.write(out, 4, maxBytes, 1, 2, packets.length, seq, rest, rest.length);
    if (length === 0) break;
    expect(length).toBeLessThanOrEqual(maxBytes);
    expect(length % 4).toBe(0);
    packets.push(parse(out, 4, length));
    expect(packets.at(-1)?.arrivals).toHaveLength(writer.covered);
    done += writer.covered;
  }
  return packets;
}

describe('transport-wide feedback (draft-holmer-rmcat-transport-wide-cc-extensions-01)', () => {
  test('as bytes: a run, small deltas, padding', () => {
    const out = new Uint8Array(40);
    const arrivals = Float64Array.of(256 * 5 + 3, 256 * 5 + 4, 256 * 5 + 259);
    const length = new TransportCcWriter().write(out, 0, 40, 1, 2, 9, 0xfffe, arrivals, 3);
    expect(length).toBe(28);
    expect(Buffer.from(out.subarray(0, length)).toString('hex')).toBe(
      '8fcd0006' + '00000001' + '00000002' + 'fffe0003' + '00000509' + '20030301' + 'ff000000',
    );
  });

  test('as bytes: one-bit and two-bit vectors, large and negative deltas', () => {
    const out = new Uint8Array(60);
    const lost = NOT_RECEIVED;
    // Seven statuses with a large delta, then a full one-bit vector.
    const arrivals = Float64Array.from([
      ...[0, lost, 1000, 999, lost, 1000, 1001],
      ...[lost, 1002, lost, 1003, lost, 1004, lost, 1005, lost, 1006, lost, 1007, lost, 1008],
    ]);
    const length = new TransportCcWriter().write(out, 0, 60, 1, 2, 0, 0, arrivals, arrivals.length);
    expect(Buffer.from(out.subarray(20, length)).toString('hex')).toBe(
      // 11 01 00 10 10 00 01 01; 10 and 01 seven times
      'd285' +
        '9555' +
        '00' +
        '03e8' +
        'ffff' +
        '01' +
        '01' +
        '01010101010101' +
        '00'.repeat(length - 20 - 18),
    );
    expect(parse(out, 0, length).arrivals).toEqual([...arrivals]);
  });

  test('parse(write(x)) is x, in as many packets as needed', () => {
    const arrival = fc.oneof(
      { weight: 3, arbitrary: fc.constant(NOT_RECEIVED) },
      { weight: 10, arbitrary: fc.integer({ min: 0, max: 300 }) },
      { weight: 1, arbitrary: fc.integer({ min: -400, max: 33_000 }) },
    );
    fc.assert(
      fc.property(
        fc.array(arrival, { maxLength: 400 }),
        fc.constantFrom(...EDGES),
        fc.integer({ min: 28, max: 300 }),
        fc.nat(1_000_000),
        (steps, baseSeq, maxBytes, startTicks) => {
          let ticks = startTicks + 100_000;
          const arrivals = steps.map((step) => {
            if (step === NOT_RECEIVED) return NOT_RECEIVED;
            ticks = Math.max(startTicks, ticks + step);
            return ticks;
          });
          while (arrivals.at(-1) === NOT_RECEIVED) arrivals.pop();
          const packets = writeAll(arrivals, maxBytes, baseSeq);
          expect(packets.flatMap((packet) => packet.arrivals)).toEqual(arrivals);
          let seq = baseSeq;
          for (const packet of packets) {
            expect(packet.baseSeq).toBe(seq & 0xffff);
            seq += packet.arrivals.length;
          }
        },
      ),
    );
  });

  test.each([
    ['one packet', [77]],
    ['many at the same time', Array<number>(1000).fill(5)],
    ['8191 lost between two', [1, ...Array<number>(2000).fill(NOT_RECEIVED), 2]],
    ['alternating', Array.from({ length: 500 }, (_, i) => (i % 2 ? NOT_RECEIVED : i))],
    ['the largest small delta', [0, 255]],
    ['the smallest large delta', [0, 256]],
    ['the largest large delta', [0, 32_767]],
    ['a negative delta', [5000, 4999, 100]],
  ])('%s', (_, arrivals) => {
    expect(writeAll(arrivals).flatMap((packet) => packet.arrivals)).toEqual(arrivals);
  });

  test('a pause of more than 8.19 s begins a new packet', () => {
    const packets = writeAll([10, 20, NOT_RECEIVED, 20 + 32_768, 20 + 32_769]);
    expect(packets.map((packet) => packet.arrivals)).toEqual([
      [10, 20, NOT_RECEIVED],
      [32_788, 32_789],
    ]);
  });

  test('only lost packets, or none, is nothing to write', () => {
    const writer = new TransportCcWriter();
    const out = new Uint8Array(100);
    const lost = new Float64Array(5).fill(NOT_RECEIVED);
    expect(writer.write(out, 0, 100, 1, 2, 0, 0, lost, 5)).toBe(0);
    expect(writer.write(out, 0, 100, 1, 2, 0, 0, lost, 0)).toBe(0);
    expect(writer.write(out, 0, 20, 1, 2, 0, 0, Float64Array.of(1), 1)).toBe(0);
    expect(writer.write(out, 90, 100, 1, 2, 0, 0, Float64Array.of(1), 1)).toBe(0);
    expect(writer.write(out, 76, 100, 1, 2, 0, 0, Float64Array.of(1), 1)).toBe(24);
  });

  test('a full vector is never cut: what does not fit begins the next packet', () => {
    const arrivals = Array.from({ length: 60 }, (_, i) => (i % 3 === 1 ? NOT_RECEIVED : i * 10));
    for (let maxBytes = 28; maxBytes < 80; maxBytes++) {
      const written = writeAll(arrivals, maxBytes).flatMap((packet) => packet.arrivals);
      expect(written).toEqual(arrivals);
    }
  });

  test('the reference time is 24 bits, signed', () => {
    const out = new Uint8Array(24);
    const arrivals = Float64Array.of(0x80_0000 * 256 + 7);
    new TransportCcWriter().write(out, 0, 24, 1, 2, 0, 0, arrivals, 1);
    const feedback = new TransportCcFeedback();
    expect(feedback.parse(out, 4, 20)).toBe(true);
    expect(feedback.referenceTicks).toBe(-0x80_0000 * 256);
    expect(feedback.ticks[0]).toBe(7);
  });

  describe('the parser refuses', () => {
    const header = [0, 0, 0, 1, 0, 0, 0, 2];
    test.each([
      ['no statuses', [0, 0, 0, 0, 0, 0, 0, 0, 0x20, 0, 0, 0]],
      ['a missing chunk', [0, 0, 0, 9, 0, 0, 0, 0, 0x20, 1, 0x20, 1]],
      ['a missing small delta', [0, 0, 0, 3, 0, 0, 0, 0, 0x20, 3, 1, 2]],
      ['half a large delta', [0, 0, 0, 2, 0, 0, 0, 0, 0x40, 2, 1, 2]],
      ['runs of length 0 without end', [0, 0, 0, 2, 0, 0, 0, 0, 0x20, 0, 0x20, 0]],
      ['more statuses than we have room for', [0, 0, 0xff, 0xff, 0, 0, 0, 0, 0x1f, 0xff, 0, 0]],
    ])('%s', (_, body) => {
      const bytes = Uint8Array.from([...header, ...body]);
      expect(new TransportCcFeedback().parse(bytes, 0, bytes.length)).toBe(false);
    });

    test('a body that is shorter than it says', () => {
      expect(new TransportCcFeedback().parse(new Uint8Array(15), 0, 15)).toBe(false);
      expect(new TransportCcFeedback().parse(new Uint8Array(19), 0, 20)).toBe(false);
    });
  });

  test('the reserved symbol counts as lost and takes no delta', () => {
    const bytes = Uint8Array.from([
      ...[0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 0],
      ...[0xf4, 0, 9, 0], // vector: 3, then 1
    ]);
    const feedback = new TransportCcFeedback();
    expect(feedback.parse(bytes, 0, bytes.length)).toBe(true);
    expect([...feedback.ticks.subarray(0, 2)]).toEqual([LOST_TICKS, 9]);
  });
});

describe('TransportCcRecorder', () => {
  const writer = new TransportCcWriter();
  const out = new Uint8Array(MTU);

  function create(capacity = 2048) {
    const recorder = new TransportCcRecorder({ senderSsrc: 1, capacity });
    recorder.mediaSsrc = 2;
    return recorder;
  }

  function take(recorder: TransportCcRecorder, nowMs: number, maxBytes = MTU): Parsed[] {
    const packets: Parsed[] = [];
    for (;;) {
      const length = recorder.writeFeedback(writer, out, 0, maxBytes, nowMs);
      if (length === 0) return packets;
      packets.push(parse(out, 0, length));
    }
  }

  test.each(EDGES)('reports what came, from %i on', (start) => {
    const recorder = create();
    expect(recorder.nextTimeoutMs).toBeUndefined();
    expect(take(recorder, 0)).toEqual([]);
    recorder.handlePacket(start, false, 1000);
    recorder.handlePacket((start + 2) & 0xffff, false, 1001.25);
    expect(recorder.nextTimeoutMs).toBe(1100);
    expect(take(recorder, 1100)).toEqual([
      { baseSeq: start, feedbackCount: 0, arrivals: [4000, NOT_RECEIVED, 4005] },
    ]);
    expect(recorder.nextTimeoutMs).toBeUndefined();
    recorder.handlePacket((start + 3) & 0xffff, false, 1110);
    expect(recorder.nextTimeoutMs).toBe(1200);
    expect(take(recorder, 1200)).toEqual([
      { baseSeq: (start + 3) & 0xffff, feedbackCount: 1, arrivals: [4440] },
    ]);
  });

  test('is due after 50 ms when a frame ended and something is missing', () => {
    const recorder = create();
    recorder.handlePacket(1, false, 1000);
    take(recorder, 1100);
    recorder.handlePacket(2, true, 1105);
    expect(recorder.nextTimeoutMs).toBe(1200);
    recorder.handlePacket(4, false, 1106);
    expect(recorder.nextTimeoutMs).toBe(1150);
    recorder.handlePacket(5, false, 1107);
    expect(recorder.nextTimeoutMs).toBe(1150);
    take(recorder, 1150);
    recorder.handlePacket(6, true, 1155);
    expect(recorder.nextTimeoutMs).toBe(1250);
    // Reported as lost, but it was only late.
    recorder.handlePacket(3, false, 1156);
    expect(recorder.nextTimeoutMs).toBe(1200);
  });

  test('duplicates count once, the first time', () => {
    const recorder = create();
    recorder.handlePacket(1, false, 1000);
    recorder.handlePacket(1, false, 1050);
    expect(take(recorder, 1100)).toMatchObject([{ arrivals: [4000] }]);
    recorder.handlePacket(1, true, 1150);
    expect(recorder.nextTimeoutMs).toBeUndefined();
  });

  test.each(EDGES)('a late packet is reported with all behind it (from %i)', (start) => {
    const recorder = create();
    recorder.handlePacket(start, false, 1000);
    recorder.handlePacket((start + 2) & 0xffff, false, 1001);
    take(recorder, 1100);
    recorder.handlePacket((start + 1) & 0xffff, false, 1102);
    expect(take(recorder, 1200)).toMatchObject([
      { baseSeq: (start + 1) & 0xffff, arrivals: [4408, 4004] },
    ]);
  });

  test('a packet from just before the first one is reported, too', () => {
    const recorder = create();
    recorder.handlePacket(0, false, 1000);
    recorder.handlePacket(65_535, false, 1001);
    expect(take(recorder, 1100)).toMatchObject([{ baseSeq: 65_535, arrivals: [4004, 4000] }]);
  });

  test('a jump beyond the ring starts anew', () => {
    const recorder = create(16);
    recorder.handlePacket(100, false, 1000);
    recorder.handlePacket(116, false, 1001);
    expect(take(recorder, 1100)).toMatchObject([{ baseSeq: 116, arrivals: [4004] }]);
  });

  test('one less than the ring is a gap', () => {
    const recorder = create(16);
    recorder.handlePacket(100, false, 1000);
    recorder.handlePacket(115, false, 1001);
    const arrivals = [4000, ...Array<number>(14).fill(NOT_RECEIVED), 4004];
    expect(take(recorder, 1100)).toMatchObject([{ baseSeq: 100, arrivals }]);
  });

  test('of more than the ring holds only the last ones are reported', () => {
    const recorder = create(16);
    for (let i = 0; i < 40; i++) recorder.handlePacket(100 + i, false, 1000 + i);
    const arrivals = Array.from({ length: 16 }, (_, i) => (1024 + i) * TICKS_PER_MS);
    expect(take(recorder, 1100)).toMatchObject([{ baseSeq: 124, arrivals }]);
  });

  test('stray packets from far behind do not add up to a restart', () => {
    const recorder = create(16);
    recorder.handlePacket(30_000, false, 1000);
    for (let i = 1; i < 100; i++) {
      recorder.handlePacket(30_000 + i, false, 1000);
      recorder.handlePacket(i, false, 1000);
    }
    expect(recorder.droppedCount).toBe(99);
    expect(take(recorder, 1100).at(-1)).toMatchObject({ baseSeq: 30_084 });
  });

  test('a counter that restarts far behind is followed after 32 packets', () => {
    const recorder = create(16);
    recorder.handlePacket(30_000, false, 1000);
    take(recorder, 1100);
    for (let i = 0; i < 31; i++) recorder.handlePacket(i, false, 2000);
    expect(recorder.nextTimeoutMs).toBeUndefined();
    recorder.handlePacket(31, false, 2000);
    expect(recorder.droppedCount).toBe(32);
    expect(take(recorder, 2100)).toMatchObject([{ baseSeq: 31, arrivals: [8000] }]);
  });

  test('more than a packet holds goes out in several', () => {
    const recorder = create();
    for (let i = 0; i < 500; i++)
      recorder.handlePacket(65_400 + i > 65_535 ? i - 136 : 65_400 + i, false, 1000 + i);
    const packets = take(recorder, 2000, 100);
    expect(packets.length).toBeGreaterThan(1);
    expect(packets.map((packet) => packet.feedbackCount)).toEqual(packets.map((_, i) => i));
    expect(packets.flatMap((packet) => packet.arrivals)).toEqual(
      Array.from({ length: 500 }, (_, i) => (1000 + i) * TICKS_PER_MS),
    );
  });

  test('refuses a capacity that is no power of two', () => {
    expect(() => create(100)).toThrow(RangeError);
    expect(() => create(1)).toThrow(RangeError);
    expect(() => create(32_768)).toThrow(RangeError);
  });

  test('whatever comes, everything that arrived in the window is reported with its first arrival', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...EDGES),
        fc.array(fc.tuple(fc.integer({ min: -5, max: 7 }), fc.boolean(), fc.nat(30)), {
          maxLength: 300,
        }),
        (start, steps) => {
          const recorder = create(256);
          const arrived = new Map<number, number>();
          const reported = new Map<number, number>();
          let nowMs = 1000;
          let highest = start;
          const arrive = (number: number, isFrameEnd: boolean) => {
            recorder.handlePacket(number & 0xffff, isFrameEnd, nowMs);
            if (!arrived.has(number)) arrived.set(number, nowMs * TICKS_PER_MS);
            highest = Math.max(highest, number);
          };
          const collect = () => {
            for (const { baseSeq, arrivals } of take(recorder, nowMs)) {
              arrivals.forEach((ticks, i) => {
                if (ticks === NOT_RECEIVED) return;
                const distance = (((baseSeq + i - highest) & 0xffff) << 16) >> 16;
                reported.set(highest + distance, ticks);
              });
            }
          };
          arrive(start, false);
          for (const [step, isFrameEnd, waitMs] of steps) {
            nowMs += waitMs;
            arrive(highest + step, isFrameEnd);
            if ((recorder.nextTimeoutMs ?? Number.POSITIVE_INFINITY) <= nowMs) collect();
          }
          collect();
          expect([...reported].sort()).toEqual([...arrived].sort());
        },
      ),
    );
  });
});
