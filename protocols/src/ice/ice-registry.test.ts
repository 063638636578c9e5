import { describe, expect, test } from 'vitest';
import { StunWriter, Username } from '../stun/index.ts';
import { IceRegistry } from './ice-registry.ts';

const alpha = { localUfrag: 'alpha', transactionPrefix: 0x8000_0001 };
const beta = { localUfrag: 'beta', transactionPrefix: 2 };

function id(prefix: number): Uint8Array {
  const bytes = new Uint8Array(12).fill(9);
  new DataView(bytes.buffer).setUint32(0, prefix);
  return bytes;
}

function request(username: string): Uint8Array {
  return new StunWriter('request', 1, id(alpha.transactionPrefix)).add(Username, username).finish();
}

function registry(): IceRegistry<string> {
  const both = new IceRegistry<string>();
  expect(both.add(alpha, 'A')).toBe(true);
  expect(both.add(beta, 'B')).toBe(true);
  return both;
}

describe('IceRegistry', () => {
  test.each([
    ['alpha:x', 'A'],
    ['beta:x', 'B'],
    ['beta:', 'B'],
    ['gamma:x', undefined],
    ['alpha', undefined],
    ['', undefined],
    ['x:alpha', undefined],
  ])('a request for %j goes to %s, whatever its transaction id', (username, expected) => {
    expect(registry().find(request(username))).toBe(expected);
  });

  test.each(['success', 'error'] as const)('a %s response goes by transaction id', (kind) => {
    const both = registry();
    expect(both.find(new StunWriter(kind, 1, id(0x8000_0001)).finish())).toBe('A');
    expect(both.find(new StunWriter(kind, 1, id(2)).finish())).toBe('B');
    expect(both.find(new StunWriter(kind, 1, id(3)).finish())).toBeUndefined();
  });

  test('what is not STUN is for nobody', () => {
    const both = registry();
    expect(both.find(new Uint8Array(0))).toBeUndefined();
    expect(both.find(new Uint8Array(100).fill(0x80))).toBeUndefined();
    expect(both.find(new StunWriter('request', 1, id(2)).finish())).toBeUndefined();
  });

  test('names and prefixes are unique', () => {
    const both = registry();
    expect(both.add({ localUfrag: 'alpha', transactionPrefix: 7 }, 'C')).toBe(false);
    expect(both.add({ localUfrag: 'gamma', transactionPrefix: 2 }, 'C')).toBe(false);
    expect(both.size).toBe(2);
    expect(both.find(request('alpha:x'))).toBe('A');
    expect(both.find(request('gamma:x'))).toBeUndefined();
    both.remove(alpha);
    expect(both.find(request('alpha:x'))).toBeUndefined();
    expect(both.add({ localUfrag: 'alpha', transactionPrefix: 7 }, 'C')).toBe(true);
  });
});
