/**
 * Sends the video that `SendPacing` made wait, from the retransmission caches. One look at all receivers concerned
 * with each batch, tick and every few milliseconds: no timer for a packet.
 */
import { PayloadKind } from '@conclave/protocols/rtp';
import type { BridgeContext } from './bridge-context.ts';
import type { Endpoint } from './endpoint.ts';
import type { VideoProjection } from './projection/video-projection.ts';
import { RTP_HEADER_BYTES } from './send-pipeline.ts';

export class PacedSender {
  readonly #context: Pick<BridgeContext, 'send'>;
  readonly #endpoints = new Set<Endpoint>();
  packetsDelayed = 0;
  /** Their memory was needed otherwise meanwhile, or their source has gone. */
  packetsGone = 0;

  constructor(context: Pick<BridgeContext, 'send'>) {
    this.#context = context;
  }

  /** While true, `sendDue` wants to be called every few milliseconds. */
  get isWaiting(): boolean {
    return this.#endpoints.size > 0;
  }

  /** `count` packets for the receiver from `extendedSeq` on wait; they must be found in ring and cache from now on. */
  wait(projection: VideoProjection, extendedSeq: number, count: number, bytes: number): void {
    const { receiver, out } = projection;
    const isNewest = extendedSeq >= out.nextSeq;
    receiver.pacing.wait(projection, extendedSeq, count, bytes, isNewest);
    this.#endpoints.add(receiver);
    this.packetsDelayed += count;
  }

  /** Queues what is due; the caller flushes. */
  sendDue(nowMs: number): void {
    if (this.#endpoints.size === 0) return;
    for (const endpoint of this.#endpoints) {
      const { pacing } = endpoint;
      while (endpoint.isConnected && pacing.isDue(nowMs)) {
        const { projection, nextSeq } = pacing.first!;
        pacing.left(this.#send(projection, nextSeq, nowMs));
      }
      if (!endpoint.isConnected || !pacing.isWaiting) this.#endpoints.delete(endpoint);
    }
  }

  /** Returns the bytes sent, 0 when the packet is gone. */
  #send(projection: VideoProjection, extendedSeq: number, nowMs: number): number {
    const { send } = this.#context;
    const { receiver, source, out, ring } = projection;
    const cache = ring.find(extendedSeq & 0xffff, out.nextSeq - 1)
      ? source.streams[ring.streamIndex]?.cache
      : undefined;
    const cached = cache?.find(ring.sourceSeq) ?? -1;
    if (cache === undefined || cached < 0) {
      this.packetsGone++;
      return 0;
    }
    const payloadType = cache.payloadType(cached);
    const payloadLength = cache.payloadLength(cached);
    const sizeBytes = RTP_HEADER_BYTES + payloadLength;
    const { transportCcId, sendTimeId } = projection;
    const extension = receiver.timingExtension(transportCcId, sendTimeId, sizeBytes, nowMs);
    const isAv1 = receiver.payloads.kind(payloadType) === PayloadKind.av1;
    const first = send.reserve(1);
    send.packet(
      cache.slot(cached),
      cache.payloadOffset(cached),
      payloadLength,
      cache.marker(cached),
      payloadType,
      extendedSeq,
      cache.timestamp(cached),
      cache.counterA(cached),
      cache.counterB(cached),
      0,
      isAv1 ? cache.extension(cached) : 0,
    );
    send.run(
      first,
      1,
      projection.peer,
      out.ssrcWord,
      extendedSeq,
      ring.timestampOffset,
      extension,
      0,
      ring.addA,
      ring.addB,
    );
    return sizeBytes;
  }
}
