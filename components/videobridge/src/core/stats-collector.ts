/** Adds up what `BridgeStats` tells. */
import type { BridgeContext } from './bridge-context.ts';
import type { BridgeStats } from './bridge-stats.ts';
import type { Conference } from './conference.ts';
import type { PacketPortCounters } from './packet-port.ts';
import type { ProbeSender } from './probe-sender.ts';
import type { Retransmitter } from './retransmitter.ts';
import type { RtcpReceiver } from './rtcp-receiver.ts';

/** Rates are over at least so long: several parties ask, some of them often. */
const RATE_WINDOW_MS = 1000;
/** Entries of `conference_sizes`. */
const SIZES = 22;

export class StatsCollector {
  readonly #context: BridgeContext;
  readonly #rtcp: RtcpReceiver;
  readonly #retransmitter: Retransmitter;
  readonly #probes: ProbeSender;
  #last: PacketPortCounters | undefined;
  #lastMs = 0;
  #rates = { rxBytes: 0, txBytes: 0, rxPackets: 0, txPackets: 0 };

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
    let receiveOnly = 0;
    let inactiveEndpoints = 0;
    let inactiveConferences = 0;
    let suspended = 0;
    let relayedConferences = 0;
    let remoteEndpoints = 0;
    const sizes = Array.from({ length: SIZES }, () => 0);
    for (const conference of conferences) {
      conferenceCount++;
      const { size } = conference.endpoints;
      largest = Math.max(largest, size);
      sizes[Math.min(size, SIZES - 1)]!++;
      if (conference.relays.size > 0) relayedConferences++;
      for (const relay of conference.relays.values()) remoteEndpoints += relay.endpoints.size;
      let isActive = false;
      for (const endpoint of conference.endpoints.values()) {
        endpoints++;
        const isSending = (type: string) =>
          endpoint.sources.some(
            (source) => source.type === type && source.streams.some((stream) => stream.isActive),
          );
        const hasAudio = isSending('audio');
        const hasVideo = isSending('video');
        if (hasAudio) sendingAudio++;
        if (hasVideo) sendingVideo++;
        if (hasAudio || hasVideo) isActive = true;
        else if (endpoint.isConnected) receiveOnly++;
        if (!endpoint.isConnected) inactiveEndpoints++;
        if (endpoint.wanted.some((projection) => projection.isSuspended)) suspended++;
        if (endpoint.rttMs === undefined) continue;
        rttSumMs += endpoint.rttMs;
        rttCount++;
      }
      if (!isActive) inactiveConferences++;
    }
    const now = this.#context.port.counters();
    this.#measure(now, nowMs);
    const { rxBytes, txBytes, rxPackets, txPackets } = this.#rates;
    return {
      conferences: conferenceCount,
      largest_conference: largest,
      conference_sizes: sizes,
      octo_conferences: relayedConferences,
      octo_endpoints: remoteEndpoints,
      inactive_conferences: inactiveConferences,
      endpoints,
      receive_only_endpoints: receiveOnly,
      inactive_endpoints: inactiveEndpoints,
      endpoints_with_suspended_sources: suspended,
      endpoints_sending_audio: sendingAudio,
      endpoints_sending_video: sendingVideo,
      bit_rate_download: Math.round((rxBytes * 8) / 1000),
      bit_rate_upload: Math.round((txBytes * 8) / 1000),
      packet_rate_download: Math.round(rxPackets),
      packet_rate_upload: Math.round(txPackets),
      rtt_aggregate: rttCount === 0 ? 0 : rttSumMs / rttCount,
      counters: this.#counters(now, conferenceCount),
    };
  }

  /** Per second since the last time, if that is long enough ago. */
  #measure(now: PacketPortCounters, nowMs: number): void {
    const last = this.#last;
    const seconds = (nowMs - this.#lastMs) / 1000;
    if (last !== undefined && seconds * 1000 < RATE_WINDOW_MS) return;
    this.#last = now;
    this.#lastMs = nowMs;
    if (last === undefined) return;
    this.#rates = {
      rxBytes: (now.rxBytes - last.rxBytes) / seconds,
      txBytes: (now.txBytes - last.txBytes) / seconds,
      rxPackets: (now.rxPackets - last.rxPackets) / seconds,
      txPackets: (now.txPackets - last.txPackets) / seconds,
    };
  }

  #counters(packetIo: PacketPortCounters, conferences: number): Record<string, number> {
    const { rtcp, keyframes, store, counters, totals, port, ledger } = this.#context;
    const out: Record<string, number> = {
      total_conferences_created: totals.conferencesCreated,
      total_conferences_completed: totals.conferencesCreated - conferences,
      total_participants: totals.endpointsCreated,
      total_endpoints_connected: totals.endpointsConnected,
      total_dominant_speaker_changes: totals.dominantSpeakerChanges,
      total_last_n_changes: totals.lastNChanges,
      total_keyframes_received: keyframes.received,
      total_bytes_received: packetIo.rxBytes,
      total_bytes_sent: packetIo.txBytes,
      total_packets_received: packetIo.rxPackets,
      total_packets_sent: packetIo.txPackets,
      total_nacks_sent: rtcp.nacksSent,
      total_packets_nacked: rtcp.packetsNacked,
      total_plis_sent: rtcp.plisSent,
      total_firs_sent: rtcp.firsSent,
      total_nacks_received: this.#rtcp.nacksReceived,
      total_plis_received: this.#rtcp.plisReceived,
      total_firs_received: this.#rtcp.firsReceived,
      total_transport_cc_received: this.#rtcp.transportCcReceived,
      total_rembs_received: this.#rtcp.rembsReceived,
      total_rembs_sent: rtcp.rembsSent,
      total_packets_resent: this.#retransmitter.resent,
      total_packets_paced: this.#context.paced.packetsDelayed,
      total_packets_paced_gone: this.#context.paced.packetsGone,
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
