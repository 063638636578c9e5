import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  compactNtp,
  compactNtpFromMs,
  compactNtpToMs,
  ntpFraction,
  ntpSeconds,
  roundTripTimeMs,
  unixMsFromNtp,
} from './ntp-time.ts';

describe('NTP time (RFC 3550 §4)', () => {
  test.each([
    ['1970', 0, 0x83aa7e80],
    ['2026-01-01', Date.UTC(2026, 0, 1), 3_976_214_400],
    ['the last second of the era', Date.UTC(2036, 1, 7, 6, 28, 15), 0xffff_ffff],
    ['the next era', Date.UTC(2036, 1, 7, 6, 28, 16), 0],
  ])('%s', (_, unixMs, seconds) => {
    expect(ntpSeconds(unixMs)).toBe(seconds);
    expect(unixMsFromNtp(seconds, 0)).toBe(unixMs);
  });

  test('half a second is half of 2^32', () => {
    expect(ntpFraction(1500)).toBe(0x8000_0000);
    expect(ntpFraction(999.999_999_9)).toBeLessThanOrEqual(0xffff_ffff);
  });

  test('there and back within a microsecond, 1970 to 2100', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 4.1e12, noNaN: true }), (ms) => {
        expect(Math.abs(unixMsFromNtp(ntpSeconds(ms), ntpFraction(ms)) - ms)).toBeLessThan(1e-3);
      }),
    );
  });

  test('the compact form is the middle 32 bits', () => {
    expect(compactNtp(0x1234_5678, 0x9abc_def0)).toBe(0x5678_9abc);
    expect(compactNtp(0xffff_ffff, 0xffff_ffff)).toBe(0xffff_ffff);
  });

  test.each([
    [0, 0],
    [-1, 0],
    [1000, 65_536],
    [500, 32_768],
    [1e12, 0xffff_ffff],
  ])('%d ms is %i compact units', (ms, units) => {
    expect(compactNtpFromMs(ms)).toBe(units);
  });

  test('compact units to milliseconds', () => {
    expect(compactNtpToMs(0x1_0000)).toBe(1000);
    expect(compactNtpToMs(0)).toBe(0);
  });
});

describe('round-trip time (RFC 3550 §6.4.1)', () => {
  test('the example of figure 2', () => {
    // A = 0xb710:8000, LSR = 0xb705:2000, DLSR = 0x0005:4000: 6.125 s.
    expect(roundTripTimeMs(0xb710_8000, 0xb705_2000, 0x0005_4000)).toBe(6125);
  });

  test('across the wrap of the compact form', () => {
    expect(roundTripTimeMs(0x0000_8000, 0xffff_8000, 0)).toBe(1000);
  });

  test.each([
    ['no SR was received', 0x1_0000, 0, 0],
    ['it would be negative', 0x1_0000, 0x1_0000, 1],
    ['it would be over a minute', 61 * 65_536 + 1, 1, 0],
  ])('undefined when %s', (_, now, lsr, dlsr) => {
    expect(roundTripTimeMs(now, lsr, dlsr)).toBeUndefined();
  });
});
