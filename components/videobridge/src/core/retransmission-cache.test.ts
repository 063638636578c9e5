import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { IncomingPacket } from './incoming-packet.ts';
import {
  CACHE_AGE_MS,
  CACHE_PACKETS,
  RetransmissionCache,
  RetransmissionStore,
} from './retransmission-cache.ts';
import { SlotLedger } from './slot-ledger.ts';

function packetOf(extendedSeq: number, slot: number): IncomingPacket {
  return Object.assign(new IncomingPacket(), {
    extendedSeq,
    slot,
    payloadOffset: 12,
    payloadLength: 1000,
    marker: true,
    payloadType: 100,
    timestamp: -7,
    counterA: (2 << 8) | 15,
    counterB: (4 << 8) | 8,
  });
}

function setup(slotCount: number, maxSlots: number) {
  const released: number[] = [];
  const ledger = new SlotLedger({ slotCount, releaseSlot: (slot) => released.push(slot) });
  const store = new RetransmissionStore(ledger, maxSlots);
  let nextSlot = 0;
  const put = (cache: RetransmissionCache, seq: number, nowMs = 0): number => {
    const slot = nextSlot++ % slotCount;
    ledger.receive(slot);
    cache.put(packetOf(seq, slot), nowMs);
    ledger.releaseUnlessKept(slot);
    ledger.settle();
    return slot;
  };
  return { ledger, store, released, put };
}

describe('RetransmissionCache', () => {
  test.each([0, 65_535, 65_536, 2 ** 31, 2 ** 40])('finds packet %i by its number', (seq) => {
    const { store, put } = setup(8, 4);
    const cache = new RetransmissionCache(store);
    const slot = put(cache, seq);
    const at = cache.find(seq);
    expect(cache.slot(at)).toBe(slot);
    expect(cache.payloadOffset(at)).toBe(12);
    expect(cache.payloadLength(at)).toBe(1000);
    expect(cache.marker(at)).toBe(true);
    expect(cache.payloadType(at)).toBe(100);
    expect(cache.timestamp(at)).toBe(-7);
    expect([cache.counterA(at), cache.counterB(at)]).toEqual([(2 << 8) | 15, (4 << 8) | 8]);
    const read = new IncomingPacket();
    cache.read(at, read);
    expect(read).toEqual(packetOf(seq, slot));
    expect(cache.find(seq + 1)).toBe(-1);
    expect(cache.find(seq + CACHE_PACKETS)).toBe(-1);
  });

  test('a packet of the same place replaces the older one, never the newer', () => {
    const { store, put, ledger, released } = setup(16, 8);
    const cache = new RetransmissionCache(store);
    const old = put(cache, 5);
    put(cache, 5 + CACHE_PACKETS);
    expect(released).toEqual([old]);
    expect(cache.find(5)).toBe(-1);
    const late = put(cache, 5);
    expect(released).toEqual([old, late]);
    expect(cache.find(5 + CACHE_PACKETS)).toBeGreaterThanOrEqual(0);
    expect(ledger.cached).toBe(1);
  });

  test('gives packets up by age, and oldest first when the share is used up', () => {
    const { store, put, ledger } = setup(16, 3);
    const a = new RetransmissionCache(store);
    const b = new RetransmissionCache(store);
    put(a, 1, 0);
    put(b, 1, 10);
    put(a, 2, 20);
    put(b, 2, 30);
    expect([a.find(1), ledger.cached, store.evictedForSpace]).toEqual([-1, 3, 1]);
    store.evictOld(10 + CACHE_AGE_MS);
    expect(b.find(1)).toBeGreaterThanOrEqual(0);
    store.evictOld(11 + CACHE_AGE_MS);
    expect(b.find(1)).toBe(-1);
    expect(ledger.cached).toBe(2);
  });

  test('never leaks a slot or gives one back twice, whatever happens', () => {
    const operation = fc.record({
      kind: fc.constantFrom('put', 'put', 'put', 'evict', 'clear', 'close', 'age', 'space'),
      cache: fc.nat(2),
      seq: fc.nat(3 * CACHE_PACKETS),
    });
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 120 }), (operations) => {
        const slotCount = 32;
        const free = new Set(Array.from({ length: slotCount }, (_, slot) => slot));
        const ledger = new SlotLedger({
          slotCount,
          releaseSlot(slot) {
            expect(free.has(slot)).toBe(false);
            free.add(slot);
          },
        });
        const store = new RetransmissionStore(ledger, 12);
        const caches = [0, 1, 2].map(() => new RetransmissionCache(store));
        let nowMs = 0;
        for (const { kind, cache, seq } of operations) {
          nowMs += 50;
          if (kind === 'put') {
            const [slot] = free;
            if (slot === undefined) throw new Error('no free slot');
            free.delete(slot);
            ledger.receive(slot);
            caches[cache]!.put(packetOf(seq, slot), nowMs);
            ledger.releaseUnlessKept(slot);
          } else if (kind === 'evict') caches[cache]!.evict(seq);
          else if (kind === 'clear') caches[cache]!.clear();
          else if (kind === 'close') {
            caches[cache]!.close();
            caches[cache] = new RetransmissionCache(store);
          } else if (kind === 'age') store.evictOld(nowMs);
          else store.evictForSpace(seq % 5);
          ledger.settle();
          expect(free.size + ledger.cached).toBe(slotCount);
          expect(ledger.inHand).toBe(0);
          expect(ledger.cached).toBeLessThanOrEqual(12);
        }
        for (const cache of caches) cache.close();
        ledger.settle();
        expect(free.size).toBe(slotCount);
      }),
    );
  });
});
