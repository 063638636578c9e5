import { createSocket } from 'node:dgram';
import { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, test } from 'vitest';
import {
  PacketKind,
  RUN_PACKETS,
  SLOT_SIZE,
  TX_PACKET_WORDS,
  TX_RUN_WORDS,
  TxPacket,
  TxRun,
} from './contract.ts';
import {
  filledSlot,
  joinWithKeys,
  LoopbackNode,
  loopbackAddress,
  type Single,
  writePacket,
  writeRun,
  writeSingle,
} from './loopback.fixture.ts';
import { createPacketIo, createSelfSignedCertificate } from './packet-io.ts';

const nodes: LoopbackNode[] = [];

function node(...args: ConstructorParameters<typeof LoopbackNode>): LoopbackNode {
  const created = new LoopbackNode(...args);
  nodes.push(created);
  return created;
}

afterEach(() => {
  for (const { io } of nodes.splice(0)) io.close();
});

function joined(options = {}) {
  const a = node(options);
  const b = node();
  return { a, b, ...joinWithKeys(a, b, 'AEAD_AES_128_GCM') };
}

const bytes = (length: number, seed = 0) =>
  Uint8Array.from({ length }, (_, i) => (i * 7 + seed) & 0xff);
const hex = (packet: Uint8Array | undefined) => Buffer.from(packet ?? []).toString('hex');
const stun = Uint8Array.of(0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42, ...new Uint8Array(12));

describe('receiving', () => {
  test('STUN goes up with its address, from strangers too', async () => {
    const { a, b, peerOfB } = joined();
    const stranger = node();
    a.io.sendRaw(b.address, stun);
    stranger.io.sendRaw(b.address, stun);
    await b.until((n) => n.received.length === 2);
    expect(b.received.map((p) => [p.kind, p.peer, hex(p.address)])).toEqual([
      [PacketKind.stun, peerOfB, hex(a.address)],
      [PacketKind.stun, -1, hex(stranger.address)],
    ]);
    expect(hex(b.received[0]?.bytes)).toBe(hex(stun));
  });

  test.each([
    ['RTP', 0x80, 100],
    ['RTCP', 0x80, 201],
    ['DTLS', 22, 254],
    ['TURN channel data', 0x40, 0],
    ['other', 255, 0],
  ])('%s from a stranger is dropped and counted', async (_name, first, second) => {
    const b = node();
    const stranger = node();
    stranger.io.sendRaw(b.address, Uint8Array.of(first, second, ...new Uint8Array(60)));
    await b.settled();
    expect(b.received).toEqual([]);
    expect(b.io.counters().rxUnknownAddress).toBe(1);
  });

  test('packets of one batch tell when each of them came', async () => {
    const a = node();
    const b = node();
    // Nobody reads meanwhile: this thread is busy.
    const sentMs = [0, 1].map(() => {
      a.io.sendRaw(b.address, stun);
      const atMs = performance.now();
      while (performance.now() < atMs + 15);
      return atMs;
    });
    await b.until(({ received }) => received.length === 2);
    const [first, second] = b.received.map(({ ageMicros }) => ageMicros / 1000);
    expect(second).toBeGreaterThanOrEqual(15);
    expect(Math.abs(first! - second! - (sentMs[1]! - sentMs[0]!))).toBeLessThan(5);
  });

  test('a datagram longer than a slot is dropped, one that fits is not', async () => {
    const b = node();
    const a = node();
    a.io.sendRaw(b.address, new Uint8Array(SLOT_SIZE + 1));
    a.io.sendRaw(b.address, new Uint8Array(SLOT_SIZE));
    a.io.sendRaw(b.address, new Uint8Array(65_507));
    await b.settled();
    expect(b.received.map((p) => p.bytes.length)).toEqual([SLOT_SIZE]);
    expect(b.io.counters().rxInvalid).toBe(2);
  });

  test('an empty datagram is dropped', async () => {
    const b = node();
    const socket = createSocket('udp4');
    await new Promise((done) => socket.send(new Uint8Array(0), b.io.port, '127.0.0.1', done));
    socket.close();
    await b.settled();
    expect(b.received).toEqual([]);
    expect(b.io.counters().rxUnknownAddress).toBe(1);
  });

  test('without a free slot packets are dropped, and come again when slots are given back', async () => {
    const a = node();
    const b = node({ slotCount: 4 });
    const kept = [b.io.takeSlot(), b.io.takeSlot(), b.io.takeSlot(), b.io.takeSlot()];
    expect(new Set(kept).size).toBe(4);
    expect(b.io.takeSlot()).toBe(-1);
    a.io.sendRaw(b.address, stun);
    while (b.io.counters().rxNoSlot === 0) await new Promise(setImmediate);
    for (const slot of kept) b.io.releaseSlot(slot);
    expect(b.io.freeSlots).toBe(4);
    a.io.sendRaw(b.address, stun);
    await b.until((n) => n.received.length === 1);
    expect(b.io.freeSlots).toBe(4);
  });

  test('packets that come one by one, thousands a second, are waited for, and none is lost', async () => {
    const a = node();
    const b = node();
    let sent = 0;
    while (b.io.counters().rxWaits === 0) {
      a.io.sendRaw(b.address, stun);
      sent++;
      await b.until((n) => n.received.length === sent);
    }
    for (let i = 0; i < 10; i++) a.io.sendRaw(b.address, stun);
    await b.until((n) => n.received.length === sent + 10);
    // It was too slow to be worth it: after a while nobody waits any more.
    for (let i = 0; i < 150; i++) {
      a.io.sendRaw(b.address, stun);
      await b.until((n) => n.received.length === sent + 11 + i);
    }
    expect(b.io.counters().rxWaits).toBeLessThan(150);
  });

  test('a window of 0 never waits', async () => {
    const a = node();
    const b = node({ batchWindowUs: 0 });
    for (let i = 0; i < 300; i++) {
      a.io.sendRaw(b.address, stun);
      await b.until((n) => n.received.length === i + 1);
    }
    expect(b.io.counters().rxWaits).toBe(0);
    expect(() => node({ batchWindowUs: 2001 })).toThrow();
  });

  test('releasing a slot twice is a bug that shows', () => {
    const { io } = node();
    const slot = io.takeSlot();
    io.releaseSlot(slot);
    expect(() => io.releaseSlot(slot)).toThrow(RangeError);
    expect(() => io.releaseSlot(-1)).toThrow(RangeError);
    expect(() => io.releaseSlot(io.slotCount)).toThrow(RangeError);
  });
});

describe('addresses', () => {
  test('an allowed address is heard but not sent to', async () => {
    const { a, b, peerOfB } = joined();
    const c = node();
    expect(b.io.allowAddress(peerOfB, c.address)).toBe(true);
    c.io.sendRaw(b.address, stun);
    await b.until((n) => n.received.length === 1);
    expect(b.received[0]?.peer).toBe(peerOfB);
    b.io.sendRtcp(peerOfB, bytes(8));
    await a.until((n) => n.received.length === 1);
    expect(c.io.counters().rxPackets).toBe(0);
  });

  test("allowing does not take another peer's address, binding does", async () => {
    const { a, b, peerOfB } = joined();
    const other = b.io.addPeer();
    expect(b.io.allowAddress(other, a.address)).toBe(false);
    a.io.sendRaw(b.address, stun);
    await b.until((n) => n.received.length === 1);
    expect(b.received[0]?.peer).toBe(peerOfB);

    b.io.bindAddress(other, a.address);
    a.io.sendRaw(b.address, stun);
    await b.until((n) => n.received.length === 2);
    expect(b.received[1]?.peer).toBe(other);
    expect(b.io.sendRtcp(peerOfB, bytes(8))).toBe(false);
  });

  test('the oldest of nine addresses goes, never the one that is sent to', async () => {
    const { a, b, peerOfB } = joined();
    const others = Array.from({ length: 8 }, () => node());
    for (const other of others) b.io.allowAddress(peerOfB, other.address);
    for (const from of [a, ...others]) from.io.sendRaw(b.address, stun);
    await b.until((n) => n.received.length === 9);
    expect(b.received.map((p) => p.peer)).toEqual([peerOfB, -1, ...Array(7).fill(peerOfB)]);
  });

  test('a removed peer has no addresses, and its handle is used again', async () => {
    const { a, b, peerOfB } = joined();
    b.io.removePeer(peerOfB);
    a.io.sendRaw(b.address, stun);
    await b.until((n) => n.received.length === 1);
    expect(b.received[0]?.peer).toBe(-1);
    expect(b.io.addPeer()).toBe(peerOfB);
    expect(b.io.sendRtcp(peerOfB, bytes(8))).toBe(false);
  });

  test('many peers find their addresses', async () => {
    const b = node();
    const peers = Array.from({ length: 500 }, (_, i) => {
      const peer = b.io.addPeer();
      b.io.bindAddress(peer, loopbackAddress(20_000 + i));
      return peer;
    });
    expect(new Set(peers).size).toBe(500);
    for (const peer of peers.slice(0, 499)) b.io.removePeer(peer);
    const a = node();
    b.io.bindAddress(peers[499]!, a.address);
    a.io.sendRaw(b.address, stun);
    await b.until((n) => n.received.length === 1);
    expect(b.received[0]?.peer).toBe(peers[499]);
  });

  test('IPv4 over the dual-stack socket has family 4', async () => {
    const b = node({ address: '::' });
    const a = node();
    a.io.sendRaw(loopbackAddress(b.io.port), stun);
    await b.until((n) => n.received.length === 1);
    expect(hex(b.received[0]?.address)).toBe(hex(a.address));
    b.io.sendRaw(a.address, stun);
    await a.until((n) => n.received.length === 1);
    expect(hex(a.received[0]?.bytes)).toBe(hex(stun));
  });
});

describe('sending', () => {
  const payload = bytes(20);

  test.each<[string, Omit<Single, 'slot' | 'peer' | 'length'>, string]>([
    [
      'header fields',
      { marker: true, payloadType: 127, seq: 65535, timestamp: -2, ssrc: -1 },
      `80ff ffff fffffffe ffffffff ${hex(payload)}`,
    ],
    [
      'no marker, payload type 0',
      { payloadType: 0, seq: 1 },
      `8000 0001 00000000 000004d2 ${hex(payload)}`,
    ],
    [
      'one extension of one byte',
      { extensionA: (1 << 28) | (0x85 << 16) },
      `9064 0000 00000000 000004d2 bede0001 10850000 ${hex(payload)}`,
    ],
    [
      'two extensions, two and three bytes',
      {
        extensionA: (5 << 28) | (1 << 24) | 0x12_34_00,
        extensionB: (14 << 28) | (2 << 24) | 0xab_cd_ef,
      },
      `9064 0000 00000000 000004d2 bede0002 511234e2 abcdef00 ${hex(payload)}`,
    ],
    [
      'the second extension alone',
      { extensionB: (3 << 28) | (2 << 24) | 0x01_02_03 },
      `9064 0000 00000000 000004d2 bede0001 32010203 ${hex(payload)}`,
    ],
    [
      'counters of one and two bytes, the last bytes included',
      { counterA: (0 << 8) | 8, addA: 0xff, counterB: (18 << 8) | 16, addB: 0x1234 },
      // 0x00 + 0xff, and 0x7e85 + 0x1234.
      `8064 0000 00000000 000004d2 ff${hex(payload.subarray(1, 18))}90b9`,
    ],
    [
      'counters that wrap within their bits and leave those above',
      { counterA: (19 << 8) | 7, addA: 0x7f, counterB: (17 << 8) | 15, addB: 0x7fff },
      // 0x85: 0x05 - 1 under the upper bit. 0x777e - 1.
      `8064 0000 00000000 000004d2 ${hex(payload.subarray(0, 17))}777d84`,
    ],
    [
      'counters of which nothing is moved',
      { counterA: (0 << 8) | 8, counterB: (18 << 8) | 16 },
      `8064 0000 00000000 000004d2 ${hex(payload)}`,
    ],
    ['a prefix', { prefix: 0xfffe }, `8064 0000 00000000 000004d2 fffe ${hex(payload)}`],
    [
      'a prefix and a counter, counted without the prefix',
      { prefix: 0, counterA: (1 << 8) | 8, addA: 0xa3 },
      `8064 0000 00000000 000004d2 0000 ${hex(payload.subarray(0, 1))}aa${hex(payload.subarray(2))}`,
    ],
    ['padding of one byte', { padding: 1 }, `a064 0000 00000000 000004d2 ${hex(payload)} 01`],
    [
      'the longest padding',
      { padding: 255 },
      `a064 0000 00000000 000004d2 ${hex(payload)} ${'00'.repeat(254)} ff`,
    ],
    ['a part of the slot', { offset: 0 }, `8064 0000 00000000 000004d2 ${hex(payload)}`],
  ])('writes %s', async (_name, fields, expected) => {
    const { a, b, peerOfA } = joined();
    const slot = filledSlot(a.io, payload);
    writeSingle(a.io, 0, { slot, peer: peerOfA, length: payload.length, ...fields });
    expect(a.io.flush(1)).toBe(1);
    await b.until((n) => n.received.length === 1);
    expect(hex(b.received[0]?.bytes)).toBe(expected.replaceAll(' ', ''));
    // The slot is shared by all receivers: nothing of it changes.
    expect(hex(a.io.arena.subarray(slot * SLOT_SIZE, slot * SLOT_SIZE + 20))).toBe(hex(payload));
  });

  test('sends padding without payload, and payload up to the end of the slot', async () => {
    const { a, b, peerOfA } = joined();
    const slot = filledSlot(a.io, bytes(SLOT_SIZE));
    writeSingle(a.io, 0, { slot, peer: peerOfA, length: 0, padding: 9 });
    writeSingle(a.io, 1, { slot, peer: peerOfA, offset: SLOT_SIZE - 1, length: 1, seq: 1 });
    expect(a.io.flush(2)).toBe(2);
    await b.until((n) => n.received.length === 2);
    expect(hex(b.received[0]?.bytes.subarray(12))).toBe('000000000000000009');
    expect(hex(b.received[1]?.bytes.subarray(12))).toBe(hex(bytes(SLOT_SIZE).subarray(-1)));
  });

  test('a run keeps distances: numbers, timestamps, a counting extension, from peer to peer', async () => {
    const { a, b, peerOfA } = joined();
    const slot = filledSlot(a.io, payload);
    for (const [i, seq] of [65_534, 65_535, 1].entries()) {
      const marker = i === 2;
      writePacket(a.io, 5 + i, {
        slot,
        length: 3,
        seq,
        timestamp: 10 + i,
        marker,
        counterA: (2 << 8) | 7,
      });
    }
    writeRun(a.io, 0, 5, 3, {
      peer: peerOfA,
      seq: 65_535,
      timestampOffset: -11,
      extensionA: (5 << 28) | (1 << 24) | (0xffff << 8),
      extensionB: (3 << 28) | (0x55 << 16),
      addA: 0x72,
    });
    expect(a.io.flush(1)).toBe(3);
    // The roll-over counter of the second and third is 1: the receiver would not take them for authentic otherwise.
    await b.until((n) => n.received.length === 3);
    expect(b.received.map((p) => hex(p.bytes))).toEqual([
      '9064ffff ffffffff 000004d2 bede0002 51ffff30 55000000 000700'.replaceAll(' ', ''),
      '90640000 00000000 000004d2 bede0002 51000030 55000000 000700'.replaceAll(' ', ''),
      '90e40002 00000001 000004d2 bede0002 51000130 55000000 000700'.replaceAll(' ', ''),
    ]);
  });

  test.each<[string, number, string]>([
    // 0x91 bytes: 51 ffff (transport), then the element, padded; the number in its second and third byte moved by 0x0102.
    ['one-byte form', 5, '51ffff b4aa0204ddee 000000'],
    ['two-byte form', 17, `0502ffff 0b11aa0204dd${'ee'.repeat(13)} 00`],
  ])(
    'takes an element from the slot along in the %s, and marks the last packet',
    async (_form, bytes, elements) => {
      const { a, b, peerOfA } = joined();
      const element = Uint8Array.from(
        { length: bytes },
        (_, i) => [0xaa, 0x01, 0x02, 0xdd][i] ?? 0xee,
      );
      const slot = filledSlot(a.io, Uint8Array.of(...element, 1, 2, 3));
      const extension = (11 << 28) | (0 << 8) | bytes;
      for (const i of [0, 1]) {
        writePacket(a.io, i, { slot, offset: bytes, length: 3, seq: i, extension });
      }
      const extensionA = (5 << 28) | (1 << 24) | (0xffff << 8);
      writeRun(a.io, 0, 0, 2, { peer: peerOfA, extensionA, addA: 0x0102, addB: 0x8000 });
      expect(a.io.flush(1)).toBe(2);
      await b.until((n) => n.received.length === 2);
      const [first, last] = b.received.map((p) => hex(p.bytes));
      expect(first?.slice(0, 4)).toBe('9064');
      expect(last?.slice(0, 4)).toBe('90e4');
      const wanted = elements.replaceAll(' ', '');
      const profile = bytes > 16 ? '1000' : 'bede';
      const words = (wanted.length / 8).toString(16).padStart(4, '0');
      expect(first?.slice(24)).toBe(`${profile}${words}${wanted}010203`);
      expect(last?.slice(24)).toBe(`${profile}${words}${wanted.replace('ffff', '0000')}010203`);
    },
  );

  test.each<[string, number, number]>([
    ['an element over the end of the slot', TxPacket.extension, (11 << 28) | (2047 << 8) | 2],
    ['an element of no bytes', TxPacket.extension, (11 << 28) | (8 << 8)],
    ['an element with id 15', TxPacket.extension, (15 << 28) | (8 << 8) | 3],
    ['a slot below', TxPacket.slot, -1],
    ['a slot beyond', TxPacket.slot, 1024],
    ['a payload over the end of the slot', TxPacket.payload, ((SLOT_SIZE - 1) << 16) | 2],
    ['a longer payload than a slot', TxPacket.payload, SLOT_SIZE + 1],
    ['the largest offset and length', TxPacket.payload, -1],
    ['a payload type over 127', TxPacket.markerTypeSequence, 128 << 16],
    ['a counter of no bits', TxPacket.counterA, 1 << 8],
    ['a counter of 17 bits', TxPacket.counterA, 17],
    ['a counter behind the payload', TxPacket.counterB, (20 << 8) | 8],
    ['a counter half behind the payload', TxPacket.counterB, (19 << 8) | 9],
    ['a counter far behind the payload', TxPacket.counterB, 0xffff_ff08 | 0],
  ])('refuses %s and sends the rest', async (_name, field, value) => {
    const { a, b, peerOfA } = joined();
    const slot = filledSlot(a.io, payload);
    for (const i of [0, 1, 2]) writePacket(a.io, i, { slot, length: payload.length, seq: i });
    writeRun(a.io, 0, 0, 3, { peer: peerOfA });
    a.io.txPackets[TX_PACKET_WORDS + field] = value;
    expect(a.io.flush(1)).toBe(2);
    expect(a.io.counters()).toMatchObject({ txInvalid: 1, txPackets: 2 });
    await b.until((n) => n.received.length === 2);
  });

  test.each<[string, number, number]>([
    ['an unknown peer', TxRun.peer, 1],
    ['a negative peer', TxRun.peer, -1],
    ['a huge peer', TxRun.peer, 0x7fff_ffff],
    ['a run of no packets', TxRun.packets, 0],
    ['a run that is too long', TxRun.packets, RUN_PACKETS + 1],
    ['a run over the end', TxRun.packets, (1023 << 8) | 2],
    ['a run beyond the end', TxRun.packets, -255],
    ['extension id 0 with a value', TxRun.extensionA, 1],
    ['extension id 15', TxRun.extensionA, 15 << 28],
    ['an extension of four bytes', TxRun.extensionB, (1 << 28) | (3 << 24)],
  ])('refuses %s and sends the rest', async (_name, field, value) => {
    const { a, b, peerOfA } = joined();
    const slot = filledSlot(a.io, payload);
    for (const i of [0, 1, 2]) {
      writeSingle(a.io, i, { slot, peer: peerOfA, length: payload.length, seq: i });
    }
    a.io.txRuns[TX_RUN_WORDS + field] = value;
    expect(a.io.flush(3)).toBe(2);
    expect(a.io.counters()).toMatchObject({ txInvalid: 1, txPackets: 2 });
    await b.until((n) => n.received.length === 2);
    expect(b.received.map((p) => p.bytes[3])).toEqual([0, 2]);
  });

  test('a peer without keys or address gets nothing', () => {
    const { io } = node();
    const slot = filledSlot(io, payload);
    const peer = io.addPeer();
    writeSingle(io, 0, { slot, peer, length: 1 });
    expect(io.flush(1)).toBe(0);
    io.bindAddress(peer, loopbackAddress(9));
    expect(io.flush(1)).toBe(0);
    expect(io.counters()).toMatchObject({ txInvalid: 2, txPackets: 0 });
  });

  test('a count beyond the records is cut', () => {
    const { a, peerOfA } = joined({ txCapacity: 2 });
    const slot = filledSlot(a.io, payload);
    for (const i of [0, 1]) writeSingle(a.io, i, { slot, peer: peerOfA, length: 1, seq: i });
    expect(a.io.flush(1000)).toBe(2);
    expect(a.io.flush(-1)).toBe(0);
  });

  test('a counter may lie at the end of a long payload', async () => {
    const { a, b, peerOfA } = joined();
    const slot = filledSlot(a.io, bytes(300));
    writeSingle(a.io, 0, {
      slot,
      peer: peerOfA,
      length: 300,
      counterA: (298 << 8) | 16,
      addA: 1,
    });
    expect(a.io.flush(1)).toBe(1);
    await b.until((n) => n.received.length === 1);
    expect(hex(b.received[0]?.bytes.subarray(12 + 298))).toBe('262e');
  });

  test('RTCP of wrong length is refused', () => {
    const { a, peerOfA } = joined();
    expect(a.io.sendRtcp(peerOfA, new Uint8Array(7))).toBe(false);
    expect(a.io.sendRtcp(peerOfA, new Uint8Array(SLOT_SIZE + 1))).toBe(false);
    expect(a.io.sendRtcp(peerOfA, bytes(SLOT_SIZE))).toBe(true);
    expect(a.io.sendRtcp(77, bytes(8))).toBe(false);
  });

  test('raw packets to a malformed or foreign address are refused', () => {
    const { io } = node();
    expect(io.sendRaw(new Uint8Array(19), stun)).toBe(false);
    expect(io.sendRaw(new Uint8Array(20), stun)).toBe(false);
    expect(io.sendRaw(Uint8Array.of(6, 0, 0, 9, ...new Uint8Array(16)), stun)).toBe(false);
  });
});

describe('segmentation', () => {
  /** Sizes of payloads, several peers mixed: runs, shorter last ones, growing ones, single ones. */
  const sizes = [1000, 1000, 1000, 400, 500, 500, 500, 499, 499, 20, 1300, 1300, 2000, 2000, 1];

  async function send(segmentation: boolean): Promise<{ packets: string[]; calls: number }> {
    const a = node({ segmentation, equalizeBytes: 0 });
    const sockets = [createSocket('udp4'), createSocket('udp4')];
    const perSocket: string[][] = sockets.map(() => []);
    let wake: (() => void) | undefined;
    const peers: number[] = [];
    for (const [i, socket] of sockets.entries()) {
      socket.on('message', (message) => {
        perSocket[i]?.push(hex(message));
        wake?.();
      });
      await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
      const peer = a.io.addPeer();
      const salt = bytes(12, i);
      a.io.bindAddress(peer, loopbackAddress(socket.address().port));
      a.io.setSrtpKeys(peer, 'AEAD_AES_128_GCM', {
        rxKey: bytes(16),
        rxSalt: salt,
        txKey: bytes(16, i),
        txSalt: salt,
      });
      peers.push(peer);
    }
    const slot = filledSlot(a.io, bytes(SLOT_SIZE));
    let count = 0;
    for (const [seq, length] of sizes.entries()) {
      // Packet by packet, the peers in turn: the addon makes runs of them.
      for (const peer of peers) writeSingle(a.io, count++, { slot, peer, length, seq });
    }
    expect(a.io.flush(count)).toBe(count);
    const arrived = () => perSocket.reduce((sum, list) => sum + list.length, 0);
    while (arrived() < count) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    for (const socket of sockets) socket.close();
    return { packets: perSocket.flat(), calls: a.io.counters().txCalls };
  }

  test('the same bytes in the same order with and without', async () => {
    const plain = await send(false);
    const segmented = await send(true);
    // Joined, since a difference would print all of it.
    expect(segmented.packets.join() === plain.packets.join()).toBe(true);
    expect(segmented.packets).toHaveLength(sizes.length * 2);
  });

  test.each([
    { sizes: [100, 101, 100, 101], equalizeBytes: 1, padding: [1, 0, 1, 0], messages: 1 },
    { sizes: [100, 100, 101, 101], equalizeBytes: 0, padding: [0, 0, 0, 0], messages: 2 },
    { sizes: [100, 102, 101], equalizeBytes: 1, padding: [0, 0, 1], messages: 2 },
    { sizes: [100, 102, 101, 60], equalizeBytes: 2, padding: [2, 0, 1, 0], messages: 1 },
    { sizes: [16, 0, 8], equalizeBytes: 16, padding: [0, 16, 8], messages: 1 },
    { sizes: [100], equalizeBytes: 1, padding: [0], messages: 1 },
    { sizes: [2047, 2048], equalizeBytes: 1, padding: [1, 0], messages: 2 },
  ])('%o: pads to one size', async ({ sizes, equalizeBytes, padding, messages }) => {
    const a = node({ equalizeBytes });
    const b = node();
    const { peerOfA } = joinWithKeys(a, b, 'AEAD_AES_128_GCM');
    const content = bytes(SLOT_SIZE);
    const slot = filledSlot(a.io, content);
    for (const [seq, length] of sizes.entries()) writePacket(a.io, seq, { slot, length, seq });
    writeRun(a.io, 0, 0, sizes.length, { peer: peerOfA });
    expect(a.io.flush(1)).toBe(sizes.length);
    expect(a.io.counters().txMessages).toBe(messages);
    // What does not fit a slot with its header is dropped by our own receiver.
    const fitting = sizes.filter((size) => size < 2000);
    await b.settled();
    const arrived = b.received.map(({ bytes: packet }) => {
      const padded = (packet[0]! & 0x20) !== 0 ? packet.at(-1)! : 0;
      return { padded, payload: hex(packet.subarray(12, packet.length - padded)) };
    });
    expect(arrived).toEqual(
      fitting.map((size, i) => ({ padded: padding[i], payload: hex(content.subarray(0, size)) })),
    );
    expect(hex(a.io.arena.subarray(slot * SLOT_SIZE, (slot + 1) * SLOT_SIZE))).toBe(hex(content));
  });

  test('a run longer than the kernel takes is split', async () => {
    const { a, b, peerOfA } = joined();
    const slot = filledSlot(a.io, bytes(SLOT_SIZE));
    for (let seq = 0; seq < 200; seq++) {
      writeSingle(a.io, seq, { slot, peer: peerOfA, length: seq < 130 ? 30 : 1200, seq });
    }
    expect(a.io.flush(200)).toBe(200);
    await b.until((n) => n.received.length === 200);
    expect(b.received.map((p) => p.bytes[3])).toEqual(Array.from({ length: 200 }, (_, i) => i));
    expect(b.received.map((p) => p.bytes.length)).toEqual(
      Array.from({ length: 200 }, (_, i) => (i < 130 ? 42 : 1212)),
    );
  });

  test('a segment the route cannot carry is sent alone, and the call goes on', async () => {
    // maxDatagram beyond the loopback's MTU is what a tunnel with a small MTU looks like.
    const a = node({ maxDatagram: 65_507 });
    const b = node();
    const { peerOfA } = joinWithKeys(a, b, 'AES128_CM_HMAC_SHA1_80');
    const slot = filledSlot(a.io, bytes(SLOT_SIZE));
    for (let seq = 0; seq < 40; seq++) {
      writeSingle(a.io, seq, { slot, peer: peerOfA, length: 2000, seq });
    }
    expect(a.io.flush(40)).toBe(40);
    await b.until((n) => n.received.length === 40);
    expect(b.received.map((p) => p.bytes[3])).toEqual(Array.from({ length: 40 }, (_, i) => i));
  });
});

describe('life and end', () => {
  test('a taken port is refused with its number', () => {
    const { io } = node();
    expect(() => node({ port: io.port })).toThrow(
      expect.objectContaining({
        code: 'PACKET_IO_BIND_FAILED',
        message: expect.stringContaining(`${io.port}`),
      }),
    );
  });

  const otherCertificate = () =>
    createSelfSignedCertificate({ commonName: 'x', alternativeNames: [], validDays: 1 })
      .certificate;

  test.each([
    ['a malformed address', () => ({ address: 'nonsense' }), 'PACKET_IO_BIND_FAILED'],
    ['an address of another machine', () => ({ address: '192.0.2.1' }), 'PACKET_IO_BIND_FAILED'],
    ['a port too high', () => ({ port: 65_536 }), 'PACKET_IO_BIND_FAILED'],
    ['no certificate', () => ({ certificate: 'none' }), 'PACKET_IO_CERTIFICATE_INVALID'],
    [
      'a certificate of another key',
      () => ({ certificate: otherCertificate() }),
      'PACKET_IO_CERTIFICATE_INVALID',
    ],
  ])('refuses %s', (_name, options, code) => {
    expect(() => node(options())).toThrow(expect.objectContaining({ code }));
  });

  test('close is idempotent, frees the port, and later calls do nothing', () => {
    const first = node();
    const { port } = first.io;
    const peer = first.io.addPeer();
    first.io.close();
    first.io.close();
    expect(node({ port }).io.port).toBe(port);
    expect(first.io.flush(1)).toBe(0);
    expect(first.io.sendRaw(loopbackAddress(port), stun)).toBe(false);
    expect(first.io.sendRtcp(peer, bytes(8))).toBe(false);
    first.io.removePeer(peer);
    first.io.tick(0);
  });

  test('close from inside a batch is safe', async () => {
    const a = node();
    const b = node();
    const closed = new Promise<number>((resolve) => {
      b.onBatch = (count) => {
        b.io.close();
        resolve(count);
      };
    });
    a.io.sendRaw(b.address, stun);
    expect(await closed).toBe(1);
    await new Promise(setImmediate);
    expect(node({ port: b.io.port }).io.port).toBe(b.io.port);
  });

  test('ending a worker at any moment closes its socket', async () => {
    const sender = node();
    for (let round = 0; round < 3; round++) {
      const worker = new Worker(new URL('./worker.fixture.mjs', import.meta.url));
      const port = await new Promise<number>((resolve, reject) => {
        worker.once('message', resolve);
        worker.once('error', reject);
      });
      for (let i = 0; i < 100 * round; i++) sender.io.sendRaw(loopbackAddress(port), stun);
      await worker.terminate();
      const again = node({ port });
      expect(again.io.port).toBe(port);
      again.io.close();
    }
  });
});

describe('createSelfSignedCertificate', () => {
  test('names and fingerprint can be used', async () => {
    const made = createSelfSignedCertificate({
      commonName: 'meet.example',
      alternativeNames: ['DNS:localhost', 'DNS:*.meet.example', 'IP:127.0.0.1', 'IP:::1'],
      validDays: 30,
    });
    const { X509Certificate } = await import('node:crypto');
    const x509 = new X509Certificate(made.certificate);
    expect(x509.subject).toBe('CN=meet.example');
    expect(x509.subjectAltName).toBe(
      'DNS:localhost, DNS:*.meet.example, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1',
    );
    expect(x509.verify(x509.publicKey)).toBe(true);
    expect(x509.publicKey.asymmetricKeyDetails?.namedCurve).toBe('prime256v1');
    const days = (Date.parse(x509.validTo) - Date.parse(x509.validFrom)) / 86_400_000;
    expect(days).toBe(31);
    const io = createPacketIo(
      { port: 0, address: '127.0.0.1', slotCount: 16, txCapacity: 16, ...made },
      { onBatch() {}, onDtlsConnected() {}, onDtlsClosed() {} },
    );
    expect(io.fingerprint).toBe(x509.fingerprint256);
    io.close();
  });

  test.each([['DNS:a,DNS:b'], ['email:a@b'], ['DNS:'], ['IP:999.1.1.1'], ['DNS:a\nb']])(
    'refuses the alternative name %j',
    (name) => {
      expect(() =>
        createSelfSignedCertificate({ commonName: 'x', alternativeNames: [name], validDays: 1 }),
      ).toThrow(expect.objectContaining({ code: 'PACKET_IO_CERTIFICATE_INVALID' }));
    },
  );
});
