/** Good tokens are accepted; 200 hostile ones are not, each with the explanation Jitsi's apps know. */
import { createHash, createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Clock } from '@conclave/base';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TokenRules } from '../core/token-rules.ts';
import { PublicKeys } from './public-keys.ts';
import { signToken } from './sign-token.ts';
import { TokenVerifier } from './token-verifier.ts';

const SECRET = 'my_jitsi_app_secret';
const NOW_S = 1_790_000_000;
let nowMs = 1_000;
const clock: Clock = { nowMs: () => nowMs, wallMs: () => NOW_S * 1000 };

const rules: TokenRules = {
  issuers: ['my_jitsi_app_id'],
  audiences: ['jitsi', 'team-*'],
  allowEmpty: false,
  verifyDomain: false,
  mucDomain: 'muc.meet.jitsi',
  leewayS: 10,
};
const good = {
  iss: 'my_jitsi_app_id',
  aud: 'jitsi',
  sub: 'meet.jitsi',
  room: '*',
  exp: NOW_S + 60,
};

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const otherRsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const ed = generateKeyPairSync('ed25519');
const rsaPem = rsa.publicKey.export({ type: 'spki', format: 'pem' }).toString();

const encode = (value: unknown) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

/** A token made by hand, so that it can be wrong in any way. */
function forge(header: unknown, claims: unknown, signWith: (input: string) => Buffer): string {
  const input = `${encode(header)}.${encode(claims)}`;
  return `${input}.${signWith(input).toString('base64url')}`;
}
const hmac =
  (secret: string, hash = 'sha256') =>
  (input: string) =>
    createHmac(hash, secret).update(input).digest();
const rsaSign =
  (key: KeyObject, hash = 'sha256') =>
  (input: string) =>
    sign(hash, Buffer.from(input), key);
const ecSign = (input: string) =>
  sign('sha256', Buffer.from(input), { key: ec.privateKey, dsaEncoding: 'ieee-p1363' });
const edSign = (input: string) => sign(null, Buffer.from(input), ed.privateKey);
const HS = { alg: 'HS256', typ: 'JWT' };

let server: Server;
let base = '';
let requests: string[] = [];
const nameOf = (kid: string) => `/asap/${createHash('sha256').update(kid).digest('hex')}.pem`;

beforeAll(async () => {
  const pem = (key: KeyObject) => key.export({ type: 'spki', format: 'pem' }).toString();
  const documents = new Map<string, string>([
    [nameOf('rsa'), rsaPem],
    [nameOf('ec'), pem(ec.publicKey)],
    [nameOf('ed'), pem(ed.publicKey)],
    [nameOf('private'), rsa.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()],
    [nameOf('garbage'), '-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n'],
    [nameOf('huge'), rsaPem + '\n'.repeat(10_000_000)],
    [
      '/jwks.json',
      JSON.stringify({
        keys: [
          { ...rsa.publicKey.export({ format: 'jwk' }), kid: 'set-rsa', use: 'sig' },
          { ...otherRsa.publicKey.export({ format: 'jwk' }), kid: 'set-enc', use: 'enc' },
          { kty: 'oct', k: encode('secret'), kid: 'set-oct' },
        ],
      }),
    ],
    ['/map.json', JSON.stringify({ 'map-rsa': rsaPem })],
  ]);
  server = createServer((request, response) => {
    requests.push(request.url ?? '');
    if (request.url === nameOf('slow')) return;
    if (request.url === nameOf('redirect')) {
      response.writeHead(302, { location: nameOf('rsa') }).end();
      return;
    }
    if (request.url === nameOf('broken')) {
      response.writeHead(500).end(rsaPem);
      return;
    }
    const document = documents.get(request.url ?? '');
    response.writeHead(document === undefined ? 404 : 200).end(document ?? 'no such key');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

function keys(keyServer?: string, keySet?: string): PublicKeys {
  return new PublicKeys(clock, { keyServer, keySet, timeoutMs: 200 });
}
const withSecret = (changes: Partial<TokenRules> = {}, secrets = [SECRET]) =>
  new TokenVerifier(clock, { ...rules, ...changes }, secrets, keys());
const withServer = (keyServer = `${base}/asap`) =>
  new TokenVerifier(clock, rules, [], keys(keyServer));

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
    requests = [];
    const verifier = withServer();
    const tokens = [
      forge({ alg: 'RS256', typ: 'JWT', kid: 'rsa' }, good, rsaSign(rsa.privateKey)),
      forge({ alg: 'RS512', typ: 'JWT', kid: 'rsa' }, good, rsaSign(rsa.privateKey, 'sha512')),
      forge({ alg: 'ES256', typ: 'JWT', kid: 'ec' }, good, ecSign),
      forge({ alg: 'EdDSA', typ: 'JWT', kid: 'ed' }, good, edSign),
    ];
    const verdicts = await Promise.all([...tokens, ...tokens].map((t) => verifier.verify(t)));
    expect(verdicts.map(({ failure }) => failure)).toEqual(Array(8).fill(undefined));
    expect(requests.sort()).toEqual([nameOf('rsa'), nameOf('ec'), nameOf('ed')].sort());

    for (const [url, kid] of [
      ['/jwks.json', 'set-rsa'],
      ['/map.json', 'map-rsa'],
    ] as const) {
      const set = new TokenVerifier(clock, rules, [], keys(undefined, base + url));
      const token = forge({ alg: 'RS256', typ: 'JWT', kid }, good, rsaSign(rsa.privateKey));
      expect((await set.verify(token)).failure).toBeUndefined();
    }
  });
});

interface Hostile {
  readonly name: string;
  readonly token: string;
  readonly text: RegExp;
  readonly by?: 'server' | 'domain';
}

function hostileTokens(): Hostile[] {
  const list: Hostile[] = [];
  const add = (name: string, token: string, text: RegExp | string, by?: Hostile['by']) =>
    list.push({
      name,
      token,
      text: typeof text === 'string' ? new RegExp(`^${text}$`) : text,
      ...(by !== undefined && { by }),
    });
  const valid = forge(HS, good, hmac(SECRET));
  const [header = '', claims = '', signature = ''] = valid.split('.');

  // Form
  for (const token of ['', '.', '..', '...', 'a', 'a.b', 'a.b.c.d', `${header}.${claims}`]) {
    add(`form ${token.slice(0, 12)}`, token, /^Invalid (token|header)$/);
  }
  add('no signature', `${header}.${claims}.`, 'Invalid token');
  add('huge', `${header}.${encode('x'.repeat(20_000))}.${signature}`, 'Invalid token');
  add('white space', `${header}.${claims}.${signature} `, 'Invalid token');
  add('bad base64 in the header', `${header}*.${claims}.${signature}`, 'Invalid header');
  add('bad base64 in the claims', `${header}.${claims}=.${signature}`, 'Invalid body');
  add('bad base64 in the signature', `${header}.${claims}.${signature}+`, 'Invalid token');
  const notObjects = ['', '""', '1', 'null', '[]', '[{}]', '{', '{}}', 'true', '{"a":1,}', '\xff'];
  for (const text of notObjects) {
    add(`header ${text}`, forge(text, good, hmac(SECRET)), /^Invalid (token|header)$/);
    add(`claims ${text}`, forge(HS, text, hmac(SECRET)), /^Invalid (token|body)$/);
  }
  add(
    'invalid UTF-8',
    `${Buffer.from([0x7b, 0xff, 0x7d]).toString('base64url')}.${claims}.${signature}`,
    'Invalid header',
  );
  add('deep', forge(HS, `${'['.repeat(4000)}${']'.repeat(4000)}`, hmac(SECRET)), 'Invalid body');

  // Algorithms
  for (const alg of [
    'none',
    'None',
    'NONE',
    'nOnE',
    'HS1',
    'hs256',
    'HS256 ',
    '',
    'A128KW',
    'dir',
  ]) {
    add(`alg ${alg}`, forge({ ...HS, alg }, good, hmac(SECRET)), 'Algorithm not supported');
    add(
      `alg ${alg}, key server`,
      forge({ ...HS, alg, kid: 'rsa' }, good, hmac(rsaPem)),
      'Algorithm not supported',
      'server',
    );
  }
  for (const alg of [null, 1, {}, ['HS256'], true]) {
    add(
      `alg ${JSON.stringify(alg)}`,
      forge({ ...HS, alg }, good, hmac(SECRET)),
      'Algorithm not supported',
    );
  }
  add('no alg', forge({ typ: 'JWT' }, good, hmac(SECRET)), "'alg' claim is missing");
  for (const alg of ['RS256', 'PS256', 'ES256', 'EdDSA']) {
    add(
      `${alg} without keys`,
      forge({ ...HS, alg, kid: 'rsa' }, good, rsaSign(rsa.privateKey)),
      'Invalid or incorrect alg',
    );
  }
  for (const [alg, hash] of [
    ['HS256', 'sha256'],
    ['HS384', 'sha384'],
    ['HS512', 'sha512'],
  ] as const) {
    for (const secret of [
      rsaPem,
      rsaPem.trim(),
      rsa.publicKey.export({ type: 'pkcs1', format: 'pem' }).toString(),
    ]) {
      add(
        `${alg} signed with the public key`,
        forge({ alg, typ: 'JWT', kid: 'rsa' }, good, hmac(secret, hash)),
        "'kid' claim only support with RS family",
        'server',
      );
    }
    add(
      `${alg} without kid`,
      forge({ alg, typ: 'JWT' }, good, hmac(rsaPem, hash)),
      "'kid' claim is missing",
      'server',
    );
    add(
      `${alg} with another hash`,
      forge({ alg, typ: 'JWT' }, good, hmac(SECRET, 'md5')),
      'Invalid signature',
    );
    add(
      `${alg} with another secret`,
      forge({ alg, typ: 'JWT' }, good, hmac(`${SECRET}x`, hash)),
      'Invalid signature',
    );
  }
  for (const typ of [undefined, null, 'jwt', 'JWS', '', 1]) {
    add(`typ ${typ}`, forge({ alg: 'HS256', typ }, good, hmac(SECRET)), 'Invalid typ');
  }

  // Signatures
  for (let i = 0; i < 10; i++) {
    const bytes = Buffer.from(signature, 'base64url');
    bytes[i * 3] = (bytes[i * 3] ?? 0) ^ 1;
    add(`bit ${i}`, `${header}.${claims}.${bytes.toString('base64url')}`, 'Invalid signature');
    add(`cut to ${i + 1}`, `${header}.${claims}.${signature.slice(0, i + 1)}`, 'Invalid signature');
  }
  add(
    'claims exchanged',
    `${header}.${encode({ ...good, room: 'other' })}.${signature}`,
    'Invalid signature',
  );
  add('empty secret', forge(HS, good, hmac('')), 'Invalid signature');
  add(
    'critical extension',
    forge({ ...HS, crit: ['exp'], exp: 1 }, good, hmac(SECRET)),
    'Invalid header',
  );
  add(
    'unencoded payload',
    forge({ ...HS, crit: ['b64'], b64: false }, good, hmac(SECRET)),
    'Invalid header',
  );
  for (const extra of [
    { jwk: rsa.publicKey.export({ format: 'jwk' }) },
    { jku: 'http://evil.example/' },
    { x5u: 'http://evil.example/' },
    { x5c: ['AAAA'] },
  ]) {
    const own = { alg: 'RS256', typ: 'JWT', kid: 'rsa', ...extra };
    add(
      `own key ${Object.keys(extra)[0]}`,
      forge(own, good, rsaSign(otherRsa.privateKey)),
      'Invalid signature',
      'server',
    );
  }

  // Claims
  const claim = (name: string, changes: object, text: RegExp | string, by?: Hostile['by']) =>
    add(
      `${name} ${JSON.stringify(changes)}`,
      forge(HS, { ...good, ...changes }, hmac(SECRET)),
      text,
      by,
    );
  for (const exp of [NOW_S - 10, NOW_S - 61, 0, -1, 1]) {
    claim('ended', { exp }, /^Not acceptable by exp \(\d+ sec since expired\)$/);
  }
  claim(
    'ended',
    { exp: NOW_S - 60, nbf: NOW_S - 120 },
    /^Not acceptable by exp \(60 sec since expired\), valid for:60 sec$/,
  );
  for (const value of ['1', '', null, true, [], {}, [NOW_S + 60], `${NOW_S + 60}`]) {
    claim('end', { exp: value }, 'exp must be number');
    claim('begin', { nbf: value }, 'nbf must be number');
  }
  for (const nbf of [NOW_S + 11, NOW_S * 1000, 1e300])
    claim('later', { nbf }, 'Not acceptable by nbf');
  for (const name of ['iss', 'aud'] as const) {
    claim('without', { [name]: undefined }, `'${name}' claim is missing`);
    for (const value of [
      '',
      'other',
      'JITSI',
      'my_jitsi_app_id ',
      ' jitsi',
      null,
      1,
      {},
      [],
      ['other'],
      [['jitsi']],
      '*',
      'team',
    ]) {
      claim('wrong', { [name]: value }, `invalid '${name}' claim`);
    }
  }
  for (const room of [undefined, null, 1, {}, ['*']])
    claim('room', { room }, 'room claim is missing');
  for (const sub of [undefined, null, 1, {}])
    claim('sub', { sub }, 'sub claim is missing', 'domain');
  claim(
    'hidden',
    { iss: undefined, context: { iss: 'my_jitsi_app_id' } },
    "'iss' claim is missing",
  );
  add(
    '__proto__',
    forge(HS, `{"__proto__":${JSON.stringify(good)}}`, hmac(SECRET)),
    "'iss' claim is missing",
  );
  add(
    'the last of two counts',
    forge(HS, `${JSON.stringify(good).slice(0, -1)},"iss":"other"}`, hmac(SECRET)),
    "invalid 'iss' claim",
  );

  // Keys by name
  const named = (kid: unknown, text: RegExp | string) =>
    add(
      `kid ${JSON.stringify(kid)}`,
      forge({ alg: 'RS256', typ: 'JWT', kid }, good, rsaSign(rsa.privateKey)),
      text,
      'server',
    );
  for (const kid of [undefined, null, '', 1, {}, ['rsa'], 'x'.repeat(2000)])
    named(kid, "'kid' claim is missing");
  for (const kid of [
    '../rsa',
    '/etc/passwd',
    'http://127.0.0.1:1/',
    'rsa.pem',
    'RSA',
    'rsa\0',
    'rsa\r\nx: y',
    '?',
    '#',
    '%2e%2e',
    '__proto__',
    'constructor',
    "' OR 1=1",
    'private',
    'garbage',
    'huge',
    'slow',
    'redirect',
    'broken',
  ]) {
    named(kid, 'could not obtain public key');
  }
  for (const kid of ['ec', 'ed']) named(kid, 'Invalid signature');
  add(
    'another RSA key',
    forge({ alg: 'RS256', typ: 'JWT', kid: 'rsa' }, good, rsaSign(otherRsa.privateKey)),
    'Invalid signature',
    'server',
  );
  return list;
}

describe('hostile tokens', () => {
  test('none of them is accepted, and each is told why', async () => {
    const tokens = hostileTokens();
    expect(tokens.length).toBeGreaterThanOrEqual(200);
    expect(new Set(tokens.map(({ token }) => token)).size).toBeGreaterThanOrEqual(195);
    requests = [];
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
    expect(requests.filter((url) => !/^\/asap\/[0-9a-f]{64}\.pem$/.test(url))).toEqual([]);
  });

  test('the claims missing for a sentence are not-authorized, everything else not-allowed', async () => {
    const { room: _, ...noRoom } = good;
    const verdict = await withSecret().verify(forge(HS, noRoom, hmac(SECRET)));
    expect(verdict.failure?.condition).toBe('not-authorized');
  });
});

describe('a key server in trouble', () => {
  test('a set is not fetched for each unknown name', async () => {
    requests = [];
    const set = keys(undefined, `${base}/jwks.json`);
    for (const kid of ['a', 'b', 'c', 'set-enc', 'set-oct']) {
      const answer = await set.find(kid);
      if (kid === 'set-oct') expect(answer.type).not.toBe('key');
      expect(answer.type).not.toBe('unavailable');
    }
    expect(requests).toEqual(['/jwks.json']);
  });

  test('a flood of names is cut off, and leaves known keys alone', async () => {
    nowMs += 60_000;
    const source = keys(`${base}/asap`);
    expect((await source.find('rsa')).type).toBe('key');
    requests = [];
    for (let i = 0; i < 200; i++) await source.find(`flood-${i}`);
    expect(requests.length).toBeLessThanOrEqual(32);
    expect(await source.find('flood-199')).toMatchObject({ type: 'unavailable' });
    expect((await source.find('rsa')).type).toBe('key');
  });

  test('down: said so, and tried again soon', async () => {
    const source = keys('http://127.0.0.1:1/asap');
    const answer = await source.find('rsa');
    expect(answer).toMatchObject({ type: 'unavailable' });
  });
});
