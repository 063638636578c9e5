/**
 * Sends the video that `SendPacing` made wait, from the retransmission caches. One look at all receivers concerned
 * with each batch, tick and every few milliseconds: no timer for a packet.
 */
import { PayloadKind } from '@conclave/protocols/rtp';
import type { OutgoingStream } from './outgoing-stream.ts';
import type { PayloadTable } from './payload-table.ts';
import type { ResendRing } from './projection/resend-ring.ts';
import type { ReceiverFailed } from './receiver-failed.ts';
import type { RetransmissionCache } from './retransmission-cache.ts';
import type { SendPacing } from './send-pacing.ts';
import { RTP_HEADER_BYTES, type SendPipeline } from './send-pipeline.ts';

/** An endpoint whose network is the bottleneck. */
export interface PacedReceiver {
  readonly isConnected: boolean;
  readonly payloads: PayloadTable;
  readonly pacing: SendPacing<PacedProjection>;
  timingExtension(
    transportCcId: number,
    sendTimeId: number,
    sizeBytes: number,
    nowMs: number,
  ): number;
}

/** Its view of a video. */
export interface PacedProjection {
  readonly receiver: PacedReceiver;
  readonly source: {
    readonly streams: readonly { readonly cache: RetransmissionCache | undefined }[];
  };
  readonly peer: number;
  readonly out: OutgoingStream;
  readonly ring: ResendRing;
  readonly transportCcId: number;
  readonly sendTimeId: number;
}

export class PacedSender {
  readonly #pipeline: SendPipeline;
  readonly #failed: ReceiverFailed;
  readonly #receivers = new Set<PacedReceiver>();
  packetsDelayed = 0;
  /** Their memory was needed otherwise meanwhile, or their source has gone. */
  packetsGone = 0;

  constructor(pipeline: SendPipeline, failed: ReceiverFailed) {
    this.#pipeline = pipeline;
    this.#failed = failed;
  }

  /** While true, `sendDue` wants to be called every few milliseconds. */
  get isWaiting(): boolean {
    return this.#receivers.size > 0;
  }

  /** `count` packets for the receiver from `extendedSeq` on wait; they must be found in ring and cache from now on. */
  wait(projection: PacedProjection, extendedSeq: number, count: number, bytes: number): void {
    const { receiver, out } = projection;
    const isNewest = extendedSeq >= out.nextSeq;
    receiver.pacing.wait(projection, extendedSeq, count, bytes, isNewest);
    this.#receivers.add(receiver);
    this.packetsDelayed += count;
  }

  /** Queues what is due; the caller flushes. */
  sendDue(nowMs: number): void {
    if (this.#receivers.size === 0) return;
    for (const receiver of this.#receivers) {
      try {
        this.#sendTo(receiver, nowMs);
        if (receiver.isConnected && receiver.pacing.isWaiting) continue;
      } catch (error) {
        this.#failed(receiver, error, nowMs);
      }
      this.#receivers.delete(receiver);
    }
  }

  #sendTo(receiver: PacedReceiver, nowMs: number): void {
    const { pacing } = receiver;
    while (receiver.isConnected && pacing.isDue(nowMs)) {
      const { projection, nextSeq } = pacing.first!;
      pacing.left(this.#send(projection, nextSeq, nowMs));
    }
  }

  /** Returns the bytes sent, 0 when the packet is gone. */
  #send(projection: PacedProjection, extendedSeq: number, nowMs: number): number {
    const send = this.#pipeline;
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
    const sizeBytes = RTP_HEADER_BYTES + cache.payloadLength(cached);
    const { transportCcId, sendTimeId } = projection;
    const extension = receiver.timingExtension(transportCcId, sendTimeId, sizeBytes, nowMs);
    const isAv1 = receiver.payloads.kind(payloadType) === PayloadKind.av1;
    const first = send.reserve(1);
    send.cached(cache, cached, payloadType, extendedSeq, 0, isAv1);
    send.run(
      first,
      1,
      projection.peer,
      out.ssrcWord,
      extendedSeq,
      ring.timestampOffset,
      extension,
      out.midWord,
      ring.addA,
      ring.addB,
    );
    return sizeBytes;
  }
}
