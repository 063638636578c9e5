import { describe, expect, test } from 'vitest';
import { AddressCounter } from './address-counter.ts';

describe('AddressCounter', () => {
  test('gives as many places as the limit, and one more after one came back', () => {
    const counter = new AddressCounter(2);
    const first = counter.take('192.0.2.1');
    counter.take('192.0.2.1');
    expect(counter.take('192.0.2.1')).toBeUndefined();
    first?.();
    first?.();
    expect(counter.take('192.0.2.1')).toBeDefined();
    expect(counter.take('192.0.2.1')).toBeUndefined();
  });

  test('other addresses are not affected', () => {
    const counter = new AddressCounter(1);
    counter.take('192.0.2.1');
    expect(counter.take('192.0.2.2')).toBeDefined();
  });

  test('0 means no limit', () => {
    const counter = new AddressCounter(0);
    for (let i = 0; i < 1000; i++) expect(counter.take('192.0.2.1')).toBeDefined();
  });

  test('forgets addresses that hold nothing', () => {
    const counter = new AddressCounter(5);
    counter.take('192.0.2.1')?.();
    expect(counter.size).toBe(0);
  });

  test.each([
    ['2001:db8:1:2::1', '2001:db8:1:2:ffff::9', true],
    ['2001:db8:1:2::1', '2001:db8:1:3::1', false],
    ['::1', '::2', true],
    ['2001:db8::1', '2001:0DB8:0:0:1::', true],
    ['::ffff:192.0.2.1', '192.0.2.1', true],
    ['fe80::1%eth0', 'fe80::2', true],
  ])('%s and %s count together: %s', (a, b, together) => {
    const counter = new AddressCounter(1);
    counter.take(a);
    expect(counter.take(b) === undefined).toBe(together);
  });
});
