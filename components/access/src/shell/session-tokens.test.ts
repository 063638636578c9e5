/** Tokens of our own: good while the session goes on, on this server only, and never after a log-out. */
import type { Clock } from '@conclave/base';
import { SeededRandom } from '@conclave/testkit';
import { expect, test } from 'vitest';
import { LogInSeal } from './log-in-seal.ts';
import { SessionTokens } from './session-tokens.ts';
import { signToken } from './sign-token.ts';

const SECRET = 'a'.repeat(64);
const holder = { user: { id: 'ada' }, isModerator: true, features: { recording: true } };

function setUp(options: { secret?: string; domain?: string; revoked?: string } = {}) {
  let nowS = 1_790_000_000;
  let kept = '';
  const clock: Clock = { nowMs: () => nowS * 1000, wallMs: () => nowS * 1000 };
  const sessions = new SessionTokens(
    {
      clock,
      random: new SeededRandom(1),
      onRevoked: (text) => {
        kept = text;
      },
    },
    {
      secret: SECRET,
      domain: 'meet.jitsi',
      mucDomain: 'muc.meet.jitsi',
      lifetimeS: 3600,
      revoked: '',
      ...options,
    },
  );
  const pass = (seconds: number) => {
    nowS += seconds;
  };
  return { sessions, clock, pass, kept: () => kept };
}
const textOf = async (sessions: SessionTokens, token: string) =>
  (await sessions.verify(token)).failure?.text;

test('good until its end', async () => {
  const { sessions, pass } = setUp();
  const token = await sessions.create(holder);
  expect(sessions.isOurs(token)).toBe(true);
  expect(await textOf(sessions, token)).toBeUndefined();
  expect(await sessions.holderOf(token)).toEqual({ id: 'ada', name: 'ada' });
  pass(3599);
  expect(await textOf(sessions, token)).toBeUndefined();
  pass(1);
  expect(await textOf(sessions, token)).toContain('Not acceptable by exp');
});

test('not on another server, nor made by somebody else', async () => {
  const { sessions } = setUp();
  const token = await sessions.create(holder);
  expect(await textOf(setUp({ secret: 'b'.repeat(64) }).sessions, token)).toBe('Invalid signature');
  expect(await textOf(setUp({ domain: 'other.jitsi' }).sessions, token)).toContain("'aud'");
  const claims = { iss: 'portal', aud: 'meet.jitsi', room: '*' };
  expect(await textOf(sessions, await signToken(claims, SECRET))).toContain("'iss'");
  expect(sessions.isOurs(await signToken(claims, SECRET))).toBe(false);
});

test('whose it is counts while it is good only', async () => {
  const { sessions, pass, kept } = setUp();
  const provider = { subject: 'ada', session: 's1' };
  const full = { ...holder, account: 'ada', provider };
  const token = await sessions.create(full);
  const told = async (one: string) => [
    await sessions.accountOf(one),
    await sessions.providerLoginOf(one),
    (await sessions.holderOf(one))?.id,
  ];
  expect(await told(token)).toEqual(['ada', provider, 'ada']);
  expect(await sessions.accountOf(await sessions.create(holder))).toBeUndefined();
  const forged = await setUp({ secret: 'b'.repeat(64) }).sessions.create(full);
  expect(await told(forged)).toEqual([undefined, undefined, undefined]);
  await sessions.revoke(forged);
  sessions.revokeProviderLogin({}, 1_790_000_000);
  expect(kept()).toBe('');
  pass(3600);
  expect(await told(token)).toEqual([undefined, undefined, undefined]);
});

test('a log-out takes it back, also after a restart, until it would have ended', async () => {
  const { sessions, pass, kept } = setUp();
  const [first, second] = [await sessions.create(holder), await sessions.create(holder)];
  await sessions.revoke(first);
  expect(await textOf(sessions, first)).toBe('logged out');
  expect(await textOf(sessions, second)).toBeUndefined();
  expect(await textOf(setUp({ revoked: kept() }).sessions, first)).toBe('logged out');
  pass(4000);
  await sessions.revoke(await sessions.create(holder));
  expect(kept().trim().split('\n')).toHaveLength(1);
});

test('a log-in under way opens with the same secret, unchanged, for ten minutes', async () => {
  const { clock, pass } = setUp();
  const seal = new LogInSeal(clock, SECRET);
  const logIn = {
    state: 's',
    nonce: 'n',
    codeVerifier: 'c',
    returnPath: '/daily',
    isPopup: true,
  };
  const sealed = await seal.seal(logIn);
  expect(await seal.open(sealed)).toEqual(logIn);
  expect(await new LogInSeal(clock, 'other').open(sealed)).toBeUndefined();
  expect(await seal.open(`${sealed.slice(0, -2)}AA`)).toBeUndefined();
  expect(await seal.open('')).toBeUndefined();
  expect(await seal.open('a.b.c.d.e')).toBeUndefined();
  pass(601);
  expect(await seal.open(sealed)).toBeUndefined();
});

test('a log-out at the provider ends what was begun before it, also after a restart', async () => {
  const { sessions, pass, kept } = setUp();
  const at = (subject: string, session: string) => ({ ...holder, provider: { subject, session } });
  const [desk, phone, other] = await Promise.all([
    sessions.create(at('ada', 's1')),
    sessions.create(at('ada', 's2')),
    sessions.create(at('ben', 's3')),
  ]);
  expect(await sessions.providerLoginOf(desk)).toEqual({ subject: 'ada', session: 's1' });
  sessions.revokeProviderLogin({ subject: 'ada', session: 's1' }, 1_790_000_000);
  expect(await textOf(sessions, desk)).toBe('logged out');
  expect(await textOf(sessions, phone)).toBeUndefined();
  sessions.revokeProviderLogin({ subject: 'ada' }, 1_790_000_000);
  expect(await textOf(sessions, phone)).toBe('logged out');
  expect(await textOf(sessions, other)).toBeUndefined();
  pass(1);
  const again = await sessions.create(at('ada', 's4'));
  for (const one of [sessions, setUp({ revoked: kept() }).sessions]) {
    expect(await textOf(one, phone)).toBe('logged out');
    expect(await textOf(one, again)).toBeUndefined();
  }
  // Somebody of that name who came another way is not meant.
  expect(
    await textOf(sessions, await sessions.create({ ...holder, account: 'ada' })),
  ).toBeUndefined();
});
