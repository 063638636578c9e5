/** Two organisations on one server (`/acme/…`, `/other/…`): rooms of one name are two, and a token opens those of one. */
import { waitUntil } from '@conclave/testkit';
import type { StaticSite } from '@conclave/testkit/server';
import { SignJWT } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectFullCall } from './expect-call.ts';
import { LjmClient, startLjmSite } from './ljm/ljm-client.ts';
import { useStage } from './stage.ts';
import { WebClient } from './web-client.ts';

const SECRET = 'a secret between two that is long';
const stage = useStage({
  env: {
    ENABLE_AUTH: '1',
    AUTH_TYPE: 'jwt',
    JWT_APP_ID: 'portal',
    JWT_APP_SECRET: SECRET,
    JWT_ENABLE_DOMAIN_VERIFICATION: '1',
  },
});

let acmeSite: StaticSite;
beforeAll(async () => {
  acmeSite = await startLjmSite(`${stage.server.url}/acme`);
});
afterAll(() => acmeSite?.close());

function tokenFor(sub: string, user: object): Promise<string> {
  return new SignJWT({ iss: 'portal', aud: 'jitsi', sub, room: '*', context: { user } })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setExpirationTime('5m')
    .sign(new TextEncoder().encode(SECRET));
}

function openAcme(number: number, token: string): Promise<LjmClient> {
  const config = { p2p: { enabled: false }, token };
  return LjmClient.open(stage.browser, acmeSite, { number, config });
}

function openOurs(number: number): Promise<WebClient> {
  return WebClient.open(stage.browser, stage.server.url, { number });
}

test('people of one tenant meet, with a lobby too; those of another and of none meet somebody else', async () => {
  const host = await openAcme(1, await tokenFor('acme', { name: 'Ada', moderator: true }));
  await host.join('daily');
  const colleague = await openOurs(2);
  await colleague.join(`acme/daily?jwt=${await tokenFor('acme', { name: 'Ben' })}`);
  const stranger = await openOurs(3);
  await stranger.join(`other/daily?jwt=${await tokenFor('other', { name: 'Cy' })}`);
  const single = await openOurs(4);
  await single.join(`daily?jwt=${await tokenFor('meet.jitsi', { name: 'Di' })}`);
  await expectFullCall([host, colleague]);
  expect(await stranger.readRemote()).toEqual([]);
  expect(await single.readRemote()).toEqual([]);

  await host.participant.page.evaluate(() => window.call.enableLobby());
  const late = await openAcme(5, await tokenFor('acme', { name: 'Fay' }));
  await expect(late.join('daily')).rejects.toThrow(/membersOnly/);
  await late.waitInLobby();
  await waitUntil('somebody to knock', async () => {
    return (await host.eventsOf('LOBBY_USER_JOINED')).length > 0;
  });
  const [knock] = await host.eventsOf('LOBBY_USER_JOINED');
  await host.participant.page.evaluate((id) => window.call.letIn(id), String(knock?.args[0]));
  await expectFullCall([host, colleague, late]);
});

test('a token of one tenant opens no room of another', async () => {
  const forAnother = await openAcme(1, await tokenFor('other', { name: 'Eve' }));
  await expect(forAnother.join('daily')).rejects.toThrow(/notAllowed/);
  const ours = await openOurs(2);
  await ours.knock(`other/daily?jwt=${await tokenFor('acme', { name: 'Eve' })}`);
  await ours.sees('Your invitation is for another room');
});
