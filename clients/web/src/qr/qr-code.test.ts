import { decodeQR } from 'qr/decode.js';
import { expect, test } from 'vitest';
import { type QrCode, qrCodeOf } from './qr-code.ts';

/** As a camera would see it. */
function photoOf(code: QrCode) {
  const scale = 4;
  const size = code.length * scale;
  const data = new Uint8Array(size * size * 3).fill(255);
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const isDark = code[Math.floor(y / scale)]?.[Math.floor(x / scale)];
      if (isDark) data.fill(0, (y * size + x) * 3, (y * size + x) * 3 + 3);
    }
  }
  return { width: size, height: size, data };
}

test.each([
  'https://meet.example.org/reading-room',
  'https://meet.example.org/süß',
  'https://meet.example.org/'.padEnd(213, 'x7'),
])('%s can be read', (link) => {
  const code = qrCodeOf(link);
  expect(code && decodeQR(photoOf(code))).toBe(link);
});

test('a link too long for a camera at arm’s length has none', () => {
  expect(qrCodeOf('x'.repeat(213))).toHaveLength(57 + 2 * 4);
  expect(qrCodeOf('x'.repeat(214))).toBeUndefined();
});
