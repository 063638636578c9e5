/** Lobby and AV moderation, seen from unmodified Jitsi clients. */
import { waitUntil } from '@conclave/testkit';
import { expect, test } from 'vitest';
import { expectFullCall, expectSeesAndHears } from './expect-call.ts';
import { LjmClient } from './ljm/ljm-client.ts';
import { useStage } from './stage.ts';

const stage = useStage();

function open(number: number): Promise<LjmClient> {
  const config = { p2p: { enabled: false } };
  return LjmClient.open(stage.browser, stage.ljmSite, { number, config });
}

/** The id that the `count`-th of those who knocked has in the lobby. */
async function knocked(moderator: LjmClient, count: number): Promise<string> {
  await waitUntil(`${count} people to have knocked`, async () => {
    return (await moderator.eventsOf('LOBBY_USER_JOINED')).length >= count;
  });
  const [event] = (await moderator.eventsOf('LOBBY_USER_JOINED')).slice(count - 1);
  return String(event?.args[0]);
}

async function happened(client: LjmClient, type: string): Promise<void> {
  await waitUntil(`${type} at ${client.number}`, async () => {
    return (await client.eventsOf(type)).length > 0;
  });
}

test('who knocks waits in the lobby until a moderator lets in or denies', async () => {
  const [moderator, friend, stranger, late] = (await Promise.all([1, 2, 3, 4].map(open))) as [
    LjmClient,
    LjmClient,
    LjmClient,
    LjmClient,
  ];
  await moderator.join('closed');
  await waitUntil('the first to be moderator', () => moderator.isModerator());
  await moderator.participant.page.evaluate(() => window.call.enableLobby());

  await expect(friend.join('closed')).rejects.toThrow(/membersOnly/);
  await friend.waitInLobby();
  const friendInLobby = await knocked(moderator, 1);
  await moderator.participant.page.evaluate((id) => window.call.letIn(id), friendInLobby);
  await happened(friend, 'CONFERENCE_JOINED');
  await expectFullCall([moderator, friend]);

  await expect(stranger.join('closed')).rejects.toThrow(/membersOnly/);
  await stranger.waitInLobby();
  const strangerInLobby = await knocked(moderator, 2);
  await moderator.participant.page.evaluate((id) => window.call.deny(id), strangerInLobby);
  await waitUntil('the stranger to be denied', async () => {
    const failures = await stranger.eventsOf('CONFERENCE_FAILED');
    return failures.some(({ args }) => String(args[0]).includes('accessDenied'));
  });

  await expect(late.join('closed')).rejects.toThrow(/membersOnly/);
  await late.waitInLobby();
  await moderator.participant.page.evaluate(() => window.call.disableLobby());
  await happened(late, 'CONFERENCE_JOINED');
  await expectFullCall([moderator, friend, late]);
});

test('while microphones are moderated only those allowed are heard', async () => {
  const [moderator, guest] = (await Promise.all([open(1), open(2)])) as [LjmClient, LjmClient];
  await moderator.join('moderated');
  await guest.join('moderated');
  await expectFullCall([moderator, guest]);
  await waitUntil('the first to be moderator', () => moderator.isModerator());
  await moderator.participant.page.evaluate(() => window.call.moderate('audio'));
  await happened(guest, 'AV_MODERATION_CHANGED');
  await waitUntil('the guest to be muted', () =>
    guest.participant.page.evaluate(() => window.call.isMuted('audio')),
  );
  await waitUntil('the guest not to be heard', async () => {
    return (await moderator.readRemote()).every(({ tones }) => tones.length === 0);
  });

  await moderator.participant.page.evaluate(
    (id) => window.call.allowToUnmute('audio', id),
    guest.id,
  );
  await happened(guest, 'AV_MODERATION_APPROVED');
  await guest.participant.page.evaluate(() => window.call.setMuted('audio', false));
  await expectSeesAndHears(moderator, [2]);
});
