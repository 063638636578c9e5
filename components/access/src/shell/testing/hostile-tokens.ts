/** Two hundred tokens that nobody may accept, each with the text it must be refused with. Only for tests. */
import {
  encode,
  forge,
  good,
  HS,
  hmac,
  NOW_S,
  otherRsa,
  rsa,
  rsaPem,
  rsaSign,
  SECRET,
} from './forge-token.ts';

export interface Hostile {
  readonly name: string;
  readonly token: string;
  readonly text: RegExp;
  readonly by?: 'server' | 'domain';
}

export function hostileTokens(): Hostile[] {
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
