import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bareOf, domainOf, Jid, normaliseNode, parseJid, resourceOf } from './jid.ts';

describe('addresses (RFC 7622)', () => {
  test.each([
    ['meet.jitsi', '', 'meet.jitsi', ''],
    ['daily@muc.meet.jitsi', 'daily', 'muc.meet.jitsi', ''],
    ['daily@muc.meet.jitsi/a1b2c3d4', 'daily', 'muc.meet.jitsi', 'a1b2c3d4'],
    ['caf%c3%a9@muc.meet.jitsi/x', 'caf%c3%a9', 'muc.meet.jitsi', 'x'],
    ['[tenant]room@muc.meet.jitsi', '[tenant]room', 'muc.meet.jitsi', ''],
    ['a@b/c/d@e', 'a', 'b', 'c/d@e'],
    ['DAILY@Muc.Meet.JITSI/KeepCase', 'daily', 'muc.meet.jitsi', 'KeepCase'],
    ['meet.jitsi.', '', 'meet.jitsi', ''],
    ['a@[2001:db8::1]/r', 'a', '[2001:db8::1]', 'r'],
    ['ünï@exämple.org', 'ünï', 'exämple.org', ''],
  ])('parses %s', (text, node, domain, resource) => {
    const jid = parseJid(text);
    expect(jid).toMatchObject({ node, domain, resource });
  });

  test.each([
    '',
    '@',
    '/',
    '@meet.jitsi',
    'a@',
    'a@/r',
    'meet.jitsi/',
    'a b@meet.jitsi',
    'a@meet jitsi',
    'a@@meet.jitsi',
    'a@b@c',
    '"a"@meet.jitsi',
    "a'@meet.jitsi",
    'a<b@meet.jitsi',
    'a&b@meet.jitsi',
    'a:b@meet.jitsi',
    '.meet.jitsi',
    'meet..jitsi',
    '..',
    'a@meet.jitsi/\u0000',
    'a@meet.jitsi/\ud800',
    'a\u0007@meet.jitsi',
  ])('refuses %j', (text) => {
    expect(parseJid(text)).toBeUndefined();
  });

  test.each([
    ['a', 1023, true],
    ['a', 1024, false],
    // Two bytes each.
    ['é', 511, true],
    ['é', 512, false],
  ])('parts of %s times %i: %s', (character, count, isValid) => {
    const part = character.repeat(count);
    expect(parseJid(`${part}@b`) !== undefined).toBe(isValid);
    expect(parseJid(`a@${part}`) !== undefined).toBe(isValid);
    expect(parseJid(`a@b/${part}`) !== undefined).toBe(isValid);
  });

  test('what was parsed is in its normal form', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), (text) => {
        const jid = parseJid(text);
        if (jid === undefined) return;
        expect(parseJid(jid.full)).toEqual(jid);
      }),
    );
  });

  test('bare and full forms, and other resources', () => {
    const jid = new Jid('a', 'b', 'c');
    expect([jid.bare, jid.full, `${jid}`, jid.isBare]).toEqual(['a@b', 'a@b/c', 'a@b/c', false]);
    expect(jid.withResource('').full).toBe('a@b');
    expect(jid.withResource('').isBare).toBe(true);
    expect(new Jid('', 'b').full).toBe('b');
  });

  test('splits addresses that were validated before', () => {
    expect([bareOf('a@b/c/d'), resourceOf('a@b/c/d'), domainOf('a@b/c@d')]).toEqual([
      'a@b',
      'c/d',
      'b',
    ]);
    expect([bareOf('b'), resourceOf('b'), domainOf('b')]).toEqual(['b', '', 'b']);
  });

  test('composes nodes, so that two spellings are one room', () => {
    expect(normaliseNode('Cafe\u0301')).toBe('café');
  });
});
