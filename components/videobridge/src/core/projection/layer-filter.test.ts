import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { IncomingPacket } from '../incoming-packet.ts';
import { LayerFilter } from './layer-filter.ts';

interface Frame {
  readonly picture: number;
  readonly spatialId: number;
  readonly temporalId: number;
  readonly seqs: readonly number[];
  /** Frame numbers. */
  readonly references: readonly number[];
  readonly isKey: boolean;
  readonly number: number;
  readonly neededBySpatial: number;
}

/** What an encoder makes: three temporal layers, key pictures where `keys` says, `isFull` with prediction between layers in every picture. */
function encode(
  pictures: number,
  spatialLayers: number,
  keys: readonly number[],
  isFull: boolean,
): Frame[] {
  const frames: Frame[] = [];
  const pattern = [0, 2, 1, 2];
  let phase = 0;
  let seq = 65_500;
  for (let picture = 0; picture < pictures; picture++) {
    const isKey = keys.includes(picture);
    phase = isKey ? 0 : phase + 1;
    const temporalId = pattern[phase % 4]!;
    for (let spatialId = 0; spatialId < spatialLayers; spatialId++) {
      const references: number[] = [];
      const usesBelow = spatialId > 0 && (isKey || isFull);
      if (usesBelow) references.push(frames.length - 1);
      if (!isKey) {
        // The newest frame of the same spatial layer and of a lower temporal one (T0: of the same).
        const before = frames.findLast(
          (frame) =>
            frame.spatialId === spatialId &&
            (frame.temporalId < temporalId || (temporalId === 0 && frame.temporalId === 0)),
        );
        references.push(before!.number);
      }
      const above =
        (isKey || isFull ? 0xff << spatialId : 1 << spatialId) & ((1 << spatialLayers) - 1);
      frames.push({
        picture,
        spatialId,
        temporalId,
        seqs: [seq++, seq++],
        references,
        isKey: isKey && spatialId === 0,
        number: frames.length,
        neededBySpatial: above,
      });
    }
  }
  return frames;
}

interface Got {
  readonly frame: Frame;
  readonly seq: number;
  readonly isMarked: boolean;
}

class Receiver {
  readonly filter = new LayerFilter();
  readonly got: Got[] = [];
  readonly #top: number;
  readonly #modulus: number;

  /** `modulus`: of frame numbers. */
  constructor(spatialLayers: number, modulus = 0x10000) {
    this.#top = spatialLayers - 1;
    this.#modulus = modulus;
  }

  take(frame: Frame, at: number, spatialId: number, temporalId: number): void {
    const packet = new IncomingPacket();
    const { layers } = packet;
    packet.extendedSeq = frame.seqs[at]!;
    packet.timestamp = frame.picture * 3000;
    layers.isKnown = true;
    layers.frameId = frame.number % this.#modulus;
    layers.frameModulus = this.#modulus;
    layers.spatialId = frame.spatialId;
    layers.temporalId = frame.temporalId;
    layers.topSpatialId = this.#top;
    layers.isFrameEnd = at === 1;
    layers.isKey = frame.isKey;
    layers.neededBySpatial = frame.neededBySpatial;
    layers.tellsReferences = true;
    layers.referenceCount = frame.references.length;
    frame.references.forEach((reference, i) => {
      layers.references[i] = reference % this.#modulus;
    });
    if (!this.filter.accept(packet, spatialId, temporalId)) return;
    this.got.push({ frame, seq: this.filter.extendedSeq, isMarked: this.filter.isPictureEnd });
  }

  takeAll(frames: readonly Frame[], target: (picture: number) => readonly [number, number]): this {
    for (const frame of frames) {
      const [spatialId, temporalId] = target(frame.picture);
      for (const at of [0, 1]) this.take(frame, at, spatialId, temporalId);
    }
    return this;
  }

  /** The spatial layers of each picture that went on, as text. */
  get pictures(): string[] {
    const out: string[] = [];
    for (const { frame, isMarked } of this.got) {
      const text = out[frame.picture] ?? '';
      const mark = isMarked ? '!' : '';
      out[frame.picture] = text.endsWith(String(frame.spatialId))
        ? text + mark
        : text + frame.spatialId + mark;
    }
    return Array.from(out, (text) => text ?? '');
  }
}

describe('spatial layers', () => {
  test('K-SVC: after the key picture only the layer that is shown, with the marker at its end', () => {
    const frames = encode(4, 3, [0], false);
    expect(new Receiver(3).takeAll(frames, () => [2, 7]).pictures).toEqual([
      '012!',
      '2!',
      '2!',
      '2!',
    ]);
    expect(new Receiver(3).takeAll(frames, () => [1, 7]).pictures).toEqual([
      '01!',
      '1!',
      '1!',
      '1!',
    ]);
    expect(new Receiver(3).takeAll(frames, () => [0, 7]).pictures).toEqual([
      '0!',
      '0!',
      '0!',
      '0!',
    ]);
  });

  test('K-SVC: a lower layer is entered at a key picture, and until then the base layer of the old one goes on', () => {
    const frames = encode(11, 3, [0, 9], false);
    const down = new Receiver(3).takeAll(frames, (picture) => [picture < 6 ? 2 : 0, 7]);
    // Picture 8 is of the lowest temporal layer.
    expect(down.pictures.slice(5)).toEqual(['2!', '', '', '2!', '0!', '0!']);
    // What was wanted for a moment only is no reason to wait for a key picture.
    const back = new Receiver(3);
    back.takeAll(frames.slice(0, 27), (picture) => [picture === 6 ? 0 : 2, 7]);
    expect(back.pictures.slice(5)).toEqual(['2!', '', '', '2!']);
  });

  test('K-SVC: a higher layer is entered at a key picture, and until then the old one goes on', () => {
    const frames = encode(10, 3, [0, 8], false);
    const up = new Receiver(3);
    up.takeAll(frames.slice(0, 18), (picture) => [picture < 2 ? 0 : 2, 7]);
    expect(up.filter.isWaitingFor(2)).toBe(true);
    up.takeAll(frames.slice(18), () => [2, 7]);
    expect(up.filter.isWaitingFor(2)).toBe(false);
    expect(up.pictures.slice(5)).toEqual(['0!', '0!', '0!', '012!', '2!']);
  });

  test('K-SVC: right after a key picture a layer below is still whole, and entered without another', () => {
    const frames = encode(4, 3, [0], false);
    const receiver = new Receiver(3).takeAll(frames, (picture) => [picture < 2 ? 2 : 0, 7]);
    expect(receiver.pictures).toEqual(['012!', '2!', '0!', '0!']);
  });

  test('full SVC: all layers below go on too, and the way down needs no key picture', () => {
    const frames = encode(5, 3, [0], true);
    const receiver = new Receiver(3).takeAll(frames, (picture) => [picture < 2 ? 2 : 1, 7]);
    expect(receiver.pictures).toEqual(['012!', '012!', '01!', '01!', '01!']);
    expect(receiver.filter.isWaitingFor(1)).toBe(false);
  });

  test('more than there is means the highest', () => {
    const receiver = new Receiver(2).takeAll(encode(3, 2, [0], false), () => [2, 7]);
    expect(receiver.pictures).toEqual(['01!', '1!', '1!']);
    expect(receiver.filter.isWaitingFor(2)).toBe(false);
  });
});

describe('temporal layers', () => {
  test('are left at any picture and entered where everything they refer to went on', () => {
    const frames = encode(13, 1, [0], false);
    const limit = (picture: number) => (picture >= 3 && picture < 6 ? 0 : 2);
    const { got } = new Receiver(1).takeAll(frames, (picture) => [0, limit(picture)]);
    const went = [...new Set(got.map(({ frame }) => frame.picture))];
    // T0: 0 4 8 12; T1: 2 6 10; the rest T2. 3 and 5 are left out; 6 refers to 4, 7 to 6.
    expect(went).toEqual([0, 1, 2, 4, 6, 7, 8, 9, 10, 11, 12]);
    expect(got.map(({ seq }) => seq)).toEqual(got.map((_, i) => 65_500 + i));
  });
});

test.each([1024, 0x10000])(
  'numbers modulo %i go round without a frame being taken for an older one',
  (modulus) => {
    const frames = encode(1500, 1, [0], false);
    const limit = (picture: number) => (picture < 1100 ? 2 : 0);
    const { got } = new Receiver(1, modulus).takeAll(frames, (picture) => [0, limit(picture)]);
    const went = new Set(got.map(({ frame }) => frame.picture));
    const wanted = frames.filter(({ picture, temporalId }) => temporalId <= limit(picture));
    expect([...went]).toEqual(wanted.map(({ picture }) => picture));
  },
);

describe('whatever is lost, late or wanted', () => {
  test('numbers keep their order, frames go on whole, and nothing goes on without what it refers to', () => {
    fc.assert(
      fc.property(
        fc.boolean(),
        fc.integer({ min: 1, max: 3 }),
        fc.array(fc.tuple(fc.nat(2), fc.nat(2)), { minLength: 1, maxLength: 8 }),
        fc.array(fc.record({ lost: fc.nat(12), delay: fc.nat(9), isLate: fc.nat(7) }), {
          minLength: 240,
          maxLength: 240,
        }),
        (isFull, spatialLayers, targets, fates) => {
          const frames = encode(40, spatialLayers, [0, 13, 27], isFull);
          const packets = frames.flatMap((frame) => [0, 1].map((at) => ({ frame, at })));
          const order = packets
            .map((packet, i) => ({
              ...packet,
              fate: fates[i]!,
              order: i + (fates[i]!.isLate === 0 ? fates[i]!.delay : 0),
            }))
            .filter(({ fate, frame }) => frame.picture === 0 || fate.lost > 0)
            .sort((a, b) => a.order - b.order);
          const receiver = new Receiver(spatialLayers);
          for (const { frame, at } of order) {
            const [spatialId, temporalId] =
              targets[Math.floor(frame.picture / 5) % targets.length]!;
            receiver.take(frame, at, spatialId, temporalId);
          }
          const came = new Set(order.map(({ frame }) => frame.number));
          const went = new Set(receiver.got.map(({ frame }) => frame.number));
          for (const { frame } of receiver.got) {
            for (const reference of frame.references) {
              if (came.has(reference) && !went.has(reference)) {
                // Only what came after it can be left out behind its back.
                const first = order.findIndex((packet) => packet.frame.number === frame.number);
                const needed = order.findIndex((packet) => packet.frame.number === reference);
                expect(needed).toBeGreaterThan(first);
              }
            }
          }
          const bySource = receiver.got.flatMap(({ frame, seq }, i) => {
            const at = receiver.got.slice(0, i).filter((other) => other.frame === frame).length;
            return [{ frame, seq, at }];
          });
          const seqs = bySource.map(({ seq }) => seq);
          expect(new Set(seqs).size).toBe(seqs.length);
        },
      ),
      { numRuns: 300 },
    );
  });
});
