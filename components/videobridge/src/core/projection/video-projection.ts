/**
 * One receiver's view of one video source: which encoding it gets, and the rewriting that makes one
 * continuous stream of it (sequence numbers, timestamps, VP8 ids), with fewer frames where bandwidth
 * wants it.
 *
 * Encodings are switched only at the first packet of a key frame of the wanted one. Packets that
 * are lost on the way to us keep their number, so that they still fit when they are repaired.
 */
import { timestampDiff } from '@conclave/base';
import { PayloadKind } from '@conclave/protocols/rtp';
import type { Endpoint } from '../endpoint.ts';
import type { IncomingPacket } from '../incoming-packet.ts';
import type { IncomingStream } from '../incoming-stream.ts';
import type { OutgoingStream } from '../outgoing-stream.ts';
import type { Source } from '../source.ts';
import { ResendRing } from './resend-ring.ts';
import { ALL_TEMPORAL_LAYERS, TemporalFilter } from './temporal-filter.ts';
import { Vp8Rewriter } from './vp8-rewriter.ts';

/** No encoding. */
export const NO_LAYER = -1;
/** Ticks of video's 90 kHz clock per frame at 30 frames/s. */
const FRAME_TICKS = 3000;
const FRAME_MS = 33;
/** A step of the timestamp further ahead of the clock than this is a restart, not a pause. */
const MAX_TIMESTAMP_LEAD_MS = 10_000;

export class VideoProjection {
  readonly receiver: Endpoint;
  readonly source: Source;
  readonly out: OutgoingStream;
  readonly rtxOut: OutgoingStream | undefined;
  readonly vp8 = new Vp8Rewriter();
  /** The encoding that is wanted, by index, or NO_LAYER. Set by `setTarget`. */
  targetIndex = NO_LAYER;
  /** Of that encoding, the temporal layer that is wanted at most. */
  targetTemporalId = ALL_TEMPORAL_LAYERS;
  /** The encoding that is forwarded, or NO_LAYER. */
  currentIndex = NO_LAYER;
  /** The encoding that would be wanted if bandwidth were no limit, or NO_LAYER. */
  idealIndex = NO_LAYER;
  /** Largest height this receiver wants, after last-N; for the sender's constraints. */
  effectiveMaxHeight = 0;
  /** It is wanted, but there is no bandwidth for any of it. */
  isSuspended = false;
  /** Results of `project`. */
  extendedSeq = 0;
  timestamp = 0;
  /** Added to the current encoding's timestamps. */
  timestampOffset = 0;
  /** For the limits on this receiver's own key frame requests. */
  readonly keyframeRequestsMs = new Float64Array(3).fill(Number.NEGATIVE_INFINITY);
  /** Made by the first packet: in a large conference most projections send nothing. */
  #ring: ResendRing | undefined;
  /** While frames are left out, and until the next switch after that. */
  #filter: TemporalFilter | undefined;
  #epoch = 0;
  #seqOffset = 0;
  #firstSeq = 0;

  constructor(
    receiver: Endpoint,
    source: Source,
    out: OutgoingStream,
    rtxOut: OutgoingStream | undefined,
  ) {
    this.receiver = receiver;
    this.source = source;
    this.out = out;
    this.rtxOut = rtxOut;
  }

  get ring(): ResendRing {
    this.#ring ??= new ResendRing();
    return this.#ring;
  }

  setTarget(index: number, temporalId = ALL_TEMPORAL_LAYERS): void {
    this.targetIndex = index;
    this.targetTemporalId = temporalId;
    // Suspended: the decoder's state is lost, resuming needs a key frame.
    if (index === NO_LAYER) this.currentIndex = NO_LAYER;
  }

  /** Whether a key frame of the wanted encoding is needed before it can be forwarded. */
  get isWaitingForKeyframe(): boolean {
    if (this.targetIndex === NO_LAYER) return false;
    return (
      this.currentIndex !== this.targetIndex ||
      this.#epoch !== this.source.streams[this.targetIndex]?.epoch
    );
  }

  /**
   * Decides on one packet. True: send it with `extendedSeq`, `timestamp` and the patches of `vp8`.
   */
  project(packet: IncomingPacket, stream: IncomingStream, nowMs: number): boolean {
    if (this.currentIndex !== stream.index || this.#epoch !== stream.epoch) {
      // With nothing on the screen yet, a lower encoding is better than waiting.
      const isAcceptable =
        stream.index === this.targetIndex ||
        (this.currentIndex === NO_LAYER && stream.index < this.targetIndex);
      if (!isAcceptable || !packet.isSwitchPoint) return false;
      this.#switchTo(packet, stream, nowMs);
    } else if (packet.extendedSeq < this.#firstSeq) return false;

    let extendedSeq = packet.extendedSeq + this.#seqOffset;
    let pictureIdShift = 0;
    const filter = this.#filter ?? this.#startFilter(packet, extendedSeq);
    if (filter !== undefined) {
      if (!filter.accept(packet, this.#temporalLimit)) return false;
      extendedSeq = filter.extendedSeq + this.#seqOffset;
      pictureIdShift = filter.pictureIdShift;
    }
    const isNewest = extendedSeq >= this.out.nextSeq;
    let timestamp = (packet.timestamp + this.timestampOffset) | 0;
    if (isNewest && this.out.hasSent) {
      const step = timestampDiff(timestamp, this.out.lastTimestamp);
      const elapsedMs = nowMs - this.out.lastSentMs;
      if (step < 0 || step > 90 * (elapsedMs + MAX_TIMESTAMP_LEAD_MS)) {
        timestamp = (this.out.lastTimestamp + ticksFor(elapsedMs)) | 0;
        this.timestampOffset = (timestamp - packet.timestamp) | 0;
      }
    }
    this.extendedSeq = extendedSeq;
    this.timestamp = timestamp;
    if (packet.kind === PayloadKind.vp8) this.vp8.rewrite(packet.vp8, isNewest, pictureIdShift);
    else {
      this.vp8.patchA = 0;
      this.vp8.patchB = 0;
    }
    return true;
  }

  /** On the way down, the base layer is all until the key frame of the wanted encoding comes. */
  get #temporalLimit(): number {
    if (this.currentIndex === this.targetIndex) return this.targetTemporalId;
    return this.currentIndex > this.targetIndex ? 0 : ALL_TEMPORAL_LAYERS;
  }

  /** At the beginning of the first frame after a limit was set. */
  #startFilter(packet: IncomingPacket, extendedSeq: number): TemporalFilter | undefined {
    const { vp8, kind } = packet;
    if (this.#temporalLimit === ALL_TEMPORAL_LAYERS || kind !== PayloadKind.vp8) return undefined;
    if (!vp8.isFrameStart || extendedSeq < this.out.nextSeq) return undefined;
    if (!TemporalFilter.canRead(vp8)) return undefined;
    this.#filter = new TemporalFilter(vp8);
    return this.#filter;
  }

  #switchTo(packet: IncomingPacket, stream: IncomingStream, nowMs: number): void {
    const { out } = this;
    let nextSeq = out.nextSeq;
    if (out.hasSent) {
      // A cut frame shows as loss, so that the receiver does not take it for complete.
      if (!out.lastMarker) nextSeq++;
      const timestamp = out.lastTimestamp + ticksFor(nowMs - out.lastSentMs);
      this.timestampOffset = (timestamp - packet.timestamp) | 0;
    }
    this.#seqOffset = nextSeq - packet.extendedSeq;
    this.#firstSeq = packet.extendedSeq;
    this.#epoch = stream.epoch;
    this.currentIndex = stream.index;
    this.#filter = undefined;
    if (packet.kind === PayloadKind.vp8) this.vp8.switchTo(packet.vp8);
  }
}

/** At least one frame further on. */
function ticksFor(elapsedMs: number): number {
  return FRAME_TICKS * Math.max(1, Math.round(elapsedMs / FRAME_MS));
}
