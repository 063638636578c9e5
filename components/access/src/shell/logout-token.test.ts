import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { KeysUnavailableError, LogoutTokens } from './logout-token.ts';

const NOW_S = 1_790_000_000;
const ISSUER = 'https://login.example.com';
const EVENT = 'http://schemas.openid.net/event/backchannel-logout';
const GOOD = {
  iss: ISSUER,
  aud: 'conclave',
  iat: NOW_S,
  jti: 'a',
  sub: 'ada',
  events: { [EVENT]: {} },
};

let server: Server;
let tokens: LogoutTokens;
let key: CryptoKey;
let strangersKey: CryptoKey;
beforeAll(async () => {
  const pair = await generateKeyPair('RS256');
  key = pair.privateKey;
  strangersKey = (await generateKeyPair('RS256')).privateKey;
  const jwk = { ...(await exportJWK(pair.publicKey)), kid: '1', use: 'sig' };
  server = createServer((_, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ keys: [jwk] }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  tokens = new LogoutTokens({
    issuer: ISSUER,
    clientId: 'conclave',
    keySetUrl: new URL(`http://127.0.0.1:${port}/`),
    timeoutMs: 1_000,
    clockToleranceS: 30,
    fetch: (url, init) => fetch(url, init),
  });
});
afterAll(() => server.close());

function sign(claims: object, signer: CryptoKey = key): Promise<string> {
  return new SignJWT({ ...claims })
    .setProtectedHeader({ alg: 'RS256', kid: '1', typ: 'logout+jwt' })
    .sign(signer);
}
const read = async (token: string) => tokens.read(token, NOW_S * 1000);

test('tells who has logged out, everywhere or of one session', async () => {
  const everywhere = { login: { subject: 'ada' }, atS: NOW_S };
  expect(await read(await sign(GOOD))).toEqual(everywhere);
  const { sub: _, ...nobody } = GOOD;
  const session = { login: { session: 's1' }, atS: NOW_S };
  expect(await read(await sign({ ...nobody, sid: 's1' }))).toEqual(session);
});

describe('refused', () => {
  test.each<[string, object]>([
    ['of another issuer', { iss: 'https://evil.example' }],
    ['for another client', { aud: 'portal' }],
    ['old', { iat: NOW_S - 3_600 }],
    ['of the future', { iat: NOW_S + 3_600 }],
    ['expired', { exp: NOW_S - 60 }],
    ['without a time', { iat: undefined }],
    ['without an id', { jti: undefined }],
    ['without events', { events: undefined }],
    ['of another event', { events: { 'https://example.com/other': {} } }],
    ['with an event that is no object', { events: { [EVENT]: true } }],
    ['with events that are a text', { events: EVENT }],
    ['an ID token', { nonce: 'n' }],
    ['of nobody', { sub: undefined }],
    ['of somebody without a name', { sub: '' }],
    ['of a number', { sub: 5 }],
  ])('one that is %s', async (_, change) => {
    const token = await sign({ ...GOOD, ...change });
    await expect(read(token)).rejects.toThrow();
  });

  test('forged ones', async () => {
    const good = await sign(GOOD);
    const [header, payload, signature] = good.split('.');
    const none = Buffer.from('{"alg":"none"}').toString('base64url');
    const other = Buffer.from(JSON.stringify({ ...GOOD, sub: 'ben' })).toString('base64url');
    const forged = [
      await sign(GOOD, strangersKey),
      `${none}.${payload}.`,
      `${header}.${other}.${signature}`,
      `${header}.${payload}`,
      '',
      'a.b.c',
    ];
    for (const token of forged) await expect(read(token)).rejects.toThrow();
  });
});

describe('when the keys cannot be had nobody can tell', () => {
  const withFetch = (fetch: () => Promise<Response>) =>
    new LogoutTokens({
      issuer: ISSUER,
      clientId: 'conclave',
      keySetUrl: new URL('http://127.0.0.1:1/'),
      timeoutMs: 1_000,
      clockToleranceS: 30,
      fetch,
    });
  const json =
    (text: string, status = 200) =>
    async () =>
      new Response(text, { status });

  test.each<[string, () => Promise<Response>]>([
    ['nobody answers', () => Promise.reject(new TypeError('fetch failed'))],
    ['an error is answered', json('{}', 503)],
    ['it is no JSON', json('<html>')],
    ['it is no key set', json('[]')],
  ])('%s', async (_, fetch) => {
    const token = await sign(GOOD);
    await expect(withFetch(fetch).read(token, NOW_S * 1000)).rejects.toThrow(KeysUnavailableError);
  });

  test('but a key that is not among them is a token that is not good', async () => {
    const token = await sign(GOOD);
    const read = withFetch(json('{"keys":[]}')).read(token, NOW_S * 1000);
    await expect(read).rejects.not.toThrow(KeysUnavailableError);
  });
});
