/** A server with accounts and guests, seen from unmodified Jitsi clients. */
import { waitUntil } from '@conclave/testkit';
import { beforeAll, expect, test } from 'vitest';
import { expectFullCall } from './expect-call.ts';
import { LjmClient } from './ljm/ljm-client.ts';
import { useStage } from './stage.ts';

const PASSWORD = 'the password of ada';
const ADA = 'ada@meet.jitsi';

const stage = useStage({
  env: { ENABLE_AUTH: '1', AUTH_TYPE: 'internal', ENABLE_GUESTS: '1', JICOFO_AUTH_LIFETIME: '2s' },
});

function conclave(args: readonly string[], input = ''): void {
  stage.server.runCommand(['user', ...args], input);
}

function open(number: number): Promise<LjmClient> {
  return LjmClient.open(stage.browser, stage.ljmSite, {
    number,
    config: { p2p: { enabled: false } },
  });
}

beforeAll(() => conclave(['add', 'ada', '--display-name', 'Ada L.'], PASSWORD));

/**
 * The build of December 2021 stops with a TypeError when the focus says that the host has to log in (its
 * moderator module has no names of events), so waiting is shown with a current build: `LJM_BUNDLE`.
 */
const hasWaiting = process.env.LJM_BUNDLE !== undefined;

test('a host logs in, a guest enters then, and can be made moderator', async () => {
  const guest = await open(1);
  if (hasWaiting) await expect(guest.join('daily')).rejects.toThrow(/authenticationRequired/);
  const host = await open(2);
  await host.join('daily', { login: { id: ADA, password: PASSWORD } });
  expect(await host.isModerator()).toBe(true);
  await (hasWaiting ? guest.tryAgain() : guest.join('daily'));
  await expectFullCall([guest, host]);
  expect(await guest.isModerator()).toBe(false);
  await host.grantOwner(guest.id);
  await waitUntil('the guest to be moderator', () => guest.isModerator());
});

test.skipIf(!hasWaiting)(
  '"I am the host": who waits as a guest logs in, enters and leads; the call outlives the log-in',
  async () => {
    const waiting = await open(1);
    await expect(waiting.join('weekly')).rejects.toThrow(/authenticationRequired/);
    await waiting.becomeHost(ADA, PASSWORD);
    await waitUntil('the host to be moderator', () => waiting.isModerator());
    const guest = await open(2);
    await guest.join('weekly');
    await expectFullCall([waiting, guest]);
    // By now the log-in has run out (JICOFO_AUTH_LIFETIME): nobody is thrown out of a call for that.
    await waitUntil(
      'the session to run out',
      async () => Date.now() > loggedInMs(await waiting.events()) + 2_000,
    );
    await waiting.sendChat('still here');
    await waitUntil('the chat', async () => (await guest.chatTexts()).includes('still here'));
    expect(await waiting.isModerator()).toBe(true);
  },
);

test('a wrong password is refused; a disabled account is thrown out of its call', async () => {
  const forger = await open(1);
  const wrong = { id: ADA, password: 'guessed' };
  await expect(forger.join('staff', { login: wrong })).rejects.toThrow(/passwordRequired/);
  conclave(['add', 'bea'], 'the password of bea');
  const bea = await open(2);
  await bea.join('staff', { login: { id: 'bea@meet.jitsi', password: 'the password of bea' } });
  conclave(['disable', 'bea']);
  await waitUntil('the end of the connection', async () => {
    const events = await bea.events();
    return events.some(({ type }) => /^CONNECTION_(FAILED|DISCONNECTED)$/.test(type));
  });
});

function loggedInMs(events: Awaited<ReturnType<LjmClient['events']>>): number {
  return events.find(({ type }) => type === 'LOGGED_IN')?.atMs ?? Number.POSITIVE_INFINITY;
}
