/** What people see of each other in a room beside pictures and voices, between our client and unmodified Jitsi clients. */
import { waitUntil } from '@conclave/testkit';
import { expect, test } from 'vitest';
import { expectFullCall } from './expect-call.ts';
import { LjmClient } from './ljm/ljm-client.ts';
import { useStage } from './stage.ts';
import { WebClient } from './web-client.ts';

const stage = useStage();

function openJitsi(number: number): Promise<LjmClient> {
  const config = { p2p: { enabled: false } };
  return LjmClient.open(stage.browser, stage.ljmSite, { number, config });
}

/** Waits for an event of `type` at `client` whose arguments, as text, hold `words`. */
async function told(client: LjmClient, type: string, words: string): Promise<void> {
  await waitUntil(`${client.number} to be told ${type} ${words}`, async () => {
    return (await client.eventsOf(type)).some(({ args }) => JSON.stringify(args).includes(words));
  });
}

test('hands, reactions, follow-me, start muted, speaking time, duration, and the end for all', async () => {
  const ours = await WebClient.open(stage.browser, stage.server.url, { number: 1 });
  const [jitsi, late] = await Promise.all([openJitsi(2), openJitsi(3)]);
  const begunMs = Date.now();
  await jitsi.join('features');
  await waitUntil('the first to be moderator', () => jitsi.isModerator());
  await ours.join('features');
  await expectFullCall([ours, jitsi]);

  await told(jitsi, 'CONFERENCE_CREATED_TIMESTAMP', '');
  const [created] = await jitsi.eventsOf('CONFERENCE_CREATED_TIMESTAMP');
  expect(Math.abs(Number(created?.args[0]) - begunMs)).toBeLessThan(20_000);

  await jitsi.participant.page.evaluate(() => window.call.raiseHand());
  await ours.participant.page.getByLabel('Hand raised').first().waitFor();
  await ours.press('Raise hand');
  await told(jitsi, 'PARTICIPANT_PROPERTY_CHANGED', 'raisedHand');

  await ours.press('React');
  await ours.participant.page.getByRole('menuitem', { name: 'Applause' }).click();
  await told(jitsi, 'ENDPOINT_MESSAGE', 'endpoint-reaction');
  await jitsi.participant.page.evaluate(() =>
    window.call.sendToEndpoints({
      name: 'endpoint-reaction',
      reactions: ['like'],
      timestamp: Date.now(),
    }),
  );
  await ours.sees('participant 2: Thumbs up');

  // Who comes late gets what was said before: the layout to follow, and to be silent.
  await jitsi.participant.page.evaluate(() => {
    window.call.followMe({ tileViewEnabled: 'true' });
    window.call.startMuted(true, false);
  });
  await late.join('features');
  await told(late, 'FOLLOW_ME', 'tileViewEnabled');
  // The library of 2021 mutes, today's tells the application to.
  await waitUntil('the late one to be silent', async () => {
    const policies = await late.eventsOf('START_MUTED_POLICY');
    const isMuted = await late.participant.page.evaluate(() => window.call.isMuted('audio'));
    return isMuted || policies.some(({ args }) => String(args[0]).includes('"audio":true'));
  });
  expect(await late.participant.page.evaluate(() => window.call.isMuted('video'))).toBe(false);

  await waitUntil('speaking time to be counted', async () => {
    const times = await jitsi.participant.page.evaluate(() => window.call.speakingTimes());
    return Object.values(times).some((time) => time > 500);
  });

  await jitsi.grantOwner(ours.id);
  await ours.chooseFromMenu('End the meeting for all');
  await ours.press('End the meeting');
  for (const client of [jitsi, late]) await told(client, 'CONFERENCE_FAILED', 'destroyed');
});
