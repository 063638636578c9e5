import { expect, test } from 'vitest';
import { h264PictureHeight } from './h264-payload.ts';

/** Parameter sets that x264 wrote. */
const HD = '67640028acd940780227e5c044000003000400000300783c60c658';
const SMALL = '6742c00cd901419f9f0110000003001000000301e0f142a480';

const bytesOf = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'));
const heightOf = (bytes: Uint8Array): number => h264PictureHeight(bytes, 0, bytes.length);

test.each([
  ['640 x 360, baseline, cropped', '6742c016d900a02ff970110000030001000003001e0f162e48', 360],
  ['320 x 180, baseline', SMALL, 180],
  ['1280 x 720, main', '674d401feca02802dd8088000003000800000300f078c18cb0', 720],
  ['1920 x 1080, high, cropped', HD, 1080],
  ['160 x 90, high', '6764000aacd9428df930110000030001000003001e0f122596', 90],
  ['1920 x 1080, interlaced', '67640028acd94078044fde0220000003002000000643e2c5b2c0', 1080],
])('height of %s', (_, hex, height) => {
  expect(heightOf(bytesOf(hex))).toBe(height);
});

/** Bits of a number as `ue(v)` (§9.1). */
const unsigned = (value: number): string => {
  const bits = (value + 1).toString(2);
  return '0'.repeat(bits.length - 1) + bits;
};

test.each([
  [720, 1280, 720],
  [1280, 720, 720],
  [360, 640, 360],
  [180, 320, 180],
])('of a picture of %i x %i is the shorter side, %i', (width, height, shorter) => {
  const macroblocks = (pixels: number) => Math.ceil(pixels / 16);
  const cropped = (pixels: number) => (macroblocks(pixels) * 16 - pixels) / 2;
  const bits = [
    ...[0, 0, 2, 1].map(unsigned), // set, frame numbers, picture order, references
    '0',
    unsigned(macroblocks(width) - 1),
    unsigned(macroblocks(height) - 1),
    '111', // frames only, direct inference, cropped
    ...[0, cropped(width), 0, cropped(height)].map(unsigned),
    '01',
  ].join('');
  const body = (bits.match(/.{1,8}/g) ?? []).map((byte) => Number.parseInt(byte.padEnd(8, '0'), 2));
  expect(heightOf(Uint8Array.of(0x67, 66, 0xc0, 31, ...body))).toBe(shorter);
});

test('is found in an aggregate and in a first fragment', () => {
  const sps = bytesOf(SMALL);
  const aggregate = Uint8Array.of(0x78, 0, 2, 0x09, 0xf0, 0, sps.length, ...sps, 0, 1, 0x68);
  expect(heightOf(aggregate)).toBe(180);
  expect(heightOf(Uint8Array.of(0x7c, 0x87, ...sps.subarray(1)))).toBe(180);
  const later = new Uint8Array(sps.length + 9);
  later.set(sps, 9);
  expect(h264PictureHeight(later, 9, sps.length)).toBe(180);
});

test('is unknown where nothing can be read', () => {
  expect(heightOf(Uint8Array.of(0x65, 1))).toBe(0);
  expect(heightOf(Uint8Array.of())).toBe(0);
  const sps = bytesOf(SMALL);
  for (let length = 0; length < 8; length++) expect(heightOf(sps.subarray(0, length))).toBe(0);
  expect(heightOf(Uint8Array.of(0x67, 66, 0, 0, ...new Uint8Array(60)))).toBe(0);
});
