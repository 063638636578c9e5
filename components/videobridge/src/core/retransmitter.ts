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
/** What may not be repeated now and is so much older than the newest (90 kHz) is given up. */
const OLD_TICKS = 45_000;
/** Time for the key frame instead of it to come and be shown. */
const GIVE_UP_INTERVAL_MS = 1000;

export class Retransmitter {
  readonly #context: Pick<BridgeContext, 'send' | 'counters' | 'keyframes'>;
  resent = 0;

  constructor(context: Pick<BridgeContext, 'send' | 'counters' | 'keyframes'>) {
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
    // Of another encoding: what is shown now does not build on it.
    if (!ring.find(seq, out.nextSeq - 1) || ring.streamIndex !== projection.currentIndex) {
      counters.nackMisses++;
      return;
    }
    const cache = source.streams[ring.streamIndex]?.cache;
    const cached = cache?.find(ring.sourceSeq) ?? -1;
    if (cache === undefined || cached < 0) {
      counters.nackMisses++;
      this.#giveUp(projection, nowMs);
      return;
    }
    if (receiver.isPaced && !receiver.pacing.mayRepeat(nowMs)) {
      this.#refuse(projection, cache.timestamp(cached), nowMs);
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
      this.#refuse(projection, cache.timestamp(cached), nowMs);
      return;
    }
    this.#send(projection, cache, cached, nowMs);
    this.resent++;
  }

  /** There is no room to repeat what `ring.find` found. */
  #refuse(projection: VideoProjection, timestamp: number, nowMs: number): void {
    this.#context.counters.nackRateLimited++;
    const { out, ring } = projection;
    const behindTicks = (out.lastTimestamp - timestamp - ring.timestampOffset) | 0;
    if (behindTicks > OLD_TICKS) this.#giveUp(projection, nowMs);
  }

  /**
   * What was sent will not come again, or not soon, as after an outage of a second: the receiver would show a still
   * picture, and think of a key frame after three seconds (libwebrtc).
   */
  #giveUp(projection: VideoProjection, nowMs: number): void {
    if (nowMs - projection.keyframeRequestsMs[0]! < GIVE_UP_INTERVAL_MS) return;
    this.#context.keyframes.requestFor(projection, nowMs);
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
    send.cached(
      cache,
      cached,
      isRtx ? rtxPayloadType : payloadType,
      outSeq,
      isRtx ? rtxPrefixWord(ring.outSeq) : 0,
      receiver.payloads.kind(payloadType) === PayloadKind.av1,
    );
    send.run(
      first,
      1,
      receiver.transport.peer,
      isRtx ? rtxOut.ssrcWord : out.ssrcWord,
      outSeq,
      ring.timestampOffset,
      extension,
      out.midWord,
      ring.addA,
      ring.addB,
    );
    if (!isRtx) return;
    const timestamp = (cache.timestamp(cached) + ring.timestampOffset) | 0;
    rtxOut.sent(outSeq, timestamp, false, payloadLength + 2, nowMs);
  }
}
