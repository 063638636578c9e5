/**
 * Answers a receiver's NACK from the retransmission cache, on the RTX SSRC where there is one
 * (RFC 4588), else with the very same packet again.
 */
import type { BridgeContext } from './bridge-context.ts';
import type { VideoProjection } from './projection/video-projection.ts';
import type { RetransmissionCache } from './retransmission-cache.ts';
import { extensionWord16, RTP_HEADER_BYTES, rtxPrefixWord } from './send-pipeline.ts';

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
    const entry = ring.find(seq, out.nextSeq - 1);
    const cache = entry < 0 ? undefined : source.streams[ring.streamIndex(entry)]?.cache;
    const cached = cache?.find(ring.sourceSeq(entry)) ?? -1;
    if (cache === undefined || cached < 0) {
      counters.nackMisses++;
      return;
    }
    const rttMs = receiver.rttMs ?? DEFAULT_RTT_MS;
    const repeatMs = Math.max(MIN_REPEAT_MS, Math.min(0.9 * rttMs, rttMs - 5));
    if (ring.wasResentWithin(entry, repeatMs, nowMs)) {
      counters.nackRepeats++;
      return;
    }
    if (!receiver.retransmissions.tryTake(1, nowMs)) {
      counters.nackRateLimited++;
      return;
    }
    this.#send(projection, entry, cache, cached, nowMs);
    this.resent++;
  }

  /**
   * For bandwidth probes: sends the packet `back` before the newest once more over RTX. False when that
   * cannot be done, or its payload has more than `maxBytes`.
   */
  repeat(projection: VideoProjection, back: number, maxBytes: number, nowMs: number): boolean {
    const { receiver, source, out, rtxOut, ring } = projection;
    const newest = out.nextSeq - 1;
    const entry = ring.find((newest - back) & 0xffff, newest);
    const cache = entry < 0 ? undefined : source.streams[ring.streamIndex(entry)]?.cache;
    const cached = cache?.find(ring.sourceSeq(entry)) ?? -1;
    if (cache === undefined || cached < 0 || rtxOut === undefined) return false;
    if (cache.payloadLength(cached) > maxBytes) return false;
    const { payloads } = receiver;
    if (payloads.rtxOf(cache.payloadType(cached)) < 0 || payloads.videoTransportCcId <= 0) {
      return false;
    }
    this.#send(projection, entry, cache, cached, nowMs);
    return true;
  }

  #send(
    projection: VideoProjection,
    entry: number,
    cache: RetransmissionCache,
    cached: number,
    nowMs: number,
  ): void {
    const { receiver, out, rtxOut, ring } = projection;
    const transportCcId = receiver.payloads.videoTransportCcId;
    const payloadType = cache.payloadType(cached);
    const rtxPayloadType = receiver.payloads.rtxOf(payloadType);
    const outSeq = ring.outSeq(entry);
    const payloadLength = cache.payloadLength(cached);
    const isRtx = rtxOut !== undefined && rtxPayloadType >= 0;
    // The same packet again must be the same bytes: its SRTP nonce is the same (RFC 3711 §9.1).
    let transportSeq = ring.transportSeq(entry);
    if (isRtx && transportCcId > 0) {
      transportSeq = receiver.takeTransportSeq(RTP_HEADER_BYTES + 2 + payloadLength, nowMs);
    }
    this.#context.send.write(
      cache.slot(cached),
      cache.payloadOffset(cached),
      payloadLength,
      receiver.transport.peer,
      cache.marker(cached),
      isRtx ? rtxPayloadType : payloadType,
      isRtx ? rtxOut.nextSeq : outSeq,
      ring.timestamp(entry),
      isRtx ? rtxOut.ssrcWord : out.ssrcWord,
      transportCcId > 0 && transportSeq >= 0 ? extensionWord16(transportCcId, transportSeq) : 0,
      0,
      ring.patchA(entry),
      ring.patchB(entry),
      isRtx ? rtxPrefixWord(outSeq) : 0,
    );
    if (isRtx) {
      rtxOut.sent(rtxOut.nextSeq, ring.timestamp(entry), false, payloadLength + 2, nowMs);
    }
  }
}
