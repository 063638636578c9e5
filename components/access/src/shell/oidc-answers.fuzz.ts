/**
 * What a provider answers, good and bad: discovery, tokens, keys, who somebody is. A log-in ends with a person, or with a refusal that
 * says why in a sentence; nobody is let in whom the provider did not sign for.
 */
import { ManualClock, SeededRandom, textCorpus } from '@conclave/testkit';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { LogInUnderWay } from './log-in-seal.ts';
import { OidcError, OidcProvider } from './oidc-provider.ts';
import { ec, ecSign, forge, NOW_S } from './testing/forge-token.ts';

/** Of four answers or so each. */
const LOG_INS = 25_000;
const KINDS = ['discovery', 'token', 'keys', 'userinfo', 'claims'] as const;
const ISSUER = 'https://id.example.org';
const KEY = JSON.stringify({ ...ec.publicKey.export({ format: 'jwk' }), kid: 'k1', alg: 'ES256' });
const PIECES = ['"', '{', '}', '[', ']', ',', ':', 'null', '0', '-1', '1e999', '\\', '\u0000', 'é'];

type Kind = (typeof KINDS)[number];

interface Answer {
  readonly kind: Kind;
  readonly status: number;
  readonly body: string;
}

const CORPUS = textCorpus(import.meta.url).map((line): Answer => {
  const [, kind, status, body = ''] = /^(\w+) (\d+) ?(.*)$/s.exec(line) ?? [];
  return { kind: kind as Kind, status: Number(status), body };
});

const good = (kind: Kind): Answer => {
  const answer = CORPUS.find((one) => one.kind === kind);
  if (answer === undefined) throw new Error(`no ${kind}`);
  return answer;
};

beforeEach(() => {
  vi.useFakeTimers({ now: NOW_S * 1000, toFake: ['Date'] });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** How a log-in ends when `odd` stands in the place of the good answer of its kind. */
async function logIn(odd: Answer): Promise<'person' | 'refused' | 'failed'> {
  const answer = (kind: Kind) => (odd.kind === kind ? odd : good(kind));
  let underWay: LogInUnderWay | undefined;
  const fill = (text: string): string =>
    text
      .replaceAll('ISSUER', ISSUER)
      .replaceAll('NONCE', underWay?.nonce ?? '')
      .replaceAll('KEY', KEY)
      .replaceAll('ID_TOKEN', () => idToken());
  const idToken = (): string => {
    const claims = fill(answer('claims').body.replaceAll('ID_TOKEN', ''));
    return forge({ alg: 'ES256', typ: 'JWT', kid: 'k1' }, claims, ecSign);
  };
  let asked = 0;
  vi.stubGlobal('fetch', async (url: string | URL) => {
    asked++;
    const kind = KINDS.find((name) => new URL(url).pathname.endsWith(`/${name}`)) ?? 'discovery';
    const { status, body } = answer(kind);
    const headers = { 'content-type': 'application/json' };
    return new Response(fill(body), { status, headers });
  });
  const provider = new OidcProvider(new ManualClock(), {
    issuer: ISSUER,
    clientId: 'conclave',
    clientSecret: 'secret',
    scopes: 'openid',
    redirectUri: 'https://meet.example.org/oidc/callback',
    afterLogoutUri: 'https://meet.example.org/',
    claims: {
      moderatorClaim: 'groups',
      moderatorValues: ['staff'],
      featuresClaim: 'features',
      allowedClaim: '',
      allowedValues: [],
    },
    timeoutMs: 1_000,
  });
  try {
    ({ logIn: underWay } = await provider.begin('/', false));
    const query = new URLSearchParams({ code: 'c', state: underWay.state });
    const result = await provider.finish(underWay, query);
    expect(asked).toBeLessThan(6);
    if (result.type === 'refused') return 'refused';
    expect(result.holder.provider?.subject).toMatch(/^.{1,256}$/su);
    expect(JSON.stringify(result.holder).length).toBeLessThan(4_000);
    return 'person';
  } catch (error) {
    if (!(error instanceof OidcError)) throw new Error(`${odd.kind} ${odd.body}`, { cause: error });
    expect(error.failure.reason.length).toBeLessThan(1_000);
    return 'failed';
  }
}

test('the corpus', async () => {
  for (const kind of KINDS) expect(await logIn(good(kind))).toBe('person');
  const ends = [];
  for (const answer of CORPUS) ends.push(await logIn(answer));
  expect(ends.filter((end) => end === 'failed').length).toBeGreaterThan(30);
});

test(`${LOG_INS} log-ins, an answer mutated in each`, async () => {
  const random = new SeededRandom(20_261_121);
  const ends = { person: 0, refused: 0, failed: 0 };
  for (let i = 0; i < LOG_INS; i++) {
    const any = CORPUS[random.integer(0, CORPUS.length - 1)] ?? good('token');
    const { kind, status, body } = random.integer(0, 1) === 0 ? any : good(any.kind);
    let text = body;
    for (let edits = random.integer(0, 3); edits > 0; edits--) {
      const at = random.integer(0, text.length);
      const piece = PIECES[random.integer(0, PIECES.length - 1)] ?? '';
      text = text.slice(0, at) + piece + text.slice(at + random.integer(0, 6));
    }
    ends[await logIn({ kind, status, body: text })]++;
  }
  expect(ends.person).toBeGreaterThan(LOG_INS / 20);
  expect(ends.failed).toBeGreaterThan(LOG_INS / 2);
});
