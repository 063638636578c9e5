/** Somebody who plays foul, against a running call: refused, and nobody in the call notices. */
import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { waitUntil } from '@conclave/testkit';
import { expect, test } from 'vitest';
import { expectFullCall } from './expect-call.ts';
import { LjmClient } from './ljm/ljm-client.ts';
import { RawXmpp } from './raw-xmpp.ts';
import { useStage } from './stage.ts';

const stage = useStage();

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
