/** Somebody who plays foul, against a running call: refused, and nobody in the call notices. */
import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { FinalError, waitUntil } from '@conclave/testkit';
import { expect, test } from 'vitest';
import { SyntheticParticipant } from '../bench/synthetic-call/participant.ts';
import type { MediaSsrcs } from '../bench/synthetic-call/participant-media.ts';
import { BridgeCounters } from './bridge-counters.ts';
import { expectFullCall } from './expect-call.ts';
import { LjmClient } from './ljm/ljm-client.ts';
import { RawXmpp } from './raw-xmpp.ts';
import { useStage } from './stage.ts';

const counters = await BridgeCounters.create();
const stage = useStage({ env: counters.env });

async function startCall(room: string): Promise<[LjmClient, LjmClient]> {
  const config = { p2p: { enabled: false } };
  const open = (number: number) => LjmClient.open(stage.browser, stage.ljmSite, { number, config });
  const clients: [LjmClient, LjmClient] = [await open(1), await open(2)];
  for (const client of clients) await client.join(room);
  await expectFullCall(clients);
  return clients;
}

/** STUN binding request (RFC 8489 §5) with the given attributes. */
function bindingRequest(attributes: Buffer = Buffer.alloc(0)): Buffer {
  const header = Buffer.alloc(20);
  header.writeUInt16BE(0x0001, 0);
  header.writeUInt16BE(attributes.length, 2);
  header.writeUInt32BE(0x2112a442, 4);
  randomBytes(12).copy(header, 8);
  return Buffer.concat([header, attributes]);
}

/** Random bytes behind a plausible first byte of each protocol on the port (RFC 7983). */
function disguised(firstByte: number, length: number): Buffer {
  const packet = randomBytes(length);
  packet[0] = firstByte;
  return packet;
}

test('datagrams that nobody signed get no answer and disturb no call', async () => {
  const clients = await startCall('datagrams');
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  let answers = 0;
  const readRefused = () =>
    Promise.all([
      counters.refusedPackets('rx_unknown_address'),
      counters.dropped('stun_unmatched'),
    ]);
  const before = await readRefused();
  socket.on('message', () => answers++);
  const username = Buffer.from('\x00\x06\x00\x09user:peer\x00\x00\x00', 'latin1');
  const unsigned = [
    () => bindingRequest(),
    () => bindingRequest(username),
    () => bindingRequest().subarray(0, 12), // cut short
    () => bindingRequest(Buffer.from([0x00, 0x06, 0xff, 0xff])), // longer than itself
    () => disguised(22, 200), // DTLS
    () => disguised(128, 1200), // RTP
    () => disguised(129, 60), // RTCP-like
    () => randomBytes(1400),
    () => Buffer.alloc(0),
  ];
  for (let round = 0; round < 100; round++) {
    for (const make of unsigned) {
      await new Promise<void>((resolve, reject) => {
        const done = (error: Error | null) => (error ? reject(error) : resolve());
        socket.send(make(), stage.server.mediaPort, '127.0.0.1', done);
      });
    }
  }
  await expectFullCall(clients);
  expect(answers).toBe(0);
  const [unknownAddress, unmatchedStun] = (await readRefused()).map(
    (total, i) => total - (before[i] ?? 0),
  );
  expect(unknownAddress).toBeGreaterThanOrEqual(400); // DTLS, RTP, RTCP, nothing at all
  expect(unmatchedStun).toBeGreaterThanOrEqual(400);
  socket.close();
});

test('a stanza in the name of another, a taken nick and a giant stanza are refused', async () => {
  const clients = await startCall('stanzas');
  const [victim] = clients;
  const room = 'stanzas@muc.meet.jitsi';

  const thief = await RawXmpp.login(stage.server.url);
  thief.send(
    `<presence xmlns="jabber:client" to="${room}/${victim.id}"><x xmlns="http://jabber.org/protocol/muc"/></presence>`,
  );
  expect(await thief.received(/<presence[^>]*type=["']error/)).toMatch(/not-allowed|conflict/);

  const liar = await RawXmpp.login(stage.server.url);
  liar.send(
    `<presence xmlns="jabber:client" from="${room}/${victim.id}" to="${room}/${victim.id}" type="unavailable"/>`,
  );
  liar.send(
    `<iq xmlns="jabber:client" type="set" id="lie" from="${room}/${victim.id}" to="${room}/focus"><jingle xmlns="urn:xmpp:jingle:1" action="session-terminate" sid="x"/></iq>`,
  );
  await waitUntil('the liar to be refused', () => {
    return liar.closeCode !== undefined || liar.frames.some((f) => /error/.test(f));
  });

  const giant = await RawXmpp.login(stage.server.url);
  giant.send(
    `<message xmlns="jabber:client" to="${room}" type="groupchat"><body>${'x'.repeat(10_000_000)}</body></message>`,
  );
  await waitUntil('the giant to be cut off', () => giant.closeCode !== undefined);

  await expectFullCall(clients);
  expect(await victim.eventsOf('KICKED')).toEqual([]);
  expect(await victim.eventsOf('USER_LEFT')).toEqual([]);
  for (const stream of [thief, liar]) stream.close();
});

/** What `client` really sends its voice and its pictures on. */
async function ssrcsOf({ participant }: LjmClient): Promise<MediaSsrcs> {
  const connections = await participant.page.evaluate(() => window.signedMedia.readStats());
  const outbound = connections.flat().filter(({ type }) => type === 'outbound-rtp');
  const of = (kind: string) => outbound.filter((s) => s.kind === kind).map((s) => Number(s.ssrc));
  const [audioSsrc] = of('audio');
  if (audioSsrc === undefined) throw new Error('no voice is sent');
  return { audioSsrc, videoSsrcs: of('video') };
}

test('who claims the SSRCs of another, in signalling and in packets, is refused and heard by nobody', async () => {
  const clients = await startCall('claimed');
  const [victim, witness] = clients;
  const ssrcs = await ssrcsOf(victim);
  const foreign = () => counters.dropped('rtp_unknown_ssrc');
  const before = await foreign();

  const thief = await SyntheticParticipant.join(stage.server, 'claimed@muc.meet.jitsi', {
    sendAs: ssrcs,
  });
  await waitUntil('the thief to be connected', () => thief.isConnected);
  expect(await thief.claim(ssrcs)).toBe('error');
  await waitUntil('its packets to be refused', async () => (await foreign()) - before > 200);
  // Meanwhile the witness still gets the victim's own picture and voice, and nothing else in their place.
  const seen = new Set<number>();
  await waitUntil('twenty pictures of the victim', async () => {
    const remote = (await witness.readRemote()).find(({ id }) => id === victim.id);
    const [picture] = remote?.pictures ?? [];
    if (picture?.counter !== undefined) {
      if (picture.number !== victim.number) throw new FinalError(`a picture of ${picture.number}`);
      expect(remote?.tones).toEqual([victim.number]);
      seen.add(picture.counter);
    }
    return seen.size >= 20;
  });
  thief.close();
  await expectFullCall(clients);
});
