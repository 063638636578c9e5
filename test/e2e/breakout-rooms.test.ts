/** Breakout rooms, seen from unmodified Jitsi clients. */
import { waitUntil } from '@conclave/testkit';
import { expect, test } from 'vitest';
import { expectFullCall } from './expect-call.ts';
import { LjmClient } from './ljm/ljm-client.ts';
import { useStage } from './stage.ts';

const stage = useStage();
const MAIN = 'groups@muc.meet.jitsi';

function open(number: number): Promise<LjmClient> {
  const config = { p2p: { enabled: false } };
  return LjmClient.open(stage.browser, stage.ljmSite, { number, config });
}

/** The JID of the breakout room `name`, once `client` has heard of it. */
async function breakoutJid(client: LjmClient, name: string): Promise<string> {
  let jid: string | undefined;
  await waitUntil(`${client.number} to hear of ${name}`, async () => {
    const rooms = Object.values(await client.breakoutRooms());
    jid = rooms.find((room) => room.name === name)?.jid;
    return jid !== undefined;
  });
  return jid ?? '';
}

/** The real JID that the moderator's list has for the participant with this id. */
async function personJid(moderator: LjmClient, id: string): Promise<string> {
  const rooms = Object.values(await moderator.breakoutRooms());
  const people = rooms.flatMap(({ participants }) => Object.entries(participants));
  return people.find(([occupant]) => occupant.endsWith(`/${id}`))?.[1].jid ?? '';
}

test('people go to a breakout room and are in a call of their own, and come back when it closes', async () => {
  const clients = (await Promise.all([1, 2, 3, 4].map(open))) as [
    LjmClient,
    LjmClient,
    LjmClient,
    LjmClient,
  ];
  const [moderator, friend, other, last] = clients;
  for (const client of clients) await client.join('groups');
  await expectFullCall(clients);
  await waitUntil('the first to be moderator', () => moderator.isModerator());

  await moderator.participant.page.evaluate(() => window.call.createBreakoutRoom('Group A'));
  const room = await breakoutJid(moderator, 'Group A');
  const jid = await personJid(moderator, friend.id);
  await moderator.participant.page.evaluate(
    ([p, r]) => window.call.sendTo(p ?? '', r ?? ''),
    [jid, room],
  );
  await waitUntil('the sent one to be told', async () => {
    const [told] = await friend.eventsOf('BREAKOUT_ROOMS_MOVE_TO_ROOM');
    return told?.args[0] === room;
  });
  await friend.moveTo(room);
  await moderator.moveTo(room);
  await Promise.all([expectFullCall([moderator, friend]), expectFullCall([other, last])]);
  // Who led leads there too; and in the main room nobody else was made moderator meanwhile.
  expect(await moderator.isModerator()).toBe(true);
  expect(await friend.isModerator()).toBe(false);
  expect(await other.isModerator()).toBe(false);

  await moderator.moveTo(MAIN);
  await expectFullCall([moderator, other, last]);
  await moderator.participant.page.evaluate((r) => window.call.removeBreakoutRoom(r), room);
  await waitUntil('the closed room to send its people away', async () => {
    const failures = await friend.eventsOf('CONFERENCE_FAILED');
    return failures.some(({ args }) => args[0] === 'conference.destroyed' && args[2] === MAIN);
  });
  await friend.moveTo(MAIN);
  await expectFullCall(clients);
});
