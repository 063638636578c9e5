/** Good tokens are accepted; 200 hostile ones are not, each with the explanation Jitsi's apps know. */
import type { Clock } from '@conclave/base';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TokenRules } from '../core/token-rules.ts';
import { PublicKeys } from './public-keys.ts';
import { signToken } from './sign-token.ts';
import {
  ecSign,
  edSign,
  forge,
  good,
  HS,
  hmac,
  NOW_S,
  rsa,
  rsaSign,
  rules,
  SECRET,
} from './testing/forge-token.ts';
import { hostileTokens } from './testing/hostile-tokens.ts';
import { KeyServer, nameOf } from './testing/key-server.ts';
import { TokenVerifier } from './token-verifier.ts';

let nowMs = 1_000;
const clock: Clock = { nowMs: () => nowMs, wallMs: () => NOW_S * 1000 };

let keyServer: KeyServer;
beforeAll(async () => {
  keyServer = await KeyServer.start();
});
afterAll(() => keyServer.close());

function keys(keyServer?: string, keySet?: string): PublicKeys {
  return new PublicKeys(clock, { keyServer, keySet, timeoutMs: 200 });
}
const withSecret = (changes: Partial<TokenRules> = {}, secrets = [SECRET]) =>
  new TokenVerifier(clock, { ...rules, ...changes }, secrets, keys());
const withServer = () => new TokenVerifier(clock, rules, [], keys(`${keyServer.base}/asap`));

describe('accepted', () => {
  test("the sample payload of docker-jitsi-meet's handbook, which has no end", async () => {
    const token = await signToken(
      {
        context: {
          user: {
            avatar: 'https://robohash.org/john-doe',
            name: 'John Doe',
            email: 'jdoe@example.com',
          },
        },
        aud: 'my_jitsi_app_id',
        iss: 'my_jitsi_app_id',
        sub: 'meet.jitsi',
        room: '*',
      },
      SECRET,
    );
    const verdict = await withSecret({ audiences: ['*'] }).verify(token);
    expect(verdict.failure).toBeUndefined();
    expect(verdict.claims).toMatchObject({ room: '*', sub: 'meet.jitsi' });
  });

  test.each([
    ['HS256', 'sha256'],
    ['HS384', 'sha384'],
    ['HS512', 'sha512'],
  ])('%s', async (alg, hash) => {
    const token = forge({ alg, typ: 'JWT' }, good, hmac(SECRET, hash));
    expect((await withSecret().verify(token)).failure).toBeUndefined();
  });

  test('either of two secrets while one is replaced', async () => {
    const verifier = withSecret({}, ['new secret', SECRET, '']);
    for (const secret of ['new secret', SECRET]) {
      expect((await verifier.verify(forge(HS, good, hmac(secret)))).failure).toBeUndefined();
    }
    const empty = await verifier.verify(forge(HS, good, hmac('\0')));
    expect(empty.failure?.text).toBe('Invalid signature');
  });

  test.each([
    [{ exp: NOW_S - 9 }],
    [{ nbf: NOW_S + 9 }],
    [{ aud: ['x', 'jitsi'] }],
    [{ aud: 'team-red' }],
  ])('%j is good enough', async (changes) => {
    const token = forge(HS, { ...good, ...changes }, hmac(SECRET));
    expect((await withSecret().verify(token)).failure).toBeUndefined();
  });

  test('keys of a key server, a key set and a map; each is fetched once', async () => {
    keyServer.requests.length = 0;
    const verifier = withServer();
    const tokens = [
      forge({ alg: 'RS256', typ: 'JWT', kid: 'rsa' }, good, rsaSign(rsa.privateKey)),
      forge({ alg: 'RS512', typ: 'JWT', kid: 'rsa' }, good, rsaSign(rsa.privateKey, 'sha512')),
      forge({ alg: 'ES256', typ: 'JWT', kid: 'ec' }, good, ecSign),
      forge({ alg: 'EdDSA', typ: 'JWT', kid: 'ed' }, good, edSign),
    ];
    const verdicts = await Promise.all([...tokens, ...tokens].map((t) => verifier.verify(t)));
    expect(verdicts.map(({ failure }) => failure)).toEqual(Array(8).fill(undefined));
    expect(keyServer.requests.sort()).toEqual([nameOf('rsa'), nameOf('ec'), nameOf('ed')].sort());

    for (const [url, kid] of [
      ['/jwks.json', 'set-rsa'],
      ['/map.json', 'map-rsa'],
    ] as const) {
      const set = new TokenVerifier(clock, rules, [], keys(undefined, keyServer.base + url));
      const token = forge({ alg: 'RS256', typ: 'JWT', kid }, good, rsaSign(rsa.privateKey));
      expect((await set.verify(token)).failure).toBeUndefined();
    }
  });
});

describe('hostile tokens', () => {
  test('none of them is accepted, and each is told why', async () => {
    const tokens = hostileTokens();
    expect(tokens.length).toBeGreaterThanOrEqual(200);
    expect(new Set(tokens.map(({ token }) => token)).size).toBeGreaterThanOrEqual(195);
    keyServer.requests.length = 0;
    const bySecret = withSecret();
    const byServer = withServer();
    const byDomain = withSecret({ verifyDomain: true });
    const wrong: string[] = [];
    for (const { name, token, text, by } of tokens) {
      nowMs += 1_000; // the pace at which keys may be looked for
      const verifier = by === 'server' ? byServer : by === 'domain' ? byDomain : bySecret;
      const { failure } = await verifier.verify(token);
      const explained = (await verifier.explain(token)).failure;
      if (failure === undefined || !text.test(failure.text) || explained?.text !== failure.text) {
        wrong.push(`${name}: expected ${text}, came ${failure?.text ?? 'ACCEPTED'}`);
      }
    }
    expect(wrong).toEqual([]);
    // A name cannot lead anywhere but to a file of its hash.
    expect(keyServer.requests.filter((url) => !/^\/asap\/[0-9a-f]{64}\.pem$/.test(url))).toEqual(
      [],
    );
  });

  test('the claims missing for a sentence are not-authorized, everything else not-allowed', async () => {
    const { room: _, ...noRoom } = good;
    const verdict = await withSecret().verify(forge(HS, noRoom, hmac(SECRET)));
    expect(verdict.failure?.condition).toBe('not-authorized');
  });
});
