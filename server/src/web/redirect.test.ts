import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { redirectLocation } from './redirect.ts';

const options = { publicUrl: undefined, httpsPort: 8443 };

describe('redirectLocation', () => {
  test.each([
    ['localhost:8000', '/standup?x=1', 'https://localhost:8443/standup?x=1'],
    ['[::1]:8000', '/', 'https://[::1]:8443/'],
    ['192.0.2.1', '/a/b', 'https://192.0.2.1:8443/a/b'],
    ['localhost', '//evil.example/', 'https://localhost:8443/'],
    ['localhost', 'http://evil.example/', 'https://localhost:8443/'],
    ['localhost', undefined, 'https://localhost:8443/'],
  ])('Host %s and %s lead to %s', (host, url, location) => {
    expect(redirectLocation(options, host, url)).toBe(location);
  });

  test('leaves out the default port', () => {
    expect(redirectLocation({ ...options, httpsPort: 443 }, 'localhost', '/x')).toBe(
      'https://localhost/x',
    );
  });

  test('uses PUBLIC_URL whatever the client calls us', () => {
    const publicUrl = new URL('https://meet.example.com');
    expect(redirectLocation({ ...options, publicUrl }, 'other.example', '/x')).toBe(
      'https://meet.example.com/x',
    );
  });

  test.each([undefined, 'evil example', 'a/b'])('goes nowhere for the Host %j', (host) => {
    expect(redirectLocation(options, host, '/')).toBeUndefined();
  });

  test('never leads to another host, whatever the target', () => {
    const targets = fc.oneof(
      fc.string(),
      fc
        .array(fc.constantFrom('/', '\\', '//', 'evil.example', '@', ':', '?', '#', '%2f', '.'), {
          maxLength: 8,
        })
        .map((p) => p.join('')),
    );
    fc.assert(
      fc.property(targets, (target) => {
        const location = redirectLocation(options, 'localhost', target) ?? '';
        expect(new URL(location).host).toBe('localhost:8443');
      }),
      { numRuns: 5000 },
    );
  });
});
