/** Random and mutated payloads and descriptors: nothing throws, loops for long, or points outside the packet. */
import { byteCorpus } from '@conclave/testkit';
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

const CORPUS = byteCorpus(import.meta.url);
const vp9 = new Vp9Descriptor();
const red = new RedPayload();
const dependencies = new DependencyDescriptor();

function checkPayload(buffer: Uint8Array, start: number, length: number): void {
  if (vp9.read(buffer, start, length)) {
    expect(vp9.length).toBeLessThan(length);
    expect(vp9.pictureIdOffset + vp9.pictureIdBytes).toBeLessThanOrEqual(vp9.length);
    expect(vp9.tl0PicIdxOffset).toBeLessThan(vp9.length);
  }
  if (red.read(buffer, start, length)) expect(red.offset).toBeLessThan(length);
  beginsH264KeyFrame(buffer, start, length);
  h264PictureHeight(buffer, start, length);
  beginsAv1Sequence(buffer, start, length);
}

let structure: DependencyStructure | undefined;

/** Whether it is a dependency descriptor. */
function checkDescriptor(buffer: Uint8Array, start: number, length: number): boolean {
  if (!dependencies.read(buffer, start, length, structure)) return false;
  ({ structure } = dependencies);
  expect(dependencies.referenceCount).toBeLessThanOrEqual(16);
  expect(dependencies.spatialId).toBeLessThanOrEqual(3);
  expect(structure?.templates.length).toBeLessThanOrEqual(64);
  return true;
}

test('the corpus', () => {
  let descriptors = 0;
  for (const bytes of CORPUS) {
    checkPayload(bytes, 0, bytes.length);
    if (checkDescriptor(bytes, 0, bytes.length)) descriptors++;
  }
  expect(descriptors).toBeGreaterThan(2);
});

test('codec payloads', () => {
  let state = 0x1234567;
  const next = (bound: number): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % bound;
  };
  const buffer = new Uint8Array(96);
  let accepted = 0;
  for (let i = 0; i < 100_000; i++) {
    const start = next(8);
    let length = next(60);
    for (let at = 0; at < length; at++) buffer[start + at] = next(256);
    checkPayload(buffer, start, length);
    if (next(2) === 0) {
      const sample = CORPUS[next(CORPUS.length)]!;
      buffer.set(sample, start);
      length = Math.max(0, sample.length - next(2) * next(20));
      for (let flips = next(4); flips > 0; flips--) buffer[start + next(sample.length)] = next(256);
      checkPayload(buffer, start, length);
    }
    if (checkDescriptor(buffer, start, length)) accepted++;
  }
  expect(accepted).toBeGreaterThan(5000);
});
