/**
 * Sends what bandwidth probes ask for: recent packets once more over RTX, which may even repair
 * something, else padding on the bridge's own SSRC. Paced by being called often: with each batch
 * of packets, each tick, and every few milliseconds while a probe lasts.
 */
import type { BridgeContext } from './bridge-context.ts';
import type { Endpoint } from './endpoint.ts';
import type { ReceiverFailed } from './receiver-failed.ts';
import type { Retransmitter } from './retransmitter.ts';
import { RTP_HEADER_BYTES } from './send-pipeline.ts';

/** Packets in one call: a bound in case time jumped. */
const MAX_PACKETS = 64;
/** How far back repeated packets are looked for. */
const MAX_REPEATED = 32;
const PADDING_BYTES = 255;

export class ProbeSender {
  readonly #context: BridgeContext;
  readonly #retransmitter: Retransmitter;
  readonly #failed: ReceiverFailed;
  readonly #endpoints = new Set<Endpoint>();
  packetsRepeated = 0;
  paddingSent = 0;

  constructor(context: BridgeContext, retransmitter: Retransmitter, failed: ReceiverFailed) {
    this.#context = context;
    this.#retransmitter = retransmitter;
    this.#failed = failed;
  }

  /** While true, `sendDue` wants to be called every few milliseconds. */
  get isProbing(): boolean {
    return this.#endpoints.size > 0;
  }

  /** The endpoint's estimate may have become something to put to the test. */
  watch(endpoint: Endpoint): void {
    if (endpoint.bandwidth.isPadding) this.#endpoints.add(endpoint);
  }

  /** Queues what is due; the caller flushes. */
  sendDue(nowMs: number): void {
    if (this.#endpoints.size === 0) return;
    for (const endpoint of this.#endpoints) {
      try {
        if (endpoint.isConnected) this.#sendTo(endpoint, nowMs);
        if (endpoint.isConnected && endpoint.bandwidth.isPadding) continue;
      } catch (error) {
        this.#failed(endpoint, error, nowMs);
      }
      this.#endpoints.delete(endpoint);
    }
  }

  #sendTo(endpoint: Endpoint, nowMs: number): void {
    const { bandwidth } = endpoint;
    let budget = MAX_PACKETS;
    // A slow probe is made of small packets, lest its few packets take a second.
    const maxBytes = Math.max(PADDING_BYTES, bandwidth.estimator.probeSizeBytes / 2);
    for (const projection of endpoint.wanted) {
      if (projection.currentIndex < 0 || !projection.out.hasSent) continue;
      for (let back = 0; back < MAX_REPEATED && budget > 0; back++) {
        if (bandwidth.paddingBytesDue(nowMs) <= 0) return;
        const sentBytes = this.#retransmitter.repeat(projection, back, maxBytes, nowMs);
        if (sentBytes === 0) continue;
        bandwidth.paddingSent(sentBytes);
        this.packetsRepeated++;
        budget--;
      }
    }
    if (bandwidth.paddingBytesDue(nowMs) > 0) this.#sendPadding(endpoint, budget, nowMs);
  }

  #sendPadding(endpoint: Endpoint, maxPackets: number, nowMs: number): void {
    const { port, ledger, send } = this.#context;
    const { bandwidth } = endpoint;
    const { videoTransportCcId, sendTimeId, paddingType } = endpoint.payloads;
    const out = endpoint.outgoing(endpoint.conference.feedbackVideoSsrc);
    if (out === undefined || paddingType < 0) return;
    const slot = port.takeSlot();
    if (slot < 0) return;
    ledger.receive(slot);
    const first = send.reserve(1);
    send.packet(slot, 0, 0, false, paddingType, 0, out.lastTimestamp, 0, 0, PADDING_BYTES, 0);
    for (let i = 0; i < maxPackets && bandwidth.paddingBytesDue(nowMs) > 0; i++) {
      const sizeBytes = RTP_HEADER_BYTES + PADDING_BYTES;
      const extension = endpoint.timingExtension(videoTransportCcId, sendTimeId, sizeBytes, nowMs);
      const { peer } = endpoint.transport;
      bandwidth.paddingSent(sizeBytes);
      send.run(first, 1, peer, out.ssrcWord, out.nextSeq, 0, extension, 0, 0, 0);
      out.sent(out.nextSeq, out.lastTimestamp, false, 0, nowMs);
      this.paddingSent++;
    }
    // Given back after the next flush, when nothing points at it any more.
    ledger.release(slot);
  }
}
