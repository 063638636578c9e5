/** A conference that is too large for one bridge worker is on two, and nobody notices, until one of them dies. */
import { waitUntil } from '@conclave/testkit';
import { expect, test } from 'vitest';
import { BridgeCounters } from './bridge-counters.ts';
import { expectFullCall } from './expect-call.ts';
import { LjmClient } from './ljm/ljm-client.ts';
import { useStage } from './stage.ts';
import { WebClient } from './web-client.ts';

/** On each worker. */
const PEOPLE = 3;

const counters = await BridgeCounters.create();
const stage = useStage({
  env: { ...counters.env, JVB_WORKERS: '2', MAX_BRIDGE_PARTICIPANTS: String(PEOPLE) },
});

test('six people on two workers see and hear each other; the death of one concerns its people only', async () => {
  const config = { p2p: { enabled: false } };
  const clients = await Promise.all(
    Array.from({ length: 2 * PEOPLE }, (_, i) =>
      i % PEOPLE === 0
        ? WebClient.open(stage.browser, stage.server.url, { number: i + 1 })
        : LjmClient.open(stage.browser, stage.ljmSite, { number: i + 1, config }),
    ),
  );
  for (const client of clients) await client.join('archipelago');
  await expectFullCall(clients);
  expect(await counters.packets('relayed')).toBeGreaterThan(0);
  expect(await counters.packets('relay_dropped')).toBe(0);

  const connectionsOf = ({ participant }: (typeof clients)[number]) =>
    participant.page.evaluate(() => window.signedMedia.peerConnections.length);
  const before = await Promise.all(clients.map(connectionsOf));
  stage.server.killBridgeWorker();
  const [first, second] = [clients.slice(0, PEOPLE), clients.slice(PEOPLE)];
  for (const [index, client] of first.entries()) {
    await waitUntil(`${client.number} to be invited again`, async () => {
      return (await connectionsOf(client)) > (before[index] ?? 0);
    });
  }
  // How soon is asked where fewer browsers keep the machine busy: `bridge-recovery.test.ts`.
  await expectFullCall(clients);
  expect(await Promise.all(second.map(connectionsOf))).toEqual(before.slice(PEOPLE));
  expect(await stage.server.healthStatus()).toBe(200);
}, 120_000);
