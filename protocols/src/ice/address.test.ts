import { isIPv6 } from 'node:net';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  ADDRESS_BYTES,
  addressFromText,
  addressIp,
  addressPort,
  addressToText,
  isSameAddress,
  isUnicast,
} from './address.ts';

describe('address records', () => {
  test('lay out as packet-io wants them: family, 0, port, 16 bytes', () => {
    expect(addressFromText('192.0.2.1', 0x1234)).toEqual(
      Uint8Array.of(4, 0, 0x12, 0x34, 192, 0, 2, 1, ...new Uint8Array(12)),
    );
    expect(addressFromText('2001:db8::1', 0x1234)).toEqual(
      Uint8Array.of(6, 0, 0x12, 0x34, 0x20, 1, 0x0d, 0xb8, ...new Uint8Array(11), 1),
    );
  });

  test.each([
    ['192.0.2.1', '192.0.2.1:9'],
    ['::', '[::]:9'],
    ['::1', '[::1]:9'],
    ['1::', '[1::]:9'],
    ['2001:DB8:0:0:1:0:0:1', '[2001:db8::1:0:0:1]:9'],
    ['2001:db8:0:1:1:1:1:1', '[2001:db8:0:1:1:1:1:1]:9'],
    ['2001:0:0:1:0:0:0:1', '[2001:0:0:1::1]:9'],
    ['64:ff9b::192.0.2.33', '[64:ff9b::c000:221]:9'],
    ['::ffff:192.0.2.1', '192.0.2.1:9'],
    ['::ffff:c000:201', '192.0.2.1:9'],
  ])('%s is written as %s (RFC 5952)', (ip, text) => {
    const record = addressFromText(ip, 9);
    expect(record && addressToText(record)).toBe(text);
  });

  test.each([
    '',
    '1.2.3',
    '1.2.3.4.5',
    '1.2.3.256',
    '1.2.3.04',
    '1.2.3.+4',
    ' 1.2.3.4',
    '1.2.3.4\n',
    'localhost',
    '4f1b2c7e-1111.local',
    ':',
    ':::',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7::8',
    '12345::',
    'g::',
    'fe80::1%eth0',
    '[::1]',
    '1.2.3.4::',
    '::1.2.3.4:5',
    '1:2:3:4:5:6:7:1.2.3.4',
  ])('%j is no address', (ip) => {
    expect(addressFromText(ip, 9)).toBeUndefined();
  });

  test.each([-1, 65_536, 1.5, Number.NaN])('%d is no port', (port) => {
    expect(addressFromText('192.0.2.1', port)).toBeUndefined();
  });

  test('text and record go back and forth', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), fc.nat(65_535), (ip, port) => {
        const record = addressFromText(ip, port);
        if (record === undefined) throw new Error(`refused ${ip}`);
        expect(record).toHaveLength(ADDRESS_BYTES);
        expect(addressPort(record)).toBe(port);
        const again = addressFromText(addressIp(record), port);
        expect(again && isSameAddress(again, record)).toBe(true);
      }),
    );
  });

  test('agrees with Node about what an IPv6 literal is', () => {
    const part = fc.constantFrom('0', '1', 'ffff', '10000', '', ':', '::', '1.2.3.4', 'x');
    fc.assert(
      fc.property(fc.array(part, { maxLength: 9 }), (parts) => {
        const text = parts.join(':');
        fc.pre(text.includes(':') && text.length <= 45);
        expect(addressFromText(text, 1) !== undefined).toBe(isIPv6(text));
      }),
      { numRuns: 2000 },
    );
  });

  test.each([
    ['10.0.0.1', 1, true],
    ['127.0.0.1', 65_535, true],
    ['223.255.255.255', 1, true],
    ['2001:db8::1', 1, true],
    ['::1', 1, true],
    ['10.0.0.1', 0, false],
    ['0.0.0.0', 1, false],
    ['0.1.2.3', 1, false],
    ['224.0.0.1', 1, false],
    ['255.255.255.255', 1, false],
    ['ff02::1', 1, false],
    ['::', 1, false],
  ])('%s port %i is unicast: %s', (ip, port, expected) => {
    expect(isUnicast(addressFromText(ip, port) ?? new Uint8Array(0))).toBe(expected);
  });

  test('a record of another family is nothing to send to', () => {
    expect(isUnicast(new Uint8Array(ADDRESS_BYTES).fill(1))).toBe(false);
  });
});
