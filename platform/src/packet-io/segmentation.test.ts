/** Several packets in one message to the kernel (UDP_SEGMENT): the same bytes as one by one. */
import { createSocket } from 'node:dgram';
import { afterEach, describe, expect, test } from 'vitest';
import { SLOT_SIZE } from './contract.ts';
import {
  filledSlot,
  joinWithKeys,
  loopbackAddress,
  writePacket,
  writeRun,
  writeSingle,
} from './loopback.fixture.ts';
import { bytes, hex, useNodes } from './test-nodes.fixture.ts';

const { node, joined } = useNodes(afterEach);

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

  /** A number of congestion control, two bytes. */
  const counted = (number: number) => (5 << 28) | (1 << 24) | (number << 8);

  interface Order {
    readonly what: string;
    readonly runs: readonly { readonly length: number; readonly counted?: number }[];
    readonly ssrcs?: readonly number[];
    readonly order: readonly number[];
    readonly messages: number;
  }

  test.each<Order>([
    {
      what: 'voices go behind what is larger, two and two',
      runs: [{ length: 70 }, { length: 90 }, { length: 1000, counted: 1 }, { length: 80 }],
      order: [2, 1, 3, 0],
      messages: 2,
    },
    {
      what: 'a stream does not overtake itself',
      runs: [{ length: 70 }, { length: 90 }, { length: 80 }],
      order: [0, 1, 2],
      ssrcs: [1, 1, 2],
      messages: 2,
    },
    {
      what: 'what is counted stays in the order of its numbers',
      runs: [{ length: 70, counted: 1 }, { length: 90, counted: 2 }, { length: 80 }],
      order: [0, 1, 2],
      messages: 2,
    },
    {
      what: 'sizes that go down stay',
      runs: [{ length: 90 }, { length: 80 }],
      order: [0, 1],
      messages: 1,
    },
  ])('$what', async ({ runs, order, messages, ssrcs }) => {
    const a = node();
    const b = node();
    const { peerOfA } = joinWithKeys(a, b, 'AEAD_AES_128_GCM');
    const slot = filledSlot(a.io, bytes(SLOT_SIZE));
    for (const [i, run] of runs.entries()) {
      const extensionA = run.counted === undefined ? 0 : counted(run.counted);
      const { length } = run;
      const ssrc = ssrcs?.[i] ?? i + 1;
      writeSingle(a.io, i, { slot, peer: peerOfA, length, ssrc, seq: i, extensionA });
    }
    expect(a.io.flush(runs.length)).toBe(runs.length);
    await b.settled();
    expect(b.received.map((p) => p.bytes[3])).toEqual(order);
    expect(a.io.counters().txMessages).toBe(messages);
  });

  test('many runs to one peer all leave', async () => {
    const a = node();
    const b = node();
    const { peerOfA } = joinWithKeys(a, b, 'AEAD_AES_128_GCM');
    const slot = filledSlot(a.io, bytes(SLOT_SIZE));
    for (let i = 0; i < 100; i++) {
      writeSingle(a.io, i, { slot, peer: peerOfA, length: 50 + i, ssrc: i + 1, seq: i });
    }
    expect(a.io.flush(100)).toBe(100);
    await b.settled();
    const seqs = b.received.map((p) => p.bytes[3]!);
    expect(seqs.toSorted((x, y) => x - y)).toEqual(Array.from({ length: 100 }, (_, i) => i));
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
