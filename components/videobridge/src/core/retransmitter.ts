/**
 * Answers a receiver's NACK from the retransmission cache, on the RTX SSRC where there is one
 * (RFC 4588), else with the very same packet again.
 */
import { PayloadKind } from '@conclave/protocols/rtp';
import type { BridgeContext } from './bridge-context.ts';
import type { VideoProjection } from './projection/video-projection.ts';
import type { RetransmissionCache } from './retransmission-cache.ts';
import { RTP_HEADER_BYTES, rtxPrefixWord } from './send-pipeline.ts';

/** Assumed before the first measurement. */
const DEFAULT_RTT_MS = 100;
const MIN_REPEAT_MS = 5;

export class Retransmitter {
  readonly #context: Pick<BridgeContext, 'send' | 'counters'>;
  resent = 0;

  constructor(context: Pick<BridgeContext, 'send' | 'counters'>) {
    this.#context = context;
  }

  /** Sends again what was sent as `seq` (0..65535), unless that happened within a round trip. */
  resend(projection: VideoProjection, seq: number, nowMs: number): void {
    const { counters } = this.#context;
    const { receiver, source, out } = projection;
    if (!out.hasSent) {
      counters.nackMisses++;
      return;
    }
    const { ring } = projection;
    const cache = ring.find(seq, out.nextSeq - 1)
      ? source.streams[ring.streamIndex]?.cache
      : undefined;
    const cached = cache?.find(ring.sourceSeq) ?? -1;
    // Of another encoding: what is shown now does not build on it.
    if (cache === undefined || cached < 0 || ring.streamIndex !== projection.currentIndex) {
      counters.nackMisses++;
      return;
    }
    if (receiver.isPaced && !receiver.pacing.mayRepeat(nowMs)) {
      counters.nackRateLimited++;
      return;
    }
    const rttMs = receiver.rttMs ?? DEFAULT_RTT_MS;
    const repeatMs = Math.max(MIN_REPEAT_MS, Math.min(0.9 * rttMs, rttMs - 5));
    if (ring.wasResentWithin(ring.outSeq, repeatMs, nowMs)) {
      counters.nackRepeats++;
      return;
    }
    const sizeBytes = RTP_HEADER_BYTES + cache.payloadLength(cached);
    if (
      !receiver.bandwidth.takeResend(sizeBytes, nowMs) ||
      !receiver.retransmissions.tryTake(1, nowMs)
    ) {
      counters.nackRateLimited++;
      return;
    }
    this.#send(projection, cache, cached, nowMs);
    this.resent++;
  }

  /**
   * For bandwidth probes: sends the packet `back` before the newest once more over RTX. Returns the bytes sent, 0 when
   * that cannot be done, or its payload has more than `maxBytes`.
   */
  repeat(projection: VideoProjection, back: number, maxBytes: number, nowMs: number): number {
    const { receiver, source, out, rtxOut, ring } = projection;
    const newest = out.nextSeq - 1;
    const cache = ring.find((newest - back) & 0xffff, newest)
      ? source.streams[ring.streamIndex]?.cache
      : undefined;
    const cached = cache?.find(ring.sourceSeq) ?? -1;
    if (cache === undefined || cached < 0 || rtxOut === undefined) return 0;
    if (cache.payloadLength(cached) > maxBytes) return 0;
    const { payloads } = receiver;
    if (payloads.rtxOf(cache.payloadType(cached)) < 0) return 0;
    this.#send(projection, cache, cached, nowMs);
    return RTP_HEADER_BYTES + 2 + cache.payloadLength(cached);
  }

  /** The packet that `ring.find` found, from its cache. */
  #send(
    projection: VideoProjection,
    cache: RetransmissionCache,
    cached: number,
    nowMs: number,
  ): void {
    const { send } = this.#context;
    const { receiver, out, rtxOut, ring } = projection;
    const payloadType = cache.payloadType(cached);
    const rtxPayloadType = receiver.payloads.rtxOf(payloadType);
    const payloadLength = cache.payloadLength(cached);
    const isRtx = rtxOut !== undefined && rtxPayloadType >= 0;
    // Without RTX the same packet again must be the same bytes: its SRTP nonce is the same (RFC 3711 §9.1).
    const { videoTransportCcId, sendTimeId } = receiver.payloads;
    const sizeBytes = RTP_HEADER_BYTES + 2 + payloadLength;
    const extension = isRtx
      ? receiver.timingExtension(videoTransportCcId, sendTimeId, sizeBytes, nowMs)
      : 0;
    receiver.pacing.spend(sizeBytes);
    const outSeq = isRtx ? rtxOut.nextSeq : ring.outSeq;
    const first = send.reserve(1);
    send.packet(
      cache.slot(cached),
      cache.payloadOffset(cached),
      payloadLength,
      cache.marker(cached),
      isRtx ? rtxPayloadType : payloadType,
      outSeq,
      cache.timestamp(cached),
      cache.counterA(cached),
      cache.counterB(cached),
      isRtx ? rtxPrefixWord(ring.outSeq) : 0,
      receiver.payloads.kind(payloadType) === PayloadKind.av1 ? cache.extension(cached) : 0,
    );
    send.run(
      first,
      1,
      receiver.transport.peer,
      isRtx ? rtxOut.ssrcWord : out.ssrcWord,
      outSeq,
      ring.timestampOffset,
      extension,
      0,
      ring.addA,
      ring.addB,
    );
    if (!isRtx) return;
    const timestamp = (cache.timestamp(cached) + ring.timestampOffset) | 0;
    rtxOut.sent(outSeq, timestamp, false, payloadLength + 2, nowMs);
  }
}
