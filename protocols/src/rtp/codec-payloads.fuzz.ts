/** Random and mutated payloads and descriptors: nothing throws, loops for long, or points outside the packet. */
import { expect, test } from 'vitest';
import {
  beginsAv1Sequence,
  beginsH264KeyFrame,
  DependencyDescriptor,
  type DependencyStructure,
  h264PictureHeight,
  RedPayload,
  Vp9Descriptor,
} from './index.ts';

const STRUCTURES = [
  'c00001800214eaa860414d1410208427013f00b3',
  'c00002800514853aaaa8018004004002a02a0060010015d34514174d144c700874321651118543276809f8059813f80b38',
].map((hex) => Uint8Array.from(Buffer.from(hex, 'hex')));

test('codec payloads', () => {
  let state = 0x1234567;
  const next = (bound: number): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % bound;
  };
  const buffer = new Uint8Array(96);
  const vp9 = new Vp9Descriptor();
  const red = new RedPayload();
  const dependencies = new DependencyDescriptor();
  let structure: DependencyStructure | undefined;
  let accepted = 0;
  for (let i = 0; i < 100_000; i++) {
    const start = next(8);
    let length = next(60);
    for (let at = 0; at < length; at++) buffer[start + at] = next(256);
    if (vp9.read(buffer, start, length)) {
      expect(vp9.length).toBeLessThan(length);
      expect(vp9.pictureIdOffset + vp9.pictureIdBytes).toBeLessThanOrEqual(vp9.length);
      expect(vp9.tl0PicIdxOffset).toBeLessThan(vp9.length);
    }
    if (red.read(buffer, start, length)) expect(red.offset).toBeLessThan(length);
    beginsH264KeyFrame(buffer, start, length);
    h264PictureHeight(buffer, start, length);
    beginsAv1Sequence(buffer, start, length);
    if (next(2) === 0) {
      const sample = STRUCTURES[next(STRUCTURES.length)]!;
      buffer.set(sample, start);
      length = Math.max(0, sample.length - next(2) * next(20));
      for (let flips = next(4); flips > 0; flips--) buffer[start + next(sample.length)] = next(256);
    }
    if (!dependencies.read(buffer, start, length, structure)) continue;
    accepted++;
    ({ structure } = dependencies);
    expect(dependencies.referenceCount).toBeLessThanOrEqual(16);
    expect(dependencies.spatialId).toBeLessThanOrEqual(3);
    expect(structure?.templates.length).toBeLessThanOrEqual(64);
  }
  expect(accepted).toBeGreaterThan(5000);
});
