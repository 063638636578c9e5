/** On a machine with several addresses what came to one is answered from it. */
import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import {
  filledSlot,
  joinWithKeys,
  type LoopbackNode,
  loopbackAddress,
  writePacket,
  writeRun,
} from './loopback.fixture.ts';
import { bytes, stun, useNodes } from './test-nodes.fixture.ts';

const { node } = useNodes(afterEach);

/** Whether ::1 is an address of this machine. */
function hasIpv6(): boolean {
  try {
    return readFileSync('/proc/net/if_inet6', 'utf8').includes('0000000000000001');
  } catch {
    return false;
  }
}

/** What a socket may be bound to. */
const SOCKETS: [string, string][] = [['IPv4', '0.0.0.0']];
if (hasIpv6()) SOCKETS.push(['dual stack', '::']);

/** 127.0.0.`host` and the port. */
function loopback(host: number, port: number): Uint8Array {
  const address = loopbackAddress(port);
  address[7] = host;
  return address;
}

describe.each(SOCKETS)('several local addresses, %s', (_, address) => {
  /** A node that heard from `a` at 127.0.0.2 and 127.0.0.3. */
  async function heardAtTwo() {
    const a = node();
    const b = node({ address, localAddresses: true });
    for (const host of [2, 3]) {
      a.io.sendRaw(loopback(host, b.io.port), stun);
      await b.until((n) => n.received.length === host - 1);
    }
    const [second, third] = b.received.map((packet) => packet.address);
    return { a, b, second: second!, third: third! };
  }

  test('are told apart in the records, and only there', async () => {
    const { a, second, third } = await heardAtTwo();
    expect(second[1]).not.toBe(0);
    expect(third[1]).not.toBe(0);
    expect(third[1]).not.toBe(second[1]);
    for (const record of [second, third]) {
      const plain = record.slice();
      plain[1] = 0;
      expect(plain).toEqual(a.address);
    }
  });

  test('answer from where the question came to', async () => {
    const { a, b, second, third } = await heardAtTwo();
    b.io.sendRaw(third, stun);
    await a.until((n) => n.received.length === 1);
    expect(a.received[0]?.address).toEqual(loopback(3, b.io.port));
    b.io.sendRaw(second, stun);
    await a.until((n) => n.received.length === 2);
    expect(a.received[1]?.address).toEqual(loopback(2, b.io.port));
  });

  test('carry media from the one that is bound', async () => {
    const { a, b, second, third } = await heardAtTwo();
    const { peerOfA, peerOfB } = joinWithKeys(a, b, 'AEAD_AES_128_GCM');
    for (const [record, host] of [
      [second, 2],
      [third, 3],
    ] as const) {
      b.io.bindAddress(peerOfB, record);
      a.io.bindAddress(peerOfA, loopback(host, b.io.port));
      const before = a.received.length;
      // One packet alone, then several of one size, which leave as one message.
      sendRun(b, peerOfB, 1, host * 100);
      sendRun(b, peerOfB, 3, host * 100 + 10);
      await a.until((n) => n.received.length === before + 4);
      b.io.sendRtcp(peerOfB, bytes(12));
      await a.until((n) => n.received.length === before + 5);
      for (const packet of a.received.slice(before)) {
        expect(packet.peer).toBe(peerOfA);
        expect(packet.address).toEqual(loopback(host, b.io.port));
      }
      const heard = b.received.length;
      a.io.sendRtcp(peerOfA, bytes(12));
      await b.until((n) => n.received.length === heard + 1);
      expect(b.received.at(-1)).toMatchObject({ peer: peerOfB, address: record });
    }
  });
});

/** `count` packets as one run. */
function sendRun({ io }: LoopbackNode, peer: number, count: number, seq: number): void {
  const slot = filledSlot(io, bytes(100));
  for (let i = 0; i < count; i++) writePacket(io, i, { slot, length: 100, seq: seq + i });
  writeRun(io, 0, 0, count, { peer, seq });
  io.flush(1);
  io.releaseSlot(slot);
}

test('are not told apart when that is not wanted', async () => {
  const a = node();
  const b = node({ address: '0.0.0.0', localAddresses: false });
  a.io.sendRaw(loopback(2, b.io.port), stun);
  await b.until((n) => n.received.length === 1);
  expect(b.received[0]?.address).toEqual(a.address);
});

test.skipIf(!hasIpv6())(
  'a client that has IPv6 only is heard, answered and sent media',
  async () => {
    const a = node({ address: '::1' });
    const b = node({ address: '::', localAddresses: true });
    const ipv6 = (port: number): Uint8Array => {
      const record = loopbackAddress(port);
      record.set([6, 0, port >> 8, port & 0xff, ...new Uint8Array(15), 1]);
      return record;
    };
    a.io.sendRaw(ipv6(b.io.port), stun);
    await b.until((n) => n.received.length === 1);
    const record = b.received[0]!.address;
    expect(record.slice(2)).toEqual(ipv6(a.io.port).slice(2));
    b.io.sendRaw(record, stun);
    await a.until((n) => n.received.length === 1);
    const { peerOfA, peerOfB } = joinWithKeys(a, b, 'AEAD_AES_128_GCM');
    a.io.bindAddress(peerOfA, ipv6(b.io.port));
    b.io.bindAddress(peerOfB, record);
    sendRun(b, peerOfB, 3, 10);
    await a.until((n) => n.received.length === 4);
    expect(a.received.slice(1).every(({ peer }) => peer === peerOfA)).toBe(true);
  },
);
