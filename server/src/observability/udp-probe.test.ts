import { createSocket, type Socket } from 'node:dgram';
import type { BridgeStats } from '@conclave/videobridge';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { probeUdpPort } from './udp-probe.ts';

let socket: Socket;
let received: Buffer[] = [];
beforeEach(async () => {
  received = [];
  socket = createSocket('udp4');
  socket.on('message', (message) => received.push(message));
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
});
afterEach(() => socket.close());

const stats = (count: number) =>
  ({ counters: { total_packets_received: count } }) as unknown as BridgeStats;
/** Each wait is one turn of the event loop. */
const timers = {
  schedule: (_ms: number, run: () => void) => {
    const handle = setImmediate(run);
    return { cancel: () => clearImmediate(handle) };
  },
};

test('a bridge that counts the datagram is well', async () => {
  const answer = await probeUdpPort(
    {
      timers: {
        schedule: (_ms, run) => {
          socket.once('message', () => setImmediate(run));
          return { cancel() {} };
        },
      },
      bridgeStats: async () => stats(received.length),
    },
    socket.address().port,
  );
  expect(answer).toBeUndefined();
  // A STUN binding request, magic cookie and all.
  expect(received[0]?.subarray(0, 8).toString('hex')).toBe('000100002112a442');
});

test('one that counts nothing is not', async () => {
  const deps = { timers, bridgeStats: async () => stats(7) };
  expect(await probeUdpPort(deps, socket.address().port)).toBe(
    `no datagram reaches the bridge on UDP port ${socket.address().port}`,
  );
});

test('a worker that is away is not said to be a port that is', async () => {
  const deps = { timers, bridgeStats: async () => undefined };
  expect(await probeUdpPort(deps, socket.address().port)).toBeUndefined();
});
