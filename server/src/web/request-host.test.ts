import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readHost, withoutPort } from './request-host.ts';

describe('readHost', () => {
  test.each([
    ['localhost', 'localhost'],
    ['LOCALHOST:8443', 'localhost:8443'],
    ['meet.example.com', 'meet.example.com'],
    ['192.0.2.1:8443', '192.0.2.1:8443'],
    ['[::1]:8443', '[::1]:8443'],
    ['a', 'a'],
  ])('takes %s', (header, host) => {
    expect(readHost(header)).toBe(host);
  });

  test.each([
    undefined,
    '',
    ' ',
    'a b',
    'evil.example/path',
    'evil.example"onload=',
    "x';alert(1)//",
    'user@host',
    'host:port',
    'host:123456',
    'host:99999',
    '-a.example',
    '[::1',
    '[zz]',
    '[::::]',
    'a..b',
    `${'a'.repeat(64)}.example`,
    `${'a.'.repeat(140)}b`,
    'host\r\nX: y',
  ])('refuses %j', (header) => {
    expect(readHost(header)).toBeUndefined();
  });

  test.each([
    ['localhost:8443', 'localhost'],
    ['localhost', 'localhost'],
    ['[::1]:8443', '[::1]'],
    ['[::1]', '[::1]'],
  ])('%s without port is %s', (host, name) => {
    expect(withoutPort(host)).toBe(name);
  });

  test('what it takes is safe in a URL, a header and a script, whatever comes', () => {
    const pieces = fc.constantFrom(
      'a',
      'example',
      '.',
      ':',
      '8443',
      '[',
      ']',
      '-',
      '"',
      '<',
      '\r\n',
      '/',
      '@',
      ' ',
      '%',
      '\u00e9',
    );
    const headers = fc.oneof(
      fc.string(),
      fc.array(pieces, { maxLength: 12 }).map((p) => p.join('')),
    );
    fc.assert(
      fc.property(headers, (header) => {
        const host = readHost(header);
        if (host === undefined) return;
        expect(host).toMatch(/^[a-z0-9.:[\]-]+$/);
        expect(new URL(`https://${host}/path`).pathname).toBe('/path');
      }),
      { numRuns: 5000 },
    );
  });
});
