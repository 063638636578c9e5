/**
 * The checks of a token in their order, each with what was expected and what came: one list serves
 * the decision, the log and `conclave token explain`. Texts are Jitsi's, because apps match on them
 * (docs: protocol-signaling 5.2).
 */
import type { JsonObject } from './decode-token.ts';
import { matchesPattern, type TokenRules } from './token-rules.ts';

export interface TokenCheck {
  /** `exp`, `iss`, `signature` … */
  readonly subject: string;
  readonly expected: string;
  readonly got: string;
  /** Absent: passed. */
  readonly failure?: TokenFailure;
}

export interface TokenFailure {
  readonly condition: 'not-allowed' | 'not-authorized' | 'temporary-auth-failure';
  readonly text: string;
}

export const SECRET_ALGORITHMS: readonly string[] = ['HS256', 'HS384', 'HS512'];
export const PUBLIC_KEY_ALGORITHMS: readonly string[] = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
];

/** `hs512` means HS512; undefined for what is no algorithm. */
export function algorithmNamed(name: string): string | undefined {
  const all = [...SECRET_ALGORITHMS, ...PUBLIC_KEY_ALGORITHMS];
  return all.find((known) => known.toLowerCase() === name.toLowerCase());
}

/** What there is to verify with. */
export interface KeyKinds {
  readonly hasSecret: boolean;
  readonly hasKeyServer: boolean;
  /** The only algorithm; undefined: all that there are keys for. */
  readonly algorithm?: string | undefined;
}

export function failed(text: string, condition: TokenFailure['condition'] = 'not-allowed') {
  return { failure: { condition, text } } as const;
}

/** Times in messages are whole seconds; values are cut, so that a log line stays a line. */
export function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = JSON.stringify(value);
  return text.length > 120 ? `${text.slice(0, 120)}…` : text;
}

export function checkHeader(header: JsonObject, keys: KeyKinds): TokenCheck[] {
  const { alg, kid, typ, crit } = header;
  const allowed = [
    ...(keys.hasSecret ? SECRET_ALGORITHMS : []),
    ...(keys.hasKeyServer ? PUBLIC_KEY_ALGORITHMS : []),
  ].filter((one) => keys.algorithm === undefined || one === keys.algorithm);
  const isPublic = typeof alg === 'string' && PUBLIC_KEY_ALGORITHMS.includes(alg);
  const isKnown = isPublic || (typeof alg === 'string' && SECRET_ALGORITHMS.includes(alg));
  const algFailure = () => {
    if (alg === undefined) return failed("'alg' claim is missing");
    if (!isKnown) return failed('Algorithm not supported');
    if (kid !== undefined && !isPublic && !keys.hasSecret) {
      return failed("'kid' claim only support with RS family");
    }
    return failed('Invalid or incorrect alg');
  };
  // Extensions that must be understood (RFC 7515 §4.1.11): none is.
  const extension =
    crit === undefined
      ? []
      : [{ subject: 'crit', expected: 'nothing', got: shown(crit), ...failed('Invalid header') }];
  const needsKid = isPublic || !keys.hasSecret;
  return [
    ...extension,
    {
      subject: 'typ',
      expected: '"JWT"',
      got: shown(typ),
      ...(typ !== 'JWT' && failed('Invalid typ')),
    },
    {
      subject: 'kid',
      expected: needsKid ? 'the name of a key' : 'nothing, or anything',
      got: shown(kid),
      ...(needsKid &&
        (typeof kid !== 'string' || kid === '' || kid.length > 1024) &&
        failed("'kid' claim is missing")),
    },
    {
      subject: 'alg',
      expected: `one of ${allowed.join(', ')}`,
      got: shown(alg),
      ...((typeof alg !== 'string' || !allowed.includes(alg)) && algFailure()),
    },
  ];
}

/** `nowS` is Unix time. */
export function checkClaims(claims: JsonObject, rules: TokenRules, nowS: number): TokenCheck[] {
  return [
    checkEnd(claims, rules, nowS),
    checkBegin(claims, rules, nowS),
    checkName('iss', claims.iss, rules.issuers),
    checkAudience(claims.aud, rules.audiences),
    {
      subject: 'room',
      expected: 'a room name or "*"',
      got: shown(claims.room),
      ...(typeof claims.room !== 'string' && failed('room claim is missing', 'not-authorized')),
    },
    {
      subject: 'sub',
      expected: rules.verifyDomain ? 'a tenant, a domain or "*"' : 'nothing, or anything',
      got: shown(claims.sub),
      ...(rules.verifyDomain &&
        typeof claims.sub !== 'string' &&
        failed('sub claim is missing', 'not-authorized')),
    },
  ];
}

function checkEnd(claims: JsonObject, { leewayS }: TokenRules, nowS: number): TokenCheck {
  const { exp } = claims;
  const check = { subject: 'exp', expected: `after ${atTime(nowS)}`, got: time(exp) };
  if (exp === undefined) return { ...check, expected: 'nothing (does not end), or a time' };
  if (!isTime(exp)) return { ...check, ...failed('exp must be number') };
  if (nowS < exp + leewayS) return check;
  const begin = isTime(claims.nbf) ? claims.nbf : isTime(claims.iat) ? claims.iat : undefined;
  const validFor = begin === undefined ? '' : `, valid for:${Math.floor(exp - begin)} sec`;
  return {
    ...check,
    ...failed(`Not acceptable by exp (${Math.floor(nowS - exp)} sec since expired)${validFor}`),
  };
}

function checkBegin(claims: JsonObject, { leewayS }: TokenRules, nowS: number): TokenCheck {
  const { nbf } = claims;
  const check = { subject: 'nbf', expected: `nothing, or before ${atTime(nowS)}`, got: time(nbf) };
  if (nbf === undefined) return check;
  if (!isTime(nbf)) return { ...check, ...failed('nbf must be number') };
  return nowS >= nbf - leewayS ? check : { ...check, ...failed('Not acceptable by nbf') };
}

function checkName(subject: string, value: unknown, accepted: readonly string[]): TokenCheck {
  const check = { subject, expected: `one of ${shown(accepted)}`, got: shown(value) };
  if (value === undefined) return { ...check, ...failed(`'${subject}' claim is missing`) };
  return typeof value === 'string' && matchesPattern(value, accepted)
    ? check
    : { ...check, ...failed(`invalid '${subject}' claim`) };
}

/** One name or several (RFC 7519 §4.1.3), of which one is enough. */
function checkAudience(value: unknown, accepted: readonly string[]): TokenCheck {
  if (!Array.isArray(value)) return checkName('aud', value, accepted);
  const hit = value
    .slice(0, 64)
    .find((name) => typeof name === 'string' && matchesPattern(name, accepted));
  return { ...checkName('aud', hit ?? '', accepted), got: shown(value) };
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

function time(value: unknown): string {
  return isTime(value) ? atTime(value) : shown(value);
}

function atTime(unixS: number): string {
  const date = new Date(unixS * 1000);
  return Number.isNaN(date.getTime())
    ? String(unixS)
    : `${Math.floor(unixS)} (${date.toISOString()})`;
}
