/** The bridge's worker thread dies in a running call. */
import { waitUntil } from '@conclave/testkit';
import { expect, test } from 'vitest';
import { expectFullCall } from './expect-call.ts';
import { LjmClient } from './ljm/ljm-client.ts';
import { useStage } from './stage.ts';
import { WebClient } from './web-client.ts';

const stage = useStage();
const RECOVERY_LIMIT_MS = 5_000;

test('everyone sees video again within 5 s, and the process lives', async () => {
  const config = { p2p: { enabled: false } };
  const clients = await Promise.all([
    LjmClient.open(stage.browser, stage.ljmSite, { number: 1, config }),
    LjmClient.open(stage.browser, stage.ljmSite, { number: 2, config }),
    WebClient.open(stage.browser, stage.server.url, { number: 3 }),
  ]);
  for (const client of clients) await client.join('phoenix');
  await expectFullCall(clients);

  const { pid } = stage.server;
  const connectionsOf = ({ participant }: (typeof clients)[number]) =>
    participant.page.evaluate(() => window.signedMedia.peerConnections.length);
  const before = await Promise.all(clients.map(connectionsOf));
  const killedAtMs = performance.now();
  stage.server.killBridgeWorker();
  // A new peer connection each: what still moves in the old one's buffer proves nothing.
  for (const [index, client] of clients.entries()) {
    await waitUntil(`${client.number} to be invited again`, async () => {
      return (await connectionsOf(client)) > (before[index] ?? 0);
    });
  }
  await expectFullCall(clients, RECOVERY_LIMIT_MS);
  expect(performance.now() - killedAtMs).toBeLessThan(RECOVERY_LIMIT_MS);
  expect(stage.server.isRunning).toBe(true);
  expect(stage.server.pid).toBe(pid);
  expect(await stage.server.healthStatus()).toBe(200);
});
