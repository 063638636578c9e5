/** Real browsers over a bad network: loss is repaired, replays and forgeries are not believed. */
import { SeededRandom, waitUntil } from '@conclave/testkit';
import { MediaRelay } from '@conclave/testkit/server';
import { afterEach, expect, test } from 'vitest';
import { BridgeCounters } from './bridge-counters.ts';
import { expectFullCall } from './expect-call.ts';
import { LjmClient } from './ljm/ljm-client.ts';
import { useStage } from './stage.ts';

const counters = await BridgeCounters.create();
const stage = useStage({ env: counters.env });
let relay: MediaRelay | undefined;
afterEach(() => relay?.close());

/** Two in a room, the first of them behind the relay. */
async function startCall(room: string): Promise<{ clients: LjmClient[]; relay: MediaRelay }> {
  const started = await MediaRelay.start(stage.server.mediaPort);
  relay = started;
  const config = { p2p: { enabled: false } };
  const open = (number: number) => LjmClient.open(stage.browser, stage.ljmSite, { number, config });
  const clients = [await open(1), await open(2)];
  const ports = { from: stage.server.mediaPort, to: started.port };
  await clients[0]?.participant.page.evaluate(
    ({ from, to }) => window.signedMedia.relayCandidates(from, to),
    ports,
  );
  for (const client of clients) await client.join(room);
  await expectFullCall(clients);
  expect(started.seen.toBridge).toBeGreaterThan(10); // it really goes through the relay
  return { clients, relay: started };
}

/** RTP, not RTCP, STUN or DTLS (RFC 7983, RFC 5761). */
function isRtp(datagram: Buffer): boolean {
  const [first = 0, second = 0] = datagram;
  return first >= 128 && first < 192 && (second < 192 || second > 223);
}

/** Sum of one statistic over all reports of `client` of one type. */
async function total(client: LjmClient, type: string, name: string): Promise<number> {
  const connections = await client.participant.page.evaluate(() => window.signedMedia.readStats());
  return connections
    .flat()
    .filter((stats) => stats.type === type)
    .reduce((sum, stats) => sum + Number(stats[name] ?? 0), 0);
}

test('5 % loss each way is repaired by retransmission', async () => {
  const { clients, relay } = await startCall('lossy');
  const [behind] = clients as [LjmClient];
  const random = new SeededRandom(5);
  relay.impairment = (datagram) => (isRtp(datagram) && random.fraction() < 0.05 ? [] : [datagram]);

  // What the bridge missed it asks of the sender; what the receiver missed it sends again.
  for (const [type, name] of [
    ['outbound-rtp', 'retransmittedPacketsSent'],
    ['inbound-rtp', 'retransmittedPacketsReceived'],
  ] as const) {
    const before = await total(behind, type, name);
    const probe = async () => (await total(behind, type, name)) - before > 1;
    await waitUntil(name, probe, { timeoutMs: 20_000 });
  }
  await expectFullCall(clients);
});

test('replayed and altered packets change nothing', async () => {
  const { clients, relay } = await startCall('replayed');
  const captured: Buffer[] = [];
  relay.impairment = (datagram, direction) => {
    if (direction === 'toBridge' && isRtp(datagram)) captured.push(Buffer.from(datagram));
    return [datagram];
  };
  await waitUntil('enough packets to repeat', () => captured.length > 200, { timeoutMs: 20_000 });
  relay.impairment = (datagram) => [datagram];
  const readRefused = () =>
    Promise.all(['rx_replayed', 'rx_auth_failed'].map((reason) => counters.refusedPackets(reason)));
  const before = await readRefused();
  for (const datagram of captured) {
    relay.injectToBridge(datagram);
    const altered = Buffer.from(datagram);
    altered.writeUInt8(altered.readUInt8(20) ^ 0x55, 20);
    relay.injectToBridge(altered);
    // The same from the future: would move everyone's window if it were believed.
    const future = Buffer.from(datagram);
    future.writeUInt16BE((future.readUInt16BE(2) + 20_000) & 0xffff, 2);
    relay.injectToBridge(future);
  }
  await expectFullCall(clients);
  const [replayed, forged] = (await readRefused()).map((total, i) => total - (before[i] ?? 0));
  expect(replayed).toBeGreaterThanOrEqual(captured.length / 2); // some are older than the window
  expect(forged).toBeGreaterThanOrEqual(captured.length); // those from the future, and most altered ones
});
