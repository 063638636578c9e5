/** After a log-in people come back to this server, never to somebody else's. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { roomReturnPath, safeReturnPath } from './return-path.ts';

describe('safeReturnPath', () => {
  test.each([
    ['/', '/'],
    ['/daily', '/daily'],
    ['/school/daily?lang=de', '/school/daily?lang=de'],
    ['/r%C3%A4ume', '/r%C3%A4ume'],
    ['/daily?jwt=old&lang=de', '/daily?lang=de'],
    ['/a/../b', '/b'],
  ])('%s leads to %s', (wanted, path) => expect(safeReturnPath(wanted)).toBe(path));

  test.each([
    undefined,
    null,
    '',
    'daily',
    '//evil.example',
    '///evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    '/\t/evil.example',
    '/\n/evil.example',
    '/.//evil.example',
    '/a/..//evil.example',
    'https://evil.example',
    'https:evil.example',
    'javascript:alert(1)',
    '/login',
    '/login/oidc?return=/x',
    '/a\r\nSet-Cookie: b=c',
    `/${'a'.repeat(2000)}`,
  ])('%j leads to the first page', (wanted) => expect(safeReturnPath(wanted)).toBe('/'));

  test('whatever comes, the browser stays on this server', () => {
    const alphabet = ['/', '\\', '.', ':', '@', '?', '#', '%', '\t', '\n', 'a', '2f', '5c', 'http'];
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(fc.constantFrom(...alphabet)).map((parts) => `/${parts.join('')}`),
    );
    fc.assert(
      fc.property(text, (wanted) => {
        const path = safeReturnPath(wanted);
        expect(new URL(`${path}#jwt=x`, 'https://meet.example').origin).toBe(
          'https://meet.example',
        );
        expect(path).not.toMatch(/[\r\n]/);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('roomReturnPath', () => {
  test.each([
    ['daily', null, '/daily'],
    ['daily', '{"tenant":"school"}', '/school/daily'],
    [null, '{"room":"daily"}', '/daily'],
    ['../login', null, '/..%2Flogin'],
    ['//evil.example', null, '/%2F%2Fevil.example'],
    ['daily', '{"tenant":"/evil.example"}', '/%2Fevil.example/daily'],
    ['daily', 'no JSON', '/daily'],
    ['', null, '/'],
    [null, null, '/'],
  ])('room %j and state %j lead to %s', (room, state, path) =>
    expect(roomReturnPath(room, state)).toBe(path),
  );
});
