/** Two Jitsi clients talk directly; a third brings everyone to the bridge; its leave brings them back. */
import { waitUntil } from '@conclave/testkit';
import { expect, test } from 'vitest';
import { expectFullCall } from './expect-call.ts';
import { LjmClient } from './ljm/ljm-client.ts';
import { useStage } from './stage.ts';

const stage = useStage();

function open(number: number): Promise<LjmClient> {
  const config = { p2p: { enabled: true, backToP2PDelay: 1, stunServers: [] } };
  return LjmClient.open(stage.browser, stage.ljmSite, { number, config });
}

async function expectDirect(clients: readonly LjmClient[], isDirect: boolean): Promise<void> {
  for (const client of clients) {
    const what = `${client.number} to ${isDirect ? 'talk directly' : 'use the bridge'}`;
    const probe = async () => (await client.isP2PActive()) === isDirect;
    await waitUntil(what, probe, { timeoutMs: 20_000 });
  }
}

test('two talk directly, three use the bridge, and back', async () => {
  const [first, second, third] = (await Promise.all([open(1), open(2), open(3)])) as [
    LjmClient,
    LjmClient,
    LjmClient,
  ];
  await first.join('pair');
  await second.join('pair');
  await expectDirect([first, second], true);
  await expectFullCall([first, second]);

  // Directly means that nothing but keep-alive goes to the bridge: count what RTP its ports see.
  const before = await first.rtpPacketsWith(stage.server.mediaPort);
  const beforeDirect = await first.rtpPacketsWithOthers(stage.server.mediaPort);
  await waitUntil('a second of direct media', async () => {
    const direct = await first.rtpPacketsWithOthers(stage.server.mediaPort);
    return direct - beforeDirect > 100;
  });
  expect((await first.rtpPacketsWith(stage.server.mediaPort)) - before).toBeLessThan(5);

  await third.join('pair');
  await expectDirect([first, second, third], false);
  await expectFullCall([first, second, third]);

  await third.leave();
  await expectDirect([first, second], true);
  await expectFullCall([first, second]);
});
