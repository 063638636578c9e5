/** Several instances on one port: whatever the kernel gives to the wrong one is handed over. */
import { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, test } from 'vitest';
import { PacketKind } from './contract.ts';
import {
  filledSlot,
  joinWithKeys,
  type LoopbackNode,
  loopbackAddress,
} from './loopback.fixture.ts';
import { bytes, hex, stun, useNodes } from './test-nodes.fixture.ts';

const { node } = useNodes(afterEach);

/** So many senders that the kernel gives some of them to each socket (2^-20 for not). */
const SENDERS = 20;
/** Packets that no mailbox has room for. */
const TOO_MANY = 20_000;

function stations(count: number): LoopbackNode[] {
  const first = node({ station: 0 });
  const { port } = first.io;
  return [first, ...Array.from({ length: count - 1 }, (_, i) => node({ station: i + 1, port }))];
}

/** A binding request for the user name `ufrag:x`. */
function requestFor(ufrag: string): Uint8Array {
  const name = new TextEncoder().encode(`${ufrag}:x`);
  const padded = (name.length + 3) & ~3;
  const message = new Uint8Array(28 + 4 + padded);
  message.set([0, 1, 0, 8 + 4 + padded, 0x21, 0x12, 0xa4, 0x42]);
  message.set([0x80, 0x22, 0, 4], 20); // SOFTWARE comes first
  message.set([0, 6, 0, name.length, ...name], 28);
  return message;
}

function responseTo(station: number): Uint8Array {
  const message = new Uint8Array(20);
  message.set([1, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42, station]);
  return message;
}

const total = (nodes: readonly LoopbackNode[], name: 'handedOver' | 'rxPackets') =>
  nodes.reduce((sum, { io }) => sum + io.counters()[name], 0);

describe('stations', () => {
  test('STUN reaches the station that it names, from whatever address', async () => {
    const [a, b] = stations(2) as [LoopbackNode, LoopbackNode];
    for (let i = 0; i < SENDERS; i++) {
      const sender = node();
      sender.io.sendRaw(a.address, requestFor(i % 2 === 0 ? 'aXYZ' : 'bXYZ'));
      sender.io.sendRaw(a.address, responseTo(i % 2));
    }
    await a.until((n) => n.received.length === SENDERS);
    await b.until((n) => n.received.length === SENDERS);
    expect(a.received.some(({ bytes: got }) => hex(got) === hex(requestFor('bXYZ')))).toBe(false);
    expect(b.received.some(({ bytes: got }) => hex(got) === hex(responseTo(0)))).toBe(false);
    expect(total([a, b], 'handedOver')).toBeGreaterThan(0);
  });

  test('STUN that names no station, or one that is not there, stays', async () => {
    const [a, b] = stations(2) as [LoopbackNode, LoopbackNode];
    const odd = [requestFor('cXYZ'), requestFor('?'), responseTo(200), stun, Uint8Array.of(0, 1)];
    const sender = node();
    for (const message of odd) sender.io.sendRaw(a.address, message);
    const count = () => a.received.length + b.received.length;
    const isThere = () => count() === odd.length - 1;
    await Promise.race([a.until(isThere), b.until(isThere)]);
    expect(a.io.counters().handoverDropped + b.io.counters().handoverDropped).toBe(1);
  });

  test('everything else goes by address, encrypted or not, in order and with its age', async () => {
    const [a, b] = stations(2) as [LoopbackNode, LoopbackNode];
    const senders = Array.from({ length: SENDERS }, () => node());
    const links = senders.map((sender, i) =>
      joinWithKeys(sender, i % 2 === 0 ? a : b, 'AEAD_AES_128_GCM'),
    );
    const rtcp = (n: number) => Uint8Array.of(0x80, 201, 0, 1, 0, 0, 0, n);
    for (let n = 0; n < 10; n++) {
      for (const [i, sender] of senders.entries()) {
        sender.io.sendRtcp(links[i]!.peerOfA, rtcp(n));
      }
    }
    for (const station of [a, b]) {
      await station.until((n) => n.received.length === SENDERS * 5);
      expect(station.io.counters().rxAuthFailed + station.io.counters().rxReplayed).toBe(0);
      for (const { peerOfB } of links.filter((_, i) => (i % 2 === 0 ? a : b) === station)) {
        const own = station.received.filter(({ peer }) => peer === peerOfB);
        expect(own.map(({ bytes: got }) => got[7])).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
        expect(own.every(({ kind }) => kind === PacketKind.rtcp)).toBe(true);
        expect(own.every(({ ageMicros }) => ageMicros > 0)).toBe(true);
      }
    }
    expect(total([a, b], 'handedOver')).toBeGreaterThan(0);
    expect(total([a, b], 'rxPackets')).toBe(SENDERS * 10);
  });

  test('an address that is proven at one station is taken from the peer of another', async () => {
    const [a, b] = stations(2) as [LoopbackNode, LoopbackNode];
    const senders = Array.from({ length: SENDERS }, () => node());
    for (const sender of senders) {
      const before = a.io.addPeer();
      a.io.bindAddress(before, sender.address);
      const after = b.io.addPeer();
      expect(b.io.allowAddress(after, sender.address)).toBe(false);
      b.io.bindAddress(after, sender.address);
    }
    // The news is mail as well: what follows comes behind it.
    a.io.sendRaw(b.address, requestFor('aFirst'));
    await a.until((n) => n.received.length === 1);
    for (const sender of senders) sender.io.sendRaw(b.address, stun);
    // STUN without a name goes by address too.
    await b.until((n) => n.received.length === SENDERS);
    expect(a.received).toHaveLength(1);
  });

  test('a station that ends gives its addresses back; its place can be taken again', async () => {
    const [a, b] = stations(2) as [LoopbackNode, LoopbackNode];
    const sender = node();
    b.io.bindAddress(b.io.addPeer(), sender.address);
    expect(() => node({ station: 1, port: a.io.port })).toThrow(
      expect.objectContaining({ code: 'PACKET_IO_BIND_FAILED' }),
    );
    b.io.close();
    const peer = a.io.addPeer();
    expect(a.io.allowAddress(peer, sender.address)).toBe(true);
    for (let i = 0; i < SENDERS; i++) node().io.sendRaw(a.address, requestFor('bXYZ'));
    await a.until((n) => n.received.length === SENDERS);
    const again = node({ station: 1, port: a.io.port });
    node().io.sendRaw(a.address, requestFor('bXYZ'));
    await again.until((n) => n.received.length === 1);
  });

  test('a port where another program is cannot be shared', () => {
    const other = node();
    expect(() => node({ station: 0, port: other.io.port })).toThrow(
      expect.objectContaining({ code: 'PACKET_IO_BIND_FAILED' }),
    );
    const [a] = stations(1) as [LoopbackNode];
    expect(() => node({ port: a.io.port })).toThrow(
      expect.objectContaining({ code: 'PACKET_IO_BIND_FAILED' }),
    );
  });

  test('what nobody fetches is dropped and counted, and later mail arrives', async () => {
    const [a, b] = stations(2) as [LoopbackNode, LoopbackNode];
    const here = a.io.addPeer();
    const there = b.io.addPeer();
    a.io.openRelay(here);
    a.io.connectRelay(here, b.io.openRelay(there)!);
    const slot = filledSlot(a.io, bytes(1200));
    for (let i = 0; i < TOO_MANY; i++) {
      a.io.relay(here, slot, 1200);
      if (i % 1000 === 999) a.io.flushRelays();
    }
    const { relayed, relayDropped } = a.io.counters();
    expect(relayed).toBeGreaterThan(TOO_MANY / 2);
    expect(relayDropped).toBeGreaterThan(0);
    expect(relayDropped).toBe(TOO_MANY - relayed);
    // The receiver has fewer slots than a batch has records.
    await b.until(({ io, received }) => received.length + io.counters().rxNoSlot === relayed);
    b.received.length = 0;
    a.io.relay(here, slot, 1200);
    a.io.flushRelays();
    await b.until((n) => n.received.length === 1);
  });
});

describe('relays', () => {
  function relay(a: LoopbackNode, b: LoopbackNode) {
    const here = a.io.addPeer();
    const there = b.io.addPeer();
    const ends = { a: a.io.openRelay(here)!, b: b.io.openRelay(there)! };
    a.io.connectRelay(here, ends.b);
    b.io.connectRelay(there, ends.a);
    return { here, there };
  }

  test('carry packets as they are, both ways', async () => {
    const [a, b] = stations(2) as [LoopbackNode, LoopbackNode];
    const { here, there } = relay(a, b);
    a.io.relay(here, filledSlot(a.io, Uint8Array.of(0x80, 100, 7)), 3);
    a.io.flushRelays();
    await b.until((n) => n.received.length === 1);
    expect(b.received[0]).toMatchObject({ kind: PacketKind.rtp, peer: there });
    expect(hex(b.received[0]?.bytes)).toBe('806407');
    expect(b.io.sendRtcp(there, Uint8Array.of(0x81, 206, 0, 0))).toBe(true);
    await a.until((n) => n.received.length === 1);
    expect(a.received[0]).toMatchObject({ kind: PacketKind.rtcp, peer: here });
    expect(hex(a.received[0]?.bytes)).toBe('81ce0000');
  });

  test('end with either side: nothing reaches a newer peer with the same handle', async () => {
    const [a, b] = stations(2) as [LoopbackNode, LoopbackNode];
    const { here, there } = relay(a, b);
    b.io.removePeer(there);
    const next = b.io.addPeer();
    expect(next).toBe(there);
    b.io.openRelay(next);
    expect(a.io.sendRtcp(here, bytes(8))).toBe(true);
    a.io.sendRaw(b.address, requestFor('bBehind'));
    await b.until((n) => n.received.length === 1);
    expect(b.received[0]?.kind).toBe(PacketKind.stun);
    b.io.close();
    expect(a.io.sendRtcp(here, bytes(8))).toBe(false);
    expect(a.io.counters().relayDropped).toBe(1);
  });

  test('there are none without a station, nor to a peer that is not told', () => {
    const alone = node();
    expect(alone.io.openRelay(alone.io.addPeer())).toBeUndefined();
    const [a] = stations(1) as [LoopbackNode];
    const peer = a.io.addPeer();
    a.io.connectRelay(peer, { station: 0, peer: 0, id: 1 });
    expect(a.io.sendRtcp(peer, bytes(8))).toBe(false);
    expect(a.io.openRelay(99)).toBeUndefined();
  });
});

describe('a station that stands still', () => {
  const ROUNDS = 10;

  /** A second station in another thread, which stands at the gate. */
  async function hangingStation(port: number) {
    const gate = new Int32Array(new SharedArrayBuffer(4));
    const worker = new Worker(new URL('./worker.fixture.mjs', import.meta.url), {
      workerData: { port, station: 1, gate },
    });
    await new Promise<void>((resolve, reject) => {
      worker.on('message', (message: unknown) => {
        if (message === 'packet') resolve();
        else node().io.sendRaw(loopbackAddress(port), requestFor('bHang'));
      });
      worker.once('error', reject);
    });
    const goOn = () => {
      Atomics.store(gate, 0, 1);
      Atomics.notify(gate, 0);
    };
    return { worker, goOn };
  }

  test('loses nothing of others: they read what its socket holds', async () => {
    const first = node({ station: 0 });
    const { worker, goOn } = await hangingStation(first.io.port);
    const senders = Array.from({ length: SENDERS }, () => node());
    const ticks = setInterval(() => first.io.tick(0), 20);
    try {
      for (let round = 1; round <= ROUNDS; round++) {
        for (const { io } of senders) io.sendRaw(first.address, requestFor('aHere'));
        await first.until(({ received }) => received.length === round * SENDERS);
      }
      expect(first.io.counters().rxStoodIn).toBeGreaterThan(0);
      // Its own waits for it, if it comes back.
      const told = new Promise((resolve) => worker.once('message', resolve));
      for (const { io } of senders) io.sendRaw(first.address, requestFor('bThere'));
      goOn();
      expect(await told).toBe('packet');
    } finally {
      clearInterval(ticks);
      await worker.terminate();
    }
  }, 20_000);

  test('may be ended while others read its socket', async () => {
    const first = node({ station: 0 });
    const ticks = setInterval(() => first.io.tick(0), 20);
    const senders = Array.from({ length: SENDERS }, () => node());
    const flood = setInterval(() => {
      for (const sender of senders) sender.io.sendRaw(first.address, requestFor('aHere'));
    }, 1);
    try {
      for (let round = 0; round < 3; round++) {
        const { worker } = await hangingStation(first.io.port);
        const before = first.io.counters().rxStoodIn;
        await first.until(({ io }) => io.counters().rxStoodIn > before + 5);
        expect(await worker.terminate()).toBe(1);
      }
    } finally {
      clearInterval(flood);
      clearInterval(ticks);
    }
  }, 20_000);
});

test('stations of other threads end at any moment, while mail comes', async () => {
  const first = node({ station: 0 });
  const { port } = first.io;
  const senders = Array.from({ length: 8 }, () => node());
  const flood = setInterval(() => {
    for (const sender of senders) {
      for (const name of ['aHere', 'bThere']) sender.io.sendRaw(first.address, requestFor(name));
    }
  }, 1);
  try {
    for (let round = 0; round < 4; round++) {
      const worker = new Worker(new URL('./worker.fixture.mjs', import.meta.url), {
        workerData: { port, station: 1 },
      });
      await new Promise<void>((resolve, reject) => {
        worker.on('message', (message: unknown) => {
          if (message === 'packet') resolve();
        });
        worker.once('error', reject);
      });
      await worker.terminate();
    }
  } finally {
    clearInterval(flood);
  }
  first.received.length = 0;
  node().io.sendRaw(loopbackAddress(port), requestFor('aEnd'));
  const end = hex(requestFor('aEnd'));
  await first.until((n) => n.received.some(({ bytes: got }) => hex(got) === end));
  expect(first.received.filter(({ bytes: got }) => hex(got) === end)).toHaveLength(1);
}, 60_000);
