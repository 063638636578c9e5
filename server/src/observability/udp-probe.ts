/**
 * Whether datagrams reach the bridge: sends one to the media port from this machine and looks whether
 * the bridge counts it. What arrives anyway counts as well.
 */
import { createSocket } from 'node:dgram';
import type { Timers } from '@conclave/base';
import type { BridgeStats } from '@conclave/videobridge';

export interface UdpProbeDependencies {
  readonly timers: Timers;
  readonly bridgeStats: () => Promise<BridgeStats | undefined>;
}

/** A STUN binding request (RFC 8489 §5) for nobody: the bridge counts and drops it. */
const REQUEST = Buffer.from('000100002112a442000000000000000000000000', 'hex');
/** How long after the first, second … sending one looks: loopback is quick, a busy worker is not. */
const WAITS_MS = [10, 40, 200, 750];

/** Undefined when datagrams arrive, else what is wrong. */
export async function probeUdpPort(
  { timers, bridgeStats }: UdpProbeDependencies,
  port: number,
): Promise<string | undefined> {
  const before = received(await bridgeStats());
  if (before === undefined) return undefined;
  for (const waitMs of WAITS_MS) {
    const error = await sendRequest(port);
    if (error !== undefined) return `UDP port ${port} cannot be reached: ${error}`;
    await new Promise<void>((resolve) => timers.schedule(waitMs, resolve));
    const now = received(await bridgeStats());
    // A worker that is gone is somebody else's finding.
    if (now === undefined || now !== before) return undefined;
  }
  return `no datagram reaches the bridge on UDP port ${port}`;
}

function received(stats: BridgeStats | undefined): number | undefined {
  return stats?.counters.total_packets_received;
}

function sendRequest(port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4');
    const end = (error?: Error | null) => {
      socket.close();
      resolve(error?.message);
    };
    socket.once('error', end);
    socket.send(REQUEST, port, '127.0.0.1', end);
  });
}
