/** Guests and hosts, seen from unmodified Jitsi clients: who logged in (with a token) opens the room. */
import { waitUntil } from '@conclave/testkit';
import { SignJWT } from 'jose';
import { expect, test } from 'vitest';
import { expectFullCall } from './expect-call.ts';
import { LjmClient } from './ljm/ljm-client.ts';
import { useStage } from './stage.ts';

const SECRET = 'a secret between two';
const stage = useStage({
  env: {
    ENABLE_AUTH: '1',
    AUTH_TYPE: 'jwt',
    JWT_APP_ID: 'portal',
    JWT_APP_SECRET: SECRET,
    JWT_ALLOW_EMPTY: '1',
    ENABLE_WAIT_FOR_HOST: '1',
  },
});

/** Good for the room `class` and no other. */
function hostToken(): Promise<string> {
  return new SignJWT({ iss: 'portal', aud: 'jitsi', room: 'class', context: { user: { id: 'u' } } })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setExpirationTime('5m')
    .sign(new TextEncoder().encode(SECRET));
}

function open(number: number, token?: string): Promise<LjmClient> {
  const config = { p2p: { enabled: false }, ...(token !== undefined && { token }) };
  return LjmClient.open(stage.browser, stage.ljmSite, { number, config });
}

test('guests wait until the host comes; the token for the room is good for its breakout rooms', async () => {
  const guest = await open(1);
  await expect(guest.join('class')).rejects.toThrow(/membersOnly/);
  await guest.waitInLobby();
  const host = await open(2, await hostToken());
  await host.join('class');
  await waitUntil('the guest to be let in', async () => {
    return (await guest.eventsOf('CONFERENCE_JOINED')).length > 0;
  });
  await expectFullCall([guest, host]);
  expect(await host.isModerator()).toBe(true);
  expect(await guest.isModerator()).toBe(false);

  const late = await open(3);
  await late.join('class');
  await host.participant.page.evaluate(() => window.call.createBreakoutRoom('Group A'));
  let jid: string | undefined;
  await waitUntil('the breakout room', async () => {
    const rooms = Object.values(await late.breakoutRooms());
    jid = rooms.find(({ name }) => name === 'Group A')?.jid;
    return jid !== undefined;
  });
  await host.moveTo(jid ?? '');
  await late.moveTo(jid ?? '');
  await expectFullCall([host, late]);
});
