/**
 * Reads RTCP from endpoints. Everything ends here except sender reports, which go on to receivers
 * under the numbers that they see. An endpoint can only speak about SSRCs it sends or is sent.
 */
import {
  compactNtp,
  compactNtpToMs,
  createReportBlock,
  createSenderInfo,
  firCount,
  firSsrc,
  PayloadFeedback,
  RtcpCursor,
  RtcpType,
  readNack,
  readReportBlock,
  readSenderInfo,
  rembBitrateBps,
  TransportCcFeedback,
  TransportFeedback,
} from '@conclave/protocols/rtcp';
import type { BridgeContext } from './bridge-context.ts';
import type { Endpoint } from './endpoint.ts';
import type { FeedbackTarget } from './feedback-target.ts';
import type { IncomingStream } from './incoming-stream.ts';
import type { OutgoingStream } from './outgoing-stream.ts';
import { SLOT_SIZE } from './packet-port.ts';
import type { ProbeSender } from './probe-sender.ts';
import { relaySenderReport } from './relay/relay-packets.ts';
import type { Retransmitter } from './retransmitter.ts';
import type { SourceOwner } from './source-owner.ts';

/** Sequence numbers of one NACK that are looked at. */
const MAX_NACKS = 256;
/** FIR entries of one packet that are looked at. */
const MAX_FIRS = 16;
/** Longer round trips are nonsense. */
const MAX_RTT_MS = 10_000;
/** Sender reports of one stream go on at this interval at most: each goes to every receiver, and one packet may hold fifty. */
const MIN_REPORT_INTERVAL_MS = 100;
/** Packets that a transport-cc feedback may be about for one more unit of `Endpoint.feedback`. */
const STATUSES_PER_UNIT = 512;

export class RtcpReceiver {
  readonly #context: BridgeContext;
  readonly #retransmitter: Retransmitter;
  readonly #probes: ProbeSender;
  readonly #cursor = new RtcpCursor();
  readonly #seqs = new Uint16Array(MAX_NACKS);
  readonly #block = createReportBlock();
  readonly #info = createSenderInfo();
  readonly #outInfo = createSenderInfo();
  readonly #feedback = new TransportCcFeedback();
  nacksReceived = 0;
  plisReceived = 0;
  firsReceived = 0;
  transportCcReceived = 0;
  rembsReceived = 0;

  constructor(context: BridgeContext, retransmitter: Retransmitter, probes: ProbeSender) {
    this.#context = context;
    this.#retransmitter = retransmitter;
    this.#probes = probes;
  }

  handleRtcp(endpoint: Endpoint, slot: number, length: number, nowMs: number): void {
    const cursor = this.#cursor;
    cursor.reset(this.#context.port.arena, slot * SLOT_SIZE, length);
    while (cursor.next()) {
      if (!endpoint.feedback.tryTake(1, nowMs)) {
        this.#context.counters.rtcpRateLimited++;
        return;
      }
      switch (cursor.type) {
        case RtcpType.senderReport:
          if (this.handleSenderReport(endpoint, cursor, nowMs)) {
            relaySenderReport(this.#context.port, endpoint, cursor);
          }
          this.#handleReportBlocks(endpoint, nowMs);
          break;
        case RtcpType.receiverReport:
          this.#handleReportBlocks(endpoint, nowMs);
          break;
        case RtcpType.transportFeedback:
          if (cursor.count === TransportFeedback.nack) this.#handleNack(endpoint, nowMs);
          else if (cursor.count === TransportFeedback.transportCc) {
            this.#handleTransportCc(endpoint, nowMs);
          }
          break;
        case RtcpType.payloadFeedback:
          if (cursor.count === PayloadFeedback.pli) {
            this.plisReceived++;
            this.#handleKeyframeRequest(endpoint, cursor.mediaSsrc, nowMs);
          } else if (cursor.count === PayloadFeedback.fir) this.#handleFir(endpoint, nowMs);
          else if (cursor.count === PayloadFeedback.applicationLayer) {
            this.#handleRemb(endpoint, nowMs);
          }
          break;
        default: // SDES, BYE and others say nothing that signalling does not
          break;
      }
    }
    if (cursor.isMalformed || cursor.skipped > 0) this.#context.counters.rtcpMalformed++;
  }

  /** The one at the cursor, about an SSRC of `owner`. Whether it went on to receivers. */
  handleSenderReport(owner: SourceOwner, cursor: RtcpCursor, nowMs: number): boolean {
    const stream = owner.streamsBySsrc.get(cursor.senderSsrc | 0);
    if (stream === undefined) {
      // RTX SSRCs have reports of their own, which nobody needs.
      if (!owner.streamsByRtxSsrc.has(cursor.senderSsrc | 0)) {
        this.#context.counters.rtcpUnknownSsrc++;
      }
      return false;
    }
    readSenderInfo(cursor.bytes, cursor.bodyOffset, this.#info);
    stream.reports.handleSenderReport(this.#info.ntpSeconds, this.#info.ntpFraction, nowMs);
    if (nowMs - stream.lastReportMs < MIN_REPORT_INTERVAL_MS) return false;
    stream.lastReportMs = nowMs;
    this.#forwardSenderReport(stream, nowMs);
    return true;
  }

  #forwardSenderReport(stream: IncomingStream, nowMs: number): void {
    const { source } = stream;
    for (const { receiver, out, timestampOffset } of source.audioForwards) {
      if (!out.hasSent) continue;
      this.#sendSenderReport(source.owner, receiver, out, timestampOffset, nowMs);
    }
    for (const projection of source.wanted) {
      const { receiver, out, timestampOffset } = projection;
      if (projection.currentIndex !== stream.index || !out.hasSent) continue;
      this.#sendSenderReport(source.owner, receiver, out, timestampOffset, nowMs);
    }
  }

  #sendSenderReport(
    sender: SourceOwner,
    receiver: FeedbackTarget,
    out: OutgoingStream,
    timestampOffset: number,
    nowMs: number,
  ): void {
    const info = this.#outInfo;
    info.ntpSeconds = this.#info.ntpSeconds;
    info.ntpFraction = this.#info.ntpFraction;
    info.rtpTimestamp = (this.#info.rtpTimestamp + timestampOffset) >>> 0;
    info.packetCount = out.packetCount >>> 0;
    info.octetCount = out.octetCount >>> 0;
    out.lastSrCompact = compactNtp(info.ntpSeconds, info.ntpFraction);
    out.lastSrSentMs = nowMs;
    // The same name on audio and video of one endpoint: they belong together (RFC 3550 §6.5.1).
    this.#context.rtcp.sendSenderReport(receiver, out, info, sender.id);
  }

  #handleReportBlocks(endpoint: Endpoint, nowMs: number): void {
    const cursor = this.#cursor;
    const block = this.#block;
    for (let i = 0; i < cursor.reportCount; i++) {
      readReportBlock(cursor.bytes, cursor.reportBlockOffset(i), block);
      const out = endpoint.outgoingBySsrc.get(block.ssrc | 0);
      if (out === undefined) {
        this.#context.counters.rtcpUnknownSsrc++;
        continue;
      }
      if (endpoint.projectionSentAs(block.ssrc) !== undefined) {
        endpoint.bandwidth.remb?.handleReport(block.fractionLost / 256, nowMs);
      }
      // The report's clock is the far sender's: only the report we passed on last can be timed.
      if (block.lastSr === 0 || block.lastSr !== out.lastSrCompact) continue;
      const rttMs = nowMs - out.lastSrSentMs - compactNtpToMs(block.delaySinceLastSr);
      if (rttMs < 0 || rttMs > MAX_RTT_MS) continue;
      endpoint.rttMs =
        endpoint.rttMs === undefined ? rttMs : endpoint.rttMs + (rttMs - endpoint.rttMs) / 8;
    }
  }

  #handleNack(endpoint: Endpoint, nowMs: number): void {
    const cursor = this.#cursor;
    const projection = endpoint.projectionSentAs(cursor.mediaSsrc);
    if (projection === undefined) {
      this.#context.counters.rtcpUnknownSsrc++;
      return;
    }
    this.nacksReceived++;
    const count = readNack(cursor.bytes, cursor.bodyOffset, cursor.bodyLength, this.#seqs);
    for (let i = 0; i < count; i++) {
      this.#retransmitter.resend(projection, this.#seqs[i]!, nowMs);
    }
  }

  /** Evidence for the estimate of what the endpoint can receive. */
  #handleTransportCc(endpoint: Endpoint, nowMs: number): void {
    const { bytes, bodyOffset, bodyLength } = this.#cursor;
    if (!this.#feedback.parse(bytes, bodyOffset, bodyLength)) {
      this.#context.counters.rtcpMalformed++;
      return;
    }
    if (!endpoint.feedback.tryTake(this.#feedback.count / STATUSES_PER_UNIT, nowMs)) {
      this.#context.counters.rtcpRateLimited++;
      return;
    }
    this.transportCcReceived++;
    endpoint.bandwidth.estimator.handleFeedback(this.#feedback, nowMs);
    this.#probes.watch(endpoint);
  }

  /** The endpoint's own estimate of what it can receive; other application layer feedback is left alone. */
  #handleRemb(endpoint: Endpoint, nowMs: number): void {
    const { bytes, bodyOffset, bodyLength } = this.#cursor;
    const { remb } = endpoint.bandwidth;
    const bitrateBps = rembBitrateBps(bytes, bodyOffset, bodyLength);
    if (remb === undefined || bitrateBps < 0) return;
    this.rembsReceived++;
    remb.handleRemb(bitrateBps, nowMs);
    this.#probes.watch(endpoint);
  }

  #handleFir(endpoint: Endpoint, nowMs: number): void {
    const { bytes, bodyOffset, bodyLength } = this.#cursor;
    this.firsReceived++;
    const count = Math.min(firCount(bodyLength), MAX_FIRS);
    for (let i = 0; i < count; i++) {
      this.#handleKeyframeRequest(endpoint, firSsrc(bytes, bodyOffset, i), nowMs);
    }
  }

  #handleKeyframeRequest(endpoint: Endpoint, ssrc: number, nowMs: number): void {
    const projection = endpoint.projectionSentAs(ssrc);
    if (projection === undefined) this.#context.counters.rtcpUnknownSsrc++;
    else this.#context.keyframes.requestFor(projection, nowMs);
  }
}
