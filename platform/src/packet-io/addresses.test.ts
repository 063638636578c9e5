/** Whose packets an address brings, and where a peer is sent to. */
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { loopbackAddress } from './loopback.fixture.ts';
import { bytes, hex, stun, useNodes } from './test-nodes.fixture.ts';

const { node, joined } = useNodes(afterEach);

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

  test('whose an address is stays right while peers come and go', () => {
    const { io } = node();
    const PEERS = 60;
    const ADDRESSES = 400;
    const step = fc.record({
      peer: fc.nat(PEERS - 1),
      address: fc.nat(ADDRESSES - 1),
      isLeaving: fc.nat(19).map((n) => n === 0),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 600, size: 'max' }), (steps) => {
        const peers = Array.from({ length: PEERS }, () => io.addPeer());
        const owners = new Map<number, number>();
        const countOf = (peer: number) => [...owners.values()].filter((p) => p === peer).length;
        for (const { peer, address, isLeaving } of steps) {
          if (isLeaving) {
            io.removePeer(peers[peer]!);
            for (const [known, owner] of owners) if (owner === peer) owners.delete(known);
            peers[peer] = io.addPeer();
          } else if (countOf(peer) < 8) {
            const isFree = (owners.get(address) ?? peer) === peer;
            expect(io.allowAddress(peers[peer]!, loopbackAddress(1 + address))).toBe(isFree);
            if (isFree) owners.set(address, peer);
          }
        }
        for (let address = 0; address < ADDRESSES; address++) {
          const stranger = io.addPeer();
          const isFree = !owners.has(address);
          expect(io.allowAddress(stranger, loopbackAddress(1 + address))).toBe(isFree);
          io.removePeer(stranger);
        }
        for (const peer of peers) io.removePeer(peer);
      }),
      { numRuns: 30 },
    );
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
