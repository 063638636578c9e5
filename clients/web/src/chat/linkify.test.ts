import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { linkify } from './linkify.ts';

const links = (message: string) =>
  linkify(message).flatMap((part) => (part.type === 'link' ? [part.href] : []));

describe('linkify', () => {
  test.each([
    ['see https://example.org', ['https://example.org/']],
    ['https://example.org/a?b=1&c=2#d, and more', ['https://example.org/a?b=1&c=2#d']],
    ['(https://example.org/x)', ['https://example.org/x']],
    [
      'https://en.wikipedia.org/wiki/Conclave_(film).',
      ['https://en.wikipedia.org/wiki/Conclave_(film)'],
    ],
    ['Http://EXAMPLE.org/Path!', ['http://example.org/Path']],
    ['https://a.example https://b.example', ['https://a.example/', 'https://b.example/']],
    ['<a href="https://example.org">x</a>', ['https://example.org/']],
    ['http://[::1]:8080/x', ['http://[::1]:8080/x']],
  ])('finds the address in %j', (message, expected) => {
    expect(links(message)).toEqual(expected);
  });

  test.each([
    ['no address', 'hello'],
    ['another scheme', 'javascript:alert(1) data:text/html,x ftp://example.org file:///etc/passwd'],
    ['a disguised address', 'https://bank.example@evil.example/'],
    ['a scheme alone', 'https:// http://'],
    ['a word that only ends like a scheme', 'xhttps://example.org'],
  ])('leaves %s alone', (_, message) => {
    expect(linkify(message)).toEqual([{ type: 'text', text: message }]);
  });

  test('an address ends before characters that turn text around or hide', () => {
    expect(links('https://example.org/\u202Egpj.exe')).toEqual(['https://example.org/']);
    expect(links('https://example.org/\u200Bx')).toEqual(['https://example.org/']);
  });

  test('stops after fifty links', () => {
    expect(links('https://a.example '.repeat(60))).toHaveLength(50);
  });

  test('loses no character and makes no link but http and https, whatever it is given', () => {
    const piece = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('https://', 'http://a.b', '(', ')', '. ', 'javascript:', '@', '\n', '[]'),
    );
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const message = pieces.join('');
        const parts = linkify(message);
        expect(parts.map(({ text }) => text).join('')).toBe(message);
        for (const part of parts) {
          if (part.type === 'link') expect(part.href).toMatch(/^https?:\/\/[^/@]/);
        }
      }),
    );
  }, 30_000);
});
