import { expect, test } from 'vitest';
import { absoluteSendTime, SendTimeReader } from './absolute-send-time.ts';

test('is seconds modulo 64 with 18 bits of fraction', () => {
  expect(absoluteSendTime(0)).toBe(0);
  expect(absoluteSendTime(1000)).toBe(1 << 18);
  expect(absoluteSendTime(500)).toBe(1 << 17);
  expect(absoluteSendTime(64_000)).toBe(0);
  expect(absoluteSendTime(63_999.9999)).toBe(0xff_ffff);
});

test('reading goes on across the wrap and takes disorder', () => {
  const reader = new SendTimeReader();
  const first = reader.read(absoluteSendTime(63_000));
  const after = (ms: number) => reader.read(absoluteSendTime(ms)) - first;
  expect(after(63_990)).toBeCloseTo(990, 1);
  expect(after(64_010)).toBeCloseTo(1010, 1);
  expect(after(63_980)).toBeCloseTo(980, 1);
  expect(after(90_000)).toBeCloseTo(27_000, 1);
  for (let ms = 90_000; ms < 300_000; ms += 10_000) expect(after(ms)).toBeCloseTo(ms - 63_000, 0);
});
