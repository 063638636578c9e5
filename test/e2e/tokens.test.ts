/** A server that wants tokens, seen from unmodified Jitsi clients and ours. */
import { waitUntil } from '@conclave/testkit';
import { SignJWT } from 'jose';
import { expect, test } from 'vitest';
import { expectFullCall } from './expect-call.ts';
import { LjmClient } from './ljm/ljm-client.ts';
import { breakSignalling, signallingCount, watchSignalling } from './signalling-sockets.ts';
import { useStage } from './stage.ts';
import { WebClient } from './web-client.ts';

const SECRET = 'a secret between two';
const stage = useStage({
  env: {
    ENABLE_AUTH: '1',
    AUTH_TYPE: 'jwt',
    JWT_APP_ID: 'portal',
    JWT_APP_SECRET: SECRET,
    JWT_LEEWAY: '0',
  },
});

function tokenFor(
  user: object,
  room: string,
  {
    secret = SECRET,
    features,
    expires = '5m',
  }: { secret?: string; features?: object; expires?: string | number } = {},
): Promise<string> {
  return new SignJWT({ iss: 'portal', aud: 'jitsi', room, context: { user, features } })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setExpirationTime(expires)
    .sign(new TextEncoder().encode(secret));
}

function open(number: number, token?: string): Promise<LjmClient> {
  const config = { p2p: { enabled: false }, ...(token !== undefined && { token }) };
  return LjmClient.open(stage.browser, stage.ljmSite, { number, config });
}

test('people with tokens meet; whom the token names leads, not who comes first', async () => {
  const pupil = await open(1, await tokenFor({ name: 'Ben', moderator: false }, 'class'));
  await pupil.join('class');
  const teacher = await open(2, await tokenFor({ name: 'Ada', affiliation: 'teacher' }, '*'));
  await teacher.join('class');
  await expectFullCall([pupil, teacher]);
  await waitUntil('the teacher to be moderator', () => teacher.isModerator());
  expect(await pupil.isModerator()).toBe(false);
});

test('our client takes the token of its link along', async () => {
  const ours = await WebClient.open(stage.browser, stage.server.url, { number: 1 });
  await ours.join(`mixed?jwt=${await tokenFor({ name: 'Cleo' }, 'mixed')}`);
  const theirs = await open(2, await tokenFor({ name: 'Ben' }, 'mixed'));
  await theirs.join('mixed');
  await expectFullCall([ours, theirs]);
});

test('a token that ends during the call ends nothing, not even when the connection is lost; it opens no new call', async () => {
  const ours = await WebClient.open(stage.browser, stage.server.url, { number: 1 });
  // Long enough for both to come in on a slow machine.
  const endS = Math.floor(Date.now() / 1000) + 20;
  const token = await tokenFor({ name: 'Ben' }, '*', { expires: endS });
  const theirs = await open(2, token);
  // Jitsi's library of 2026 does not resume with a token that has ended: it asks its page for another.
  const pages = [
    ours.participant.page,
    ...(process.env.LJM_BUNDLE === undefined ? [theirs.participant.page] : []),
  ];
  for (const page of pages) await watchSignalling(page);
  await theirs.participant.page.reload();
  await Promise.all([ours.join(`long?jwt=${token}`), theirs.join('long')]);
  await waitUntil('the token to end', () => Date.now() > endS * 1000 + 500, {
    timeoutMs: 30_000,
  });
  await expectFullCall([ours, theirs]);

  for (const page of pages) await breakSignalling(page);
  for (const page of pages) {
    await waitUntil('another connection', async () => (await signallingCount(page)) > 1, {
      timeoutMs: 30_000,
    });
  }
  await ours.sendChat('still here');
  await waitUntil('the message at theirs', async () => {
    return (await theirs.chatTexts()).includes('still here');
  });
  await theirs.sendChat('so am I');
  await waitUntil('the message at ours', async () => {
    return (await ours.chatTexts()).includes('so am I');
  });
  await expectFullCall([ours, theirs]);
  expect(await theirs.eventsOf('USER_LEFT')).toEqual([]);

  const late = await open(3, token);
  await expect(late.join('long')).rejects.toThrow(/passwordRequired.*Not acceptable by exp/);
  await ours.participant.page.reload();
  await ours.sees('Your invitation has expired');
});

test('whose token forbids it shows no screen', async () => {
  const [pupil, teacher] = (await Promise.all(
    [1, 2].map((number) => WebClient.open(stage.browser, stage.server.url, { number })),
  )) as [WebClient, WebClient];
  const features = { 'screen-sharing': false };
  await pupil.join(`class?jwt=${await tokenFor({ name: 'Ben' }, 'class', { features })}`);
  await teacher.join(`class?jwt=${await tokenFor({ name: 'Ada' }, 'class')}`);
  await expectFullCall([pupil, teacher]);
  const share = pupil.participant.page.getByRole('button', { name: 'Share screen' });
  expect(await share.getAttribute('aria-disabled')).toBe('true');
  await share.focus();
  await pupil.participant.page.keyboard.press('Enter');
  await pupil.sees('Your log-in or invitation does not allow you to share a screen.');
  await teacher.press(/^Share screen/);
  await waitUntil('the screen', async () => (await pupil.readScreens()).includes(102));
  expect(await teacher.readScreens()).not.toContain(101);
});

test('without a token, or with a forged one, nobody gets in and the reason is told', async () => {
  const [stranger, forger] = await Promise.all([
    open(1),
    tokenFor({ name: 'Eve', moderator: true }, '*', { secret: 'guessed' }).then((token) =>
      open(2, token),
    ),
  ]);
  await expect(stranger.join('class')).rejects.toThrow(/passwordRequired.*token required/);
  await expect(forger.join('class')).rejects.toThrow(/passwordRequired.*Invalid signature/);
});

test('a token for one room does not open another', async () => {
  const client = await open(1, await tokenFor({ name: 'Ben' }, 'class'));
  await expect(client.join('staff')).rejects.toThrow(/notAllowed/);
});

test('our client says why it was not let in, and what to do', async () => {
  const ours = await WebClient.open(stage.browser, stage.server.url, { number: 1 });
  const expected = [
    ['class', 'This server wants an invitation'],
    [
      `class?jwt=${await tokenFor({ name: 'Eve' }, '*', { secret: 'guessed' })}`,
      'is not valid on this server',
    ],
  ] as const;
  for (const [address, sentence] of expected) {
    await ours.participant.page.goto(`${stage.server.url}/${address}`);
    await ours.sees(sentence);
  }
  await ours.knock(`staff?jwt=${await tokenFor({ name: 'Eve' }, 'class')}`);
  await ours.sees('Your invitation is for another room');
});
