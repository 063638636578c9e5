/**
 * STUN-like datagrams to two stations: random ones and mutations of requests and responses that name either of them. Each is
 * handled by one of the two, once; nothing may crash, hang or be read beyond its end (see it with the sanitizers).
 */
import { byteCorpus } from '@conclave/testkit';
import { expect, test } from 'vitest';
import { LoopbackNode } from './loopback.fixture.ts';

const ROUNDS = 100_000;
/** Fewer than a socket buffer holds. */
const BURST = 100;

const samples = byteCorpus(import.meta.url);

test('100,000 mutated STUN messages: each reaches one station', async () => {
  const a = new LoopbackNode({ station: 0 });
  const b = new LoopbackNode({ station: 1, port: a.io.port });
  const senders = Array.from({ length: 8 }, () => new LoopbackNode());
  let state = 0x5eed;
  const random = (below: number) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
  // The kernel may give all senders to one of them.
  const sum = (name: 'rxPackets' | 'handedOver' | 'handoverDropped') =>
    a.io.counters()[name] + b.io.counters()[name];
  const handled = () => sum('rxPackets') + sum('handoverDropped');
  for (let i = 1; i <= ROUNDS; i++) {
    const kept = samples[i - 1];
    const sample = kept ?? samples[random(samples.length)]!;
    const message = sample.slice(0, random(4) === 0 ? 1 + random(sample.length) : sample.length);
    for (let edits = random(4); edits > 0; edits--) message[random(message.length)] = random(256);
    message[0] = random(4);
    senders[random(senders.length)]!.io.sendRaw(a.address, kept ?? message);
    if (i % BURST !== 0) continue;
    while (handled() < i) await new Promise(setImmediate);
    a.received.length = b.received.length = 0;
  }
  expect(handled()).toBe(ROUNDS);
  expect(sum('handedOver')).toBeGreaterThan(1000);
  // Places that nobody has taken.
  expect(sum('handoverDropped')).toBeGreaterThan(100);
  for (const { io } of [a, b]) expect(io.freeSlots).toBe(io.slotCount);
  for (const { io } of [a, b, ...senders]) io.close();
});
