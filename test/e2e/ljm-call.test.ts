/** Unmodified Jitsi clients on our bridge, peer-to-peer off. */
import { waitUntil } from '@conclave/testkit';
import { expect, test } from 'vitest';
import { expectFullCall } from './expect-call.ts';
import { LjmClient } from './ljm/ljm-client.ts';
import { useStage } from './stage.ts';

const stage = useStage();
const config = { p2p: { enabled: false } };

function open(number: number): Promise<LjmClient> {
  return LjmClient.open(stage.browser, stage.ljmSite, { number, config });
}

test('three Jitsi clients see and hear each other, chat, and notice who leaves', async () => {
  const clients = await Promise.all([open(1), open(2), open(3)]);
  for (const client of clients) await client.join('standup');
  await expectFullCall(clients);

  const [first, second, third] = clients as [LjmClient, LjmClient, LjmClient];
  await first.sendChat('good morning <b>&</b> welcome');
  for (const reader of [second, third]) {
    await waitUntil('the chat message', async () => (await reader.chatTexts()).length > 0);
    expect(await reader.chatTexts()).toEqual(['good morning <b>&</b> welcome']);
  }

  const leftAtMs = Date.now();
  await third.leave();
  for (const witness of [first, second]) {
    const event = await waitUntil('the leave to be seen', async () =>
      (await witness.eventsOf('USER_LEFT')).find(({ args }) => args[0] === third.id),
    );
    expect(event.atMs - leftAtMs).toBeLessThan(1_000);
  }
  await expectFullCall([first, second]);
});
