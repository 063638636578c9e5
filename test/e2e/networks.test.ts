/**
 * Networks as people have them: one that changes in the middle of a call, two of which one is lost, one of IPv6 alone.
 * A browser sits in a network namespace (needs root and Linux), the server and the other person outside.
 */
import { NetworkNamespace, waitUntil } from '@conclave/testkit';
import { CHROMIUM, ChromiumDriver } from '@conclave/testkit/browser';
import { ConclaveServer } from '@conclave/testkit/server';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { expectFullCall } from './expect-call.ts';
import { WebClient } from './web-client.ts';

const obstacle = NetworkNamespace.obstacle();
const obstacle6 = NetworkNamespace.obstacle(6);
for (const what of [obstacle, obstacle6])
  if (what !== undefined) console.warn(`not tested: ${what}`);

/** By story. The server offers the addresses that the machine has when it starts, so they are all there before. */
interface Places {
  readonly moving: NetworkNamespace;
  readonly twoWays: NetworkNamespace;
  readonly ipv6: NetworkNamespace | undefined;
}

let places: Places | undefined;
let server: ConclaveServer | undefined;
let near: ChromiumDriver | undefined;
let far: ChromiumDriver | undefined;

beforeAll(async () => {
  if (obstacle !== undefined) return;
  const ipv6 = obstacle6 === undefined ? NetworkNamespace.create(6) : undefined;
  places = { moving: NetworkNamespace.create(), twoWays: NetworkNamespace.create(), ipv6 };
  places.twoWays.addLink();
  server = await ConclaveServer.start({ env: { ENABLE_P2P: '0' } });
  near = await ChromiumDriver.launch();
});

afterEach(async () => {
  await far?.close();
  await near?.closeParticipants();
});

afterAll(async () => {
  await near?.close();
  await server?.stop();
  for (const network of Object.values(places ?? {})) network?.close();
});

/** A call of somebody in `network` with somebody beside the server. */
async function callFrom(network: NetworkNamespace, room: string): Promise<[WebClient, WebClient]> {
  const { hostAddress } = network;
  const host = hostAddress.includes(':') ? `[${hostAddress}]` : hostAddress;
  far = await ChromiumDriver.launch({
    executable: network.launcher(CHROMIUM),
    flags: [`--host-resolver-rules=MAP localhost ${host}`],
  });
  const clients: [WebClient, WebClient] = [
    await WebClient.open(far, server!.url, { number: 1 }),
    await WebClient.open(near!, server!.url, { number: 2 }),
  ];
  for (const client of clients) await client.join(room);
  await expectFullCall(clients);
  return clients;
}

function connectionOf({ participant }: WebClient) {
  return participant.page.evaluateHandle(
    () => window.conclave?.conference?.media.peerConnection as RTCPeerConnection,
  );
}

/** Local and remote addresses of the pair that carries the media. */
async function carryingPair(connection: RTCPeerConnection): Promise<[string, string]> {
  const report = await connection.getStats();
  const transport = [...report.values()].find(({ type }) => type === 'transport');
  const pair = report.get(transport?.selectedCandidatePairId);
  const addressOf = (id: string) => String(report.get(id)?.address);
  return [addressOf(pair?.localCandidateId), addressOf(pair?.remoteCandidateId)];
}

test.skipIf(obstacle !== undefined)(
  'a person walks from one network to another: ICE is restarted in place, the call goes on',
  async () => {
    const network = places!.moving;
    const clients = await callFrom(network, 'walk');
    const { page } = clients[0].participant;
    const session = await connectionOf(clients[0]);
    const bridgeName = (connection: RTCPeerConnection) =>
      connection.remoteDescription?.sdp.match(/^a=ice-ufrag:(.*)$/m)?.[1] ?? '';
    const before = await session.evaluate(bridgeName);

    network.changeAddress();
    await waitUntil(
      'ICE to be restarted',
      async () => {
        const now = await session.evaluate(bridgeName);
        return now !== '' && now !== before;
      },
      { timeoutMs: 60_000 },
    );
    await expectFullCall(clients);
    const isSame = await page.evaluate(
      (first) => window.conclave?.conference?.media.peerConnection === first,
      session,
    );
    expect(isSame).toBe(true);
  },
);

test.skipIf(obstacle !== undefined)(
  'the network that carries the call is lost: it goes on over the other one soon',
  async () => {
    const { links } = places!.twoWays;
    const clients = await callFrom(places!.twoWays, 'two-ways');
    const session = await connectionOf(clients[0]);
    const [carrying] = await session.evaluate(carryingPair);
    const lost = links.find(({ insideAddress }) => insideAddress === carrying);
    const left = links.find((link) => link !== lost);
    expect(lost).toBeDefined();

    lost?.cut();
    await waitUntil(
      'the other network to carry the call',
      async () => (await session.evaluate(carryingPair))[0] === left?.insideAddress,
      { timeoutMs: 20_000 },
    );
    await expectFullCall(clients, 20_000);
    // Signalling found the other way, too.
    await clients[0].sendChat('still here');
    await waitUntil(
      'the message',
      async () => (await clients[1].chatTexts()).includes('still here'),
      { timeoutMs: 30_000 },
    );
  },
);

test.skipIf(obstacle6 !== undefined)('a network of IPv6 alone', async () => {
  const network = places!.ipv6!;
  const [client] = await callFrom(network, 'ipv6');
  const [link] = network.links;
  const session = await connectionOf(client);
  expect((await session.evaluate(carryingPair))[0]).toBe(link?.insideAddress);
});
