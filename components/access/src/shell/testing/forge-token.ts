/** Tokens made by hand, so that they can be wrong in any way; keys of every kind. Only for tests. */
import { createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import type { TokenRules } from '../../core/token-rules.ts';

export const SECRET = 'my_jitsi_app_secret';
export const NOW_S = 1_790_000_000;
export const rules: TokenRules = {
  issuers: ['my_jitsi_app_id'],
  audiences: ['jitsi', 'team-*'],
  allowEmpty: false,
  verifyDomain: false,
  mucDomain: 'muc.meet.jitsi',
  leewayS: 10,
};
export const good = {
  iss: 'my_jitsi_app_id',
  aud: 'jitsi',
  sub: 'meet.jitsi',
  room: '*',
  exp: NOW_S + 60,
};

export const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
export const otherRsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
export const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
export const ed = generateKeyPairSync('ed25519');
export const rsaPem = rsa.publicKey.export({ type: 'spki', format: 'pem' }).toString();

export const encode = (value: unknown) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

/** A token made by hand, so that it can be wrong in any way. */
export function forge(
  header: unknown,
  claims: unknown,
  signWith: (input: string) => Buffer,
): string {
  const input = `${encode(header)}.${encode(claims)}`;
  return `${input}.${signWith(input).toString('base64url')}`;
}
export const hmac =
  (secret: string, hash = 'sha256') =>
  (input: string) =>
    createHmac(hash, secret).update(input).digest();
export const rsaSign =
  (key: KeyObject, hash = 'sha256') =>
  (input: string) =>
    sign(hash, Buffer.from(input), key);
export const ecSign = (input: string) =>
  sign('sha256', Buffer.from(input), { key: ec.privateKey, dsaEncoding: 'ieee-p1363' });
export const edSign = (input: string) => sign(null, Buffer.from(input), ed.privateKey);
export const HS = { alg: 'HS256', typ: 'JWT' };
