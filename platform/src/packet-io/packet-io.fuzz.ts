/**
 * Datagrams from a bound address: random ones, ones that look like RTP, RTCP and DTLS, and mutations of
 * a real handshake and of real SRTP. Nothing may crash, hang, or lose a slot; every one is counted.
 * `npm run sanitize` sees bad accesses too.
 */
import { createSocket } from 'node:dgram';
import { byteCorpus } from '@conclave/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  PacketKind,
  SLOT_SIZE,
  type SrtpProfile,
  TX_PACKET_WORDS,
  TX_RUN_WORDS,
} from './contract.ts';
import {
  filledSlot,
  joinWithKeys,
  LoopbackNode,
  loopbackAddress,
  writeSingle,
} from './loopback.fixture.ts';

const ROUNDS = 100_000;
/** Datagrams between two looks at the receiver: fewer than its socket buffer holds. */
const BURST = 100;
const SEED = 0x5eed;

/** xorshift32: the same inputs in every run. */
function randomNumbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

const random = randomNumbers(SEED);
const nodes: LoopbackNode[] = [];
/** Datagrams of a real handshake and of real media, to mutate. */
const samples: Uint8Array[] = [];
const CORPUS = byteCorpus(import.meta.url);

/** Two nodes shake hands through a socket in the middle that keeps every datagram. */
async function recordHandshake(): Promise<void> {
  const server = new LoopbackNode();
  const client = new LoopbackNode();
  nodes.push(server, client);
  const middle = createSocket('udp4');
  await new Promise<void>((resolve) => middle.bind(0, '127.0.0.1', resolve));
  middle.on('message', (message, from) => {
    samples.push(Uint8Array.from(message));
    middle.send(
      message,
      from.port === server.io.port ? client.io.port : server.io.port,
      '127.0.0.1',
    );
  });
  const address = loopbackAddress(middle.address().port);
  const toClient = server.io.addPeer();
  const toServer = client.io.addPeer();
  server.io.bindAddress(toClient, address);
  client.io.bindAddress(toServer, address);
  const fingerprints = (of: LoopbackNode) => [{ hash: 'sha-256', value: of.io.fingerprint }];
  server.io.startDtls(toClient, { role: 'server', fingerprints: fingerprints(client) });
  client.io.startDtls(toServer, { role: 'client', fingerprints: fingerprints(server) });
  await server.until((n) => n.connected.length === 1);
  await client.until((n) => n.connected.length === 1);
  const slot = filledSlot(server.io, new Uint8Array(SLOT_SIZE));
  for (const [seq, length] of [0, 1, 100, 1100].entries()) {
    writeSingle(server.io, 0, { slot, peer: toClient, length, seq, extensionA: 1 << 28 });
    server.io.flush(1);
    server.io.sendRtcp(toClient, new Uint8Array(8 + length));
  }
  await client.until((n) => n.received.length === 8);
  middle.close();
}

beforeAll(recordHandshake);
afterAll(() => {
  for (const { io } of nodes) io.close();
});

function randomBytes(length: number): Uint8Array {
  return Uint8Array.from({ length }, () => random(256));
}

function mutated(sample: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(sample);
  for (let i = random(4); i >= 0; i--) copy[random(copy.length)] = random(256);
  const choice = random(4);
  if (choice === 0) return copy.subarray(0, random(copy.length + 1));
  if (choice === 1) return Uint8Array.of(...copy, ...randomBytes(random(40)));
  return copy;
}

/** First bytes of each class of RFC 7983, and of none. */
const FIRST = [0, 3, 20, 21, 22, 23, 63, 64, 0x80, 0x8f, 0x90, 0x9f, 0xb0, 0xbf, 0xff];

function nextDatagram(): Uint8Array {
  if (random(2) === 0) {
    const from = random(4) === 0 ? CORPUS : samples;
    return mutated(from[random(from.length)]!);
  }
  const datagram = randomBytes(random(20) === 0 ? random(SLOT_SIZE + 100) : random(80));
  if (datagram.length > 1) {
    datagram[0] = FIRST[random(FIRST.length)]!;
    if (random(2) === 0) datagram[1] = random(2) === 0 ? 192 + random(32) : 100;
  }
  return datagram;
}

async function attack(target: LoopbackNode, from: LoopbackNode, renew: () => void): Promise<void> {
  const free = target.io.freeSlots;
  const before = target.io.counters().rxPackets;
  let sent = 0;
  for (let round = 0; round < ROUNDS; round += BURST) {
    renew();
    for (let i = 0; i < BURST; i++) {
      const datagram = CORPUS[round + i] ?? nextDatagram();
      sent += from.io.sendRaw(target.address, datagram) ? 1 : 0;
    }
    target.io.tick(round);
    await target.settled();
    expect(target.received.filter((p) => p.kind !== PacketKind.stun)).toEqual([]);
    target.received.length = 0;
    target.closed.length = 0;
  }
  expect(target.io.freeSlots).toBe(free);
  // Each burst ends with one marker.
  expect(target.io.counters().rxPackets - before).toBe(sent + ROUNDS / BURST);
  expect(target.connected).toEqual([]);
}

function attackedPair(): { target: LoopbackNode; from: LoopbackNode } {
  const target = new LoopbackNode();
  const from = new LoopbackNode();
  nodes.push(target, from);
  return { target, from };
}

test.each<SrtpProfile>(['AEAD_AES_128_GCM', 'AES128_CM_HMAC_SHA1_80'])(
  'datagrams to a peer with %s keys',
  async (profile) => {
    const { target, from } = attackedPair();
    joinWithKeys(target, from, profile);
    await attack(target, from, () => {});
  },
);

test.each(['server', 'client'] as const)(
  'datagrams to a peer whose DTLS is under way as %s',
  async (role) => {
    const { target, from } = attackedPair();
    let peer = target.io.addPeer();
    const fingerprints = [{ hash: 'sha-256', value: from.io.fingerprint }];
    await attack(target, from, () => {
      target.io.removePeer(peer);
      peer = target.io.addPeer();
      target.io.bindAddress(peer, from.address);
      if (random(4) > 0) target.io.startDtls(peer, { role, fingerprints });
    });
  },
);

test('send records of random words', () => {
  const { target, from } = attackedPair();
  const { peerOfA } = joinWithKeys(target, from, 'AEAD_AES_128_GCM');
  const { io } = target;
  const free = io.freeSlots;
  const perFlush = 100;
  let sent = 0;
  for (let round = 0; round < ROUNDS; round += perFlush) {
    for (let i = 0; i < perFlush; i++) {
      writeSingle(io, i, {
        slot: random(io.slotCount),
        peer: peerOfA,
        length: random(SLOT_SIZE),
      });
      for (let n = random(4); n > 0; n--) {
        const word = random(0x1_0000_0000) >> random(32);
        if (random(2) === 0) io.txPackets[i * TX_PACKET_WORDS + random(TX_PACKET_WORDS)] = word;
        else io.txRuns[i * TX_RUN_WORDS + random(TX_RUN_WORDS)] = word;
      }
    }
    sent += io.flush(perFlush);
  }
  const { txInvalid, txDropped, txPackets } = io.counters();
  expect(txPackets).toBe(sent);
  // A run that is refused is one, however many packets it named.
  expect(txInvalid + txDropped + txPackets).toBeGreaterThanOrEqual(ROUNDS);
  expect(txInvalid).toBeGreaterThan(0);
  expect(txPackets).toBeGreaterThan(0);
  expect(io.freeSlots).toBe(free);
});
