/** Adds up what `BridgeStats` tells. */
import type { BridgeContext } from './bridge-context.ts';
import type { BridgeStats } from './bridge-stats.ts';
import type { Conference } from './conference.ts';
import type { PacketPortCounters } from './packet-port.ts';
import type { ProbeSender } from './probe-sender.ts';
import type { Retransmitter } from './retransmitter.ts';
import type { RtcpReceiver } from './rtcp-receiver.ts';

export class StatsCollector {
  readonly #context: BridgeContext;
  readonly #rtcp: RtcpReceiver;
  readonly #retransmitter: Retransmitter;
  readonly #probes: ProbeSender;
  #last: PacketPortCounters | undefined;
  #lastMs = 0;

  constructor(
    context: BridgeContext,
    rtcp: RtcpReceiver,
    retransmitter: Retransmitter,
    probes: ProbeSender,
  ) {
    this.#context = context;
    this.#rtcp = rtcp;
    this.#retransmitter = retransmitter;
    this.#probes = probes;
  }

  collect(conferences: Iterable<Conference>, nowMs: number): BridgeStats {
    let conferenceCount = 0;
    let largest = 0;
    let endpoints = 0;
    let sendingAudio = 0;
    let sendingVideo = 0;
    let rttSumMs = 0;
    let rttCount = 0;
    for (const conference of conferences) {
      conferenceCount++;
      largest = Math.max(largest, conference.endpoints.size);
      for (const endpoint of conference.endpoints.values()) {
        endpoints++;
        const isSending = (type: string) =>
          endpoint.sources.some(
            (source) => source.type === type && source.streams.some((stream) => stream.isActive),
          );
        if (isSending('audio')) sendingAudio++;
        if (isSending('video')) sendingVideo++;
        if (endpoint.rttMs === undefined) continue;
        rttSumMs += endpoint.rttMs;
        rttCount++;
      }
    }
    const now = this.#context.port.counters();
    const last = this.#last ?? now;
    const seconds = Math.max(0.001, (nowMs - this.#lastMs) / 1000);
    this.#last = now;
    this.#lastMs = nowMs;
    const perSecond = (field: keyof PacketPortCounters) =>
      Math.round((now[field] - last[field]) / seconds);
    return {
      conferences: conferenceCount,
      largest_conference: largest,
      endpoints,
      endpoints_sending_audio: sendingAudio,
      endpoints_sending_video: sendingVideo,
      bit_rate_download: Math.round((perSecond('rxBytes') * 8) / 1000),
      bit_rate_upload: Math.round((perSecond('txBytes') * 8) / 1000),
      packet_rate_download: perSecond('rxPackets'),
      packet_rate_upload: perSecond('txPackets'),
      rtt_aggregate: rttCount === 0 ? 0 : rttSumMs / rttCount,
      counters: this.#counters(now),
    };
  }

  #counters(packetIo: PacketPortCounters): Record<string, number> {
    const { rtcp, keyframes, store, counters, port, ledger } = this.#context;
    const out: Record<string, number> = {
      total_nacks_sent: rtcp.nacksSent,
      total_packets_nacked: rtcp.packetsNacked,
      total_plis_sent: rtcp.plisSent,
      total_firs_sent: rtcp.firsSent,
      total_nacks_received: this.#rtcp.nacksReceived,
      total_plis_received: this.#rtcp.plisReceived,
      total_firs_received: this.#rtcp.firsReceived,
      total_transport_cc_received: this.#rtcp.transportCcReceived,
      total_packets_resent: this.#retransmitter.resent,
      total_probe_packets_repeated: this.#probes.packetsRepeated,
      total_probe_padding_sent: this.#probes.paddingSent,
      total_keyframes_requested: keyframes.requested,
      total_keyframe_requests_suppressed: keyframes.suppressed,
      slots_in_hand: ledger.inHand,
      slots_cached: ledger.cached,
      slots_free: port.freeSlots,
      total_slots_evicted_for_space: store.evictedForSpace,
    };
    for (const [name, value] of Object.entries(counters)) {
      if (typeof value === 'number') out[`dropped_${snakeCase(name)}`] = value;
    }
    for (const [name, value] of Object.entries(packetIo)) {
      if (typeof value === 'number') out[`packet_io_${snakeCase(name)}`] = value;
    }
    return out;
  }
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
