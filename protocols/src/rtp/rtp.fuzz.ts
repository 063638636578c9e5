/** Random and mutated packets: never throws, never points outside the packet. */
import { byteCorpus } from '@conclave/testkit';
import { expect, test } from 'vitest';
import { RtpHeader, Vp8Descriptor, vp8PictureHeight } from './index.ts';

function xorshift(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % bound;
  };
}

const CORPUS = byteCorpus(import.meta.url);
const header = new RtpHeader();
const vp8 = new Vp8Descriptor();

/** Whether it is a packet. */
function check(buffer: Uint8Array, start: number, length: number): boolean {
  if (!header.read(buffer, start, length)) return false;
  const end = start + length;
  expect(header.payloadOffset).toBeGreaterThanOrEqual(start + 12);
  expect(header.payloadLength).toBeGreaterThanOrEqual(0);
  expect(header.payloadOffset + header.payloadLength + header.paddingLength).toBe(end);
  for (let id = 1; id < 16; id++) {
    const at = header.findExtension(buffer, id);
    if (at >= 0) expect(at + header.extensionLength).toBeLessThanOrEqual(header.payloadOffset);
  }
  if (vp8.read(buffer, header.payloadOffset, header.payloadLength)) {
    expect(vp8.length).toBeLessThan(header.payloadLength);
    expect(vp8.pictureIdOffset + vp8.pictureIdBytes).toBeLessThanOrEqual(vp8.length);
    const rest = header.payloadLength - vp8.length;
    const height = vp8PictureHeight(buffer, header.payloadOffset + vp8.length, rest);
    expect(height >= 0 && height < 16_384).toBe(true);
  }
  return true;
}

test('the corpus', () => {
  expect(CORPUS.filter((bytes) => check(bytes, 0, bytes.length)).length).toBeGreaterThan(10);
});

test('100,000 packets: everything found lies inside the packet', () => {
  const next = xorshift(0x9e3779b9);
  const buffer = new Uint8Array(64);
  let accepted = 0;
  for (let i = 0; i < 100_000; i++) {
    const start = next(8);
    let length = next(50);
    if (next(3) === 0) {
      for (let at = 0; at < length; at++) buffer[start + at] = next(256);
    } else {
      const sample = CORPUS[next(CORPUS.length)]!;
      buffer.set(sample, start);
      length = Math.max(0, sample.length - next(4) * next(8));
      for (let flips = next(5); flips > 0; flips--) buffer[start + next(sample.length)] = next(256);
    }
    if (check(buffer, start, length)) accepted++;
  }
  expect(accepted).toBeGreaterThan(10_000);
});
