import { createHash, createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  ErrorCode,
  IceControlled,
  IceControlling,
  isStun,
  Priority,
  parseStunMessage,
  readStunAttribute,
  Software,
  type StunClass,
  type StunCrypto,
  type StunMessage,
  StunWriter,
  shortTermKey,
  stunUsername,
  textAttribute,
  UnknownAttributes,
  UseCandidate,
  Username,
  unknownRequiredAttributes,
  verifyFingerprint,
  verifyIntegrity,
  XorMappedAddress,
  xorAddressAttribute,
} from './index.ts';
import {
  SAMPLE_IPV4_RESPONSE,
  SAMPLE_IPV6_RESPONSE,
  SAMPLE_LONG_TERM_REQUEST,
  SAMPLE_REQUEST,
} from './rfc5769-vectors.ts';

const crypto: StunCrypto = {
  hmacSha1: (key, data) => createHmac('sha1', key).update(data).digest(),
};
const key = shortTermKey('VOkJxbRl1RmTxUk/WvJxBt');
const id = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);

function parsed(bytes: Uint8Array): StunMessage {
  const message = parseStunMessage(bytes);
  if (message === undefined) throw new Error('does not parse');
  return message;
}

describe('the sample messages of RFC 5769', () => {
  test('request (§2.1)', () => {
    const message = parsed(SAMPLE_REQUEST);
    expect(message.messageClass).toBe('request');
    expect(message.method).toBe(1);
    expect(readStunAttribute(message, Software)).toBe('STUN test client');
    expect(readStunAttribute(message, Priority)).toBe(0x6e0001ff);
    expect(readStunAttribute(message, IceControlled)).toEqual(
      Uint8Array.of(0x93, 0x2f, 0xf9, 0xb1, 0x51, 0x26, 0x3b, 0x36),
    );
    expect(readStunAttribute(message, IceControlling)).toBeUndefined();
    expect(readStunAttribute(message, Username)).toBe('evtj:h6vY');
    expect(stunUsername(SAMPLE_REQUEST)).toBe('evtj:h6vY');
    expect(verifyIntegrity(message, key, crypto)).toBe(true);
    expect(verifyFingerprint(message)).toBe(true);
  });

  test.each([
    ['IPv4 (§2.2)', SAMPLE_IPV4_RESPONSE, 4, [192, 0, 2, 1]],
    [
      'IPv6 (§2.3)',
      SAMPLE_IPV6_RESPONSE,
      6,
      [0x20, 1, 0x0d, 0xb8, 0x12, 0x34, 0x56, 0x78, 0, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77],
    ],
  ])('response with %s', (_, bytes, family, ip) => {
    const message = parsed(bytes);
    expect(message.messageClass).toBe('success');
    expect(readStunAttribute(message, Software)).toBe('test vector');
    const address = readStunAttribute(message, XorMappedAddress);
    expect(address).toEqual({ family, port: 32853, bytes: Uint8Array.from(ip) });
    expect(verifyIntegrity(message, key, crypto)).toBe(true);
    expect(verifyFingerprint(message)).toBe(true);
  });

  test('request with long-term credentials (§2.4)', () => {
    const message = parsed(SAMPLE_LONG_TERM_REQUEST);
    const username = readStunAttribute(message, Username);
    expect(username).toBe('マトリックス');
    expect(stunUsername(SAMPLE_LONG_TERM_REQUEST)).toBeUndefined(); // not of ICE
    const longTermKey = createHash('md5').update(`${username}:example.org:TheMatrIX`).digest();
    expect(verifyIntegrity(message, longTermKey, crypto)).toBe(true);
    expect(message.fingerprintOffset).toBeUndefined();
    expect(verifyFingerprint(message)).toBe(false);
  });

  test('§2.4 written by us is the same but for FINGERPRINT', () => {
    const longTermKey = createHash('md5').update('マトリックス:example.org:TheMatrIX').digest();
    const bytes = new StunWriter('request', 1, parsed(SAMPLE_LONG_TERM_REQUEST).transactionId)
      .add(Username, 'マトリックス')
      .add(textAttribute(0x0015, 'NONCE', 763), 'f//499k954d6OL34oL9FSTvy64sA')
      .add(textAttribute(0x0014, 'REALM', 763), 'example.org')
      .finish({ key: longTermKey, crypto });
    const end = SAMPLE_LONG_TERM_REQUEST.length;
    expect(bytes.subarray(4, end)).toEqual(SAMPLE_LONG_TERM_REQUEST.subarray(4));
    expect(bytes.length).toBe(end + 8);
  });

  test('every flipped bit is noticed', () => {
    for (let bit = 0; bit < SAMPLE_REQUEST.length * 8; bit++) {
      const bytes = Uint8Array.from(SAMPLE_REQUEST);
      bytes[bit >>> 3] = (bytes[bit >>> 3] ?? 0) ^ (1 << (bit & 7));
      const message = parseStunMessage(bytes);
      const isAccepted = message !== undefined && verifyFingerprint(message);
      expect(isAccepted, `bit ${bit}`).toBe(false);
    }
  });

  test('integrity notices every flipped bit it covers, without the help of FINGERPRINT', () => {
    const end = parsed(SAMPLE_REQUEST).integrityOffset ?? 0;
    for (let bit = 8 * 8; bit < (end + 24) * 8; bit++) {
      const bytes = Uint8Array.from(SAMPLE_REQUEST);
      bytes[bit >>> 3] = (bytes[bit >>> 3] ?? 0) ^ (1 << (bit & 7));
      const message = parseStunMessage(bytes);
      const isAccepted = message !== undefined && verifyIntegrity(message, key, crypto);
      expect(isAccepted, `bit ${bit}`).toBe(false);
    }
  });

  test('verifying leaves a Node Buffer as it was', () => {
    const buffer = Buffer.from(SAMPLE_REQUEST);
    const message = parsed(buffer);
    expect(verifyIntegrity(message, key, crypto)).toBe(true);
    expect(verifyFingerprint(message)).toBe(true);
    expect(Uint8Array.from(buffer)).toEqual(SAMPLE_REQUEST);
    expect(readStunAttribute(message, IceControlled)?.buffer).not.toBe(buffer.buffer);
  });
});

describe('structure (RFC 8489 §5, §14)', () => {
  const good = new StunWriter('request', 1, id).add(Username, 'abc').finish({ key, crypto });

  test.each<[string, (bytes: Uint8Array) => Uint8Array]>([
    ['nothing', () => new Uint8Array(0)],
    ['half a header', (bytes) => bytes.subarray(0, 10)],
    ['a byte too few', (bytes) => bytes.subarray(0, bytes.length - 1)],
    ['four bytes too many', (bytes) => Uint8Array.from([...bytes, 0, 0, 0, 0])],
    ['one of the first two bits', (bytes) => changed(bytes, 0, 0x40)],
    ['another cookie', (bytes) => changed(bytes, 5, 0x13)],
    ['a length that is no multiple of four', (bytes) => changed(bytes, 3, (bytes[3] ?? 0) + 1)],
    ['an attribute longer than the message', (bytes) => changed(bytes, 22, 1)],
    ['MESSAGE-INTEGRITY of 16 bytes', (bytes) => changed(bytes, 31, 16)],
  ])('refuses %s', (_, change) => {
    expect(parseStunMessage(good)).toBeDefined();
    expect(parseStunMessage(change(good))).toBeUndefined();
  });

  test('refuses attributes behind FINGERPRINT (§14.7)', () => {
    const bytes = Uint8Array.from([...good, 0x80, 0x22, 0, 0]);
    bytes[3] = bytes.length - 20;
    expect(parseStunMessage(bytes)).toBeUndefined();
  });

  test('does not believe attributes behind MESSAGE-INTEGRITY (§14.5)', () => {
    const end = (parsed(good).integrityOffset ?? 0) + 24;
    const bytes = Uint8Array.from([...good.subarray(0, end), 0x00, 0x25, 0, 0]);
    bytes[3] = bytes.length - 20;
    const message = parsed(bytes);
    expect(verifyIntegrity(message, key, crypto)).toBe(true);
    expect(readStunAttribute(message, UseCandidate)).toBeUndefined();
  });

  test('takes the first of two equal attributes (§14)', () => {
    const message = parsed(
      new StunWriter('request', 1, id).add(Username, 'first').add(Username, 'second').finish(),
    );
    expect(readStunAttribute(message, Username)).toBe('first');
  });

  test('refuses more than 32 attributes', () => {
    const writer = new StunWriter('request', 1, id);
    for (let i = 0; i < 31; i++) writer.add(UseCandidate, true);
    expect(parseStunMessage(writer.finish())).toBeDefined(); // with FINGERPRINT 32
    const more = new StunWriter('request', 1, id);
    for (let i = 0; i < 32; i++) more.add(UseCandidate, true);
    expect(parseStunMessage(more.finish())).toBeUndefined();
  });

  test.each<[StunClass, number, number]>([
    ['request', 0x001, 0x0001],
    ['indication', 0x001, 0x0011],
    ['success', 0x001, 0x0101],
    ['error', 0x001, 0x0111],
    ['request', 0x003, 0x0003], // TURN Allocate
    ['indication', 0x007, 0x0017], // TURN Data
    ['error', 0xfff, 0x3fff],
  ])('%s of method %i has type %i', (messageClass, method, type) => {
    const bytes = new StunWriter(messageClass, method, id).finish();
    expect(((bytes[0] ?? 0) << 8) | (bytes[1] ?? 0)).toBe(type);
    expect(parsed(bytes)).toMatchObject({ messageClass, method });
  });

  test('lists what must be understood but is not (§6.3.1), each once', () => {
    const odd = textAttribute(0x7fff, 'ODD', 10);
    const optional = textAttribute(0xc057, 'OPTIONAL', 10);
    const message = parsed(
      new StunWriter('request', 1, id)
        .add(odd, 'x')
        .add(optional, 'x')
        .add(odd, 'y')
        .add(Username, 'abc')
        .finish(),
    );
    expect(unknownRequiredAttributes(message, new Set([Username.type]))).toEqual([0x7fff]);
  });

  test('without credentials there is no integrity', () => {
    const message = parsed(new StunWriter('request', 1, id).finish());
    expect(verifyIntegrity(message, key, crypto)).toBe(false);
    expect(verifyFingerprint(message)).toBe(true);
  });

  test('RTP and DTLS are not STUN', () => {
    expect(isStun(Uint8Array.from({ length: 40 }, () => 0x80))).toBe(false);
    expect(isStun(Uint8Array.from({ length: 40 }, () => 22))).toBe(false);
    expect(stunUsername(Uint8Array.from({ length: 40 }, () => 22))).toBeUndefined();
  });
});

describe('attributes', () => {
  test.each([
    ['USERNAME too long', Username, new Uint8Array(514)],
    ['USERNAME that is no UTF-8', Username, Uint8Array.of(0xff)],
    ['PRIORITY of 3 bytes', Priority, new Uint8Array(3)],
    ['PRIORITY of 5 bytes', Priority, new Uint8Array(5)],
    ['USE-CANDIDATE with a value', UseCandidate, new Uint8Array(1)],
    ['tie-breaker of 7 bytes', IceControlling, new Uint8Array(7)],
    ['address of family 0', XorMappedAddress, new Uint8Array(8)],
    ['IPv4 with 16 bytes', XorMappedAddress, Uint8Array.of(0, 1, ...new Uint8Array(18))],
    ['IPv6 with 4 bytes', XorMappedAddress, Uint8Array.of(0, 2, 0, 0, 0, 0, 0, 0)],
    ['empty address', XorMappedAddress, new Uint8Array(0)],
    ['error without class', ErrorCode, Uint8Array.of(0, 0, 2, 0)],
    ['error number 100', ErrorCode, Uint8Array.of(0, 0, 4, 100)],
    ['error of 3 bytes', ErrorCode, Uint8Array.of(0, 0, 4)],
    ['half an unknown attribute', UnknownAttributes, new Uint8Array(3)],
  ])('refuses %s', (_, attribute, value) => {
    expect(attribute.read(value, id)).toBeUndefined();
  });

  test('writing text that is too long is our bug', () => {
    expect(() => Username.write('x'.repeat(514), id)).toThrow(RangeError);
  });

  test.each([0, 1, 0x7fff, 0x8000, 0xfffe, 0xffff])('port %i survives', (port) => {
    const address = { family: 4, port, bytes: Uint8Array.of(255, 0, 1, 254) } as const;
    expect(XorMappedAddress.read(XorMappedAddress.write(address, id), id)).toEqual(address);
  });

  test('parse(write(x)) is x', () => {
    const ipv4 = fc.uint8Array({ minLength: 4, maxLength: 4 });
    const ipv6 = fc.uint8Array({ minLength: 16, maxLength: 16 });
    const address = fc.oneof(
      fc.record({ family: fc.constant(4 as const), port: fc.nat(65535), bytes: ipv4 }),
      fc.record({ family: fc.constant(6 as const), port: fc.nat(65535), bytes: ipv6 }),
    );
    const peerAddress = xorAddressAttribute(0x0012, 'XOR-PEER-ADDRESS');
    fc.assert(
      fc.property(
        fc.constantFrom<StunClass>('request', 'indication', 'success', 'error'),
        fc.nat(0xfff),
        fc.uint8Array({ minLength: 12, maxLength: 12 }),
        fc.string({ unit: 'grapheme', maxLength: 20 }),
        fc.nat(0xffff_ffff),
        address,
        fc.integer({ min: 300, max: 699 }),
        fc.array(fc.nat(0xffff), { maxLength: 10 }),
        fc.uint8Array({ minLength: 8, maxLength: 8 }),
        (messageClass, method, transactionId, text, number, where, code, types, tieBreaker) => {
          const message = parsed(
            new StunWriter(messageClass, method, transactionId)
              .add(Username, text)
              .add(Priority, number)
              .add(XorMappedAddress, where)
              .add(peerAddress, where)
              .add(ErrorCode, { code, reason: text })
              .add(UnknownAttributes, types)
              .add(IceControlling, tieBreaker)
              .add(UseCandidate, true)
              .finish({ key, crypto }),
          );
          expect(message).toMatchObject({ messageClass, method });
          expect(message.transactionId).toEqual(transactionId);
          expect(readStunAttribute(message, Username)).toBe(text);
          expect(readStunAttribute(message, Priority)).toBe(number);
          expect(readStunAttribute(message, XorMappedAddress)).toEqual(where);
          expect(readStunAttribute(message, peerAddress)).toEqual(where);
          expect(readStunAttribute(message, ErrorCode)).toEqual({ code, reason: text });
          expect(readStunAttribute(message, UnknownAttributes)).toEqual(types);
          expect(readStunAttribute(message, IceControlling)).toEqual(tieBreaker);
          expect(readStunAttribute(message, UseCandidate)).toBe(true);
          expect(verifyIntegrity(message, key, crypto)).toBe(true);
          expect(verifyIntegrity(message, shortTermKey('wrong'), crypto)).toBe(false);
          expect(verifyFingerprint(message)).toBe(true);
        },
      ),
    );
  });
});

function changed(bytes: Uint8Array, index: number, value: number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy[index] = value;
  return copy;
}
