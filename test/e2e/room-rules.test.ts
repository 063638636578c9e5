/** Who may do what in a room, seen from unmodified Jitsi clients. */
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

test('the first is moderator, and may remove others; they may not remove anyone', async () => {
  const [moderator, guest, other] = (await Promise.all([open(1), open(2), open(3)])) as [
    LjmClient,
    LjmClient,
    LjmClient,
  ];
  for (const client of [moderator, guest, other]) await client.join('kick');
  await expectFullCall([moderator, guest, other]);
  await waitUntil('the first to be moderator', () => moderator.isModerator());
  expect(await guest.isModerator()).toBe(false);

  await guest.kick(moderator.id);
  await moderator.kick(other.id);
  await waitUntil('the removed to know', async () => (await other.eventsOf('KICKED')).length > 0);
  expect(await moderator.eventsOf('KICKED')).toEqual([]);
  await expectFullCall([moderator, guest]);
});

test('a locked room wants its password', async () => {
  const [owner, stranger] = (await Promise.all([open(1), open(2)])) as [LjmClient, LjmClient];
  await owner.join('locked');
  await waitUntil('the owner to be moderator', () => owner.isModerator());
  await owner.lock('open sesame');
  await expect(stranger.join('locked')).rejects.toThrow(/passwordRequired/);
  const second = await open(3);
  await expect(second.join('locked', { password: 'wrong' })).rejects.toThrow(/passwordRequired/);
  const friend = await open(4);
  await friend.join('locked', { password: 'open sesame' });
  await expectSeesAndHears(friend, [1]);
  await expectSeesAndHears(owner, [4]);
});
