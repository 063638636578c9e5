/**
 * Keeps each receiver's estimate in use: what it aims at, layers anew when it moved, probes, and what
 * the client is told about it.
 */
import { writeChannelMessage } from '@conclave/protocols/bridge-channel';
import type { BridgeContext } from './bridge-context.ts';
import type { Conference } from './conference.ts';
import type { Endpoint } from './endpoint.ts';
import type { ProbeSender } from './probe-sender.ts';

export class BandwidthWatch {
  readonly #context: Pick<BridgeContext, 'outlet'>;
  readonly #probes: ProbeSender;

  constructor(context: Pick<BridgeContext, 'outlet'>, probes: ProbeSender) {
    this.#context = context;
    this.#probes = probes;
  }

  /** For a connected endpoint, on every tick. */
  handleTick(conference: Conference, receiver: Endpoint, nowMs: number): void {
    const { bandwidth } = receiver;
    if (!bandwidth.isKnown) return;
    if (bandwidth.isAimDue(nowMs)) bandwidth.estimator.wantedBps = wantedBps(receiver, nowMs);
    bandwidth.estimator.handleTick(nowMs);
    this.#probes.watch(receiver);
    const isSuspended = receiver.projections.some((projection) => projection.isSuspended);
    if (bandwidth.update(nowMs, isSuspended)) conference.allocateFor(receiver, nowMs);
    if (receiver.channelId === undefined || !bandwidth.isStatsDue(nowMs)) return;
    this.#context.outlet.sendOnChannel(
      receiver.channelId,
      writeChannelMessage({
        colibriClass: 'ConnectionStats',
        estimatedDownlinkBandwidth: Math.round(bandwidth.estimator.estimateBps),
      }),
    );
  }
}

/** What the receiver would be sent now if bandwidth were no limit. */
function wantedBps(receiver: Endpoint, nowMs: number): number {
  let sum = 0;
  for (const { source, idealIndex } of receiver.projections) {
    sum += source.streams[idealIndex]?.rate.recentPeakBps(nowMs) ?? 0;
  }
  return sum;
}
