/** Random and mutated packets: never throws, never points outside the packet. */
import { expect, test } from 'vitest';
import {
  RtpHeader,
  Vp8Descriptor,
  vp8PictureHeight,
  writeRtpPacket,
  writeVp8Descriptor,
} from './index.ts';

function xorshift(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % bound;
  };
}

test('100,000 packets: everything found lies inside the packet', () => {
  const next = xorshift(0x9e3779b9);
  const valid = writeRtpPacket({
    marker: true,
    payloadType: 100,
    sequenceNumber: 65535,
    timestamp: 0xffff_ffff,
    ssrc: 0x8000_0001,
    extensions: [
      { id: 1, data: Uint8Array.of(0x7f) },
      { id: 5, data: Uint8Array.of(1, 2) },
    ],
    payload: Uint8Array.of(
      ...writeVp8Descriptor({
        isFrameStart: true,
        pictureId: { value: 3, bits: 15 },
        tl0PicIdx: 1,
        temporalId: 0,
      }),
      ...[0x10, 0, 2, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0x68, 0x01],
    ),
    paddingLength: 2,
  });
  const header = new RtpHeader();
  const vp8 = new Vp8Descriptor();
  const buffer = new Uint8Array(64);
  let accepted = 0;
  for (let i = 0; i < 100_000; i++) {
    const start = next(8);
    let length = next(50);
    if (next(3) === 0) {
      for (let at = 0; at < length; at++) buffer[start + at] = next(256);
    } else {
      buffer.set(valid, start);
      length = Math.max(0, valid.length - next(4) * next(8));
      for (let flips = next(5); flips > 0; flips--) buffer[start + next(valid.length)] = next(256);
    }
    if (!header.read(buffer, start, length)) continue;
    accepted++;
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
  }
  expect(accepted).toBeGreaterThan(10_000);
});
