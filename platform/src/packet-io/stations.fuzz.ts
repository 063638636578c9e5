/**
 * STUN-like datagrams to two stations: random ones and mutations of requests and responses that name either of them. Each is
 * handled by one of the two, once; nothing may crash, hang or be read beyond its end (see it with the sanitizers).
 */
import { expect, test } from 'vitest';
import { LoopbackNode } from './loopback.fixture.ts';

const ROUNDS = 100_000;
/** Fewer than a socket buffer holds. */
const BURST = 100;

function request(name: string): Uint8Array {
  const bytes = new TextEncoder().encode(name);
  const padded = (bytes.length + 3) & ~3;
  const message = new Uint8Array(24 + padded + 8);
  message.set([0, 1, 0, message.length - 20, 0x21, 0x12, 0xa4, 0x42]);
  message.set([0, 6, 0, bytes.length, ...bytes], 20);
  message.set([0x80, 0x28, 0, 4], 24 + padded);
  return message;
}

function response(station: number): Uint8Array {
  const message = new Uint8Array(20);
  message.set([1, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42, station]);
  return message;
}

const samples = [
  request('aXYZ:remote'),
  request('bXYZ:remote'),
  request('p'),
  request(''),
  response(0),
  response(1),
  response(15),
];

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
    const sample = samples[random(samples.length)]!;
    const message = sample.slice(0, random(4) === 0 ? 1 + random(sample.length) : sample.length);
    for (let edits = random(4); edits > 0; edits--) message[random(message.length)] = random(256);
    message[0] = random(4);
    senders[random(senders.length)]!.io.sendRaw(a.address, message);
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
