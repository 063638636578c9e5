/** From records to the wire, byte by byte, and which records are refused. */
import { afterEach, describe, expect, test } from 'vitest';
import {
  RUN_PACKETS,
  SLOT_SIZE,
  TX_PACKET_WORDS,
  TX_RUN_WORDS,
  TxPacket,
  TxRun,
} from './contract.ts';
import {
  filledSlot,
  loopbackAddress,
  type Single,
  writePacket,
  writeRun,
  writeSingle,
} from './loopback.fixture.ts';
import { bytes, hex, stun, useNodes } from './test-nodes.fixture.ts';

const { node, joined } = useNodes(afterEach);

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
