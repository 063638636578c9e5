/** What is received: told apart, counted, given slots, waited for. */
import { createSocket } from 'node:dgram';
import { afterEach, describe, expect, test } from 'vitest';
import { PacketKind, SLOT_SIZE } from './contract.ts';
import { hex, stun, useNodes } from './test-nodes.fixture.ts';

const { node, joined } = useNodes(afterEach);
/** How much the kernel's clock of arrivals and ours may run apart within a moment. */
const CLOCKS_MS = 1;

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
    const sent = [0, 1].map(() => {
      const afterMs = performance.now();
      a.io.sendRaw(b.address, stun);
      const beforeMs = performance.now();
      while (performance.now() < beforeMs + 15);
      return { afterMs, beforeMs };
    });
    await b.until(({ received }) => received.length === 2);
    const [first, second] = b.received.map(({ ageMicros }) => ageMicros / 1000);
    expect(second).toBeGreaterThanOrEqual(15);
    // Between the two lies as much time as between sending them, however long that took.
    const apartMs = first! - second!;
    expect(apartMs).toBeGreaterThan(sent[1]!.afterMs - sent[0]!.beforeMs - CLOCKS_MS);
    expect(apartMs).toBeLessThan(sent[1]!.beforeMs - sent[0]!.afterMs + CLOCKS_MS);
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
