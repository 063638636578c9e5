/**
 * One receiver's view of one video source: which encoding it gets, and the rewriting that makes one
 * continuous stream of it (sequence numbers, timestamps, VP8 ids), with fewer frames where bandwidth
 * wants it.
 *
 * Encodings are switched only at the first packet of a key frame of the wanted one. Packets that
 * are lost on the way to us keep their number, so that they still fit when they are repaired.
 */
import { timestampDiff } from '@conclave/base';
import { PayloadKind, type PayloadKindValue } from '@conclave/protocols/rtp';
import type { Endpoint } from '../endpoint.ts';
import type { IncomingPacket } from '../incoming-packet.ts';
import type { IncomingStream } from '../incoming-stream.ts';
import type { OutgoingStream } from '../outgoing-stream.ts';
import type { PacketRun } from '../packet-run.ts';
import type { Source } from '../source.ts';
import { LayerFilter } from './layer-filter.ts';
import { ResendRing } from './resend-ring.ts';
import { ALL_TEMPORAL_LAYERS, TemporalFilter } from './temporal-filter.ts';

/** No encoding. */
export const NO_LAYER = -1;
/** Ticks of video's 90 kHz clock per frame at 30 frames/s. */
const FRAME_TICKS = 3000;
const FRAME_MS = 33;
/** The temporal id has three bits in VP9 and in the dependency descriptor. */
const MAX_TEMPORAL_ID = 7;
/** A step of the timestamp further ahead of the clock than this is a restart, not a pause. */
const MAX_TIMESTAMP_LEAD_MS = 10_000;

export class VideoProjection {
  readonly receiver: Endpoint;
  readonly source: Source;
  /** packet-io's handle of the receiver. */
  readonly peer: number;
  out: OutgoingStream;
  rtxOut: OutgoingStream | undefined;
  /** False in rewriting mode while it has no slot: then nothing may be wanted of it. */
  hasPlace: boolean;
  /** The encoding that is wanted, by index, or NO_LAYER. Set by `setTarget`. */
  targetIndex = NO_LAYER;
  /** Of that encoding, the temporal layer that is wanted at most. */
  targetTemporalId = ALL_TEMPORAL_LAYERS;
  /** Of that encoding, the spatial layer that is wanted. */
  targetSpatialId = 0;
  /** The encoding that is forwarded, or NO_LAYER. */
  currentIndex = NO_LAYER;
  /** The encoding that would be wanted if bandwidth were no limit, or NO_LAYER: then no target is set either. See `setIdeal`. */
  idealIndex = NO_LAYER;
  /** When it was wanted last, in whole milliseconds; see `forgetResting`. */
  restsSinceMs = 0;
  /** Largest height this receiver wants, after last-N; for the sender's constraints. */
  effectiveMaxHeight = 0;
  // Results of the last allocation for the receiver.
  /** It is wanted, and within last-N. */
  takesPart = false;
  /** There is bandwidth for it too, so in rewriting mode it must have a slot. */
  isChosen = false;
  /** It is wanted, but there is no bandwidth for any of it. */
  isSuspended = false;
  /** Results of `project`: the number of the first packet, and what is added to the counters of all. */
  extendedSeq = 0;
  addA = 0;
  addB = 0;
  /** Result of `project`: the last of the packets is to carry the marker, as what follows of the picture is left out. */
  isPictureEnd = false;
  /** Added to the current encoding's timestamps. */
  timestampOffset = 0;
  /** Under which id packets of the type accepted last are numbered for congestion control, 0 for not at all. */
  transportCcId = 0;
  /** The same for the time of sending, which REMB is estimated from. */
  sendTimeId = 0;
  /** Without RTX a lost packet is sent again under its number, so it must be the same to the byte (RFC 3711 §9.1). */
  isRepeatedAsSent = false;
  // Both made when they are needed first: in a large conference most projections send nothing.
  #keyframeRequestsMs: Float64Array | undefined;
  #ring: ResendRing | undefined;
  /** While frames are left out, and until the next switch after that. */
  #filter: TemporalFilter | undefined;
  /** Of the packets accepted last, and what the receiver takes them for. */
  #payloadType = -1;
  #payloadKind: PayloadKindValue = PayloadKind.none;
  /** For streams that carry several layers, from the switch on. */
  #layers: LayerFilter | undefined;
  /** Of what is forwarded. */
  #kind: PayloadKindValue = PayloadKind.none;
  #epoch = 0;
  #seqOffset = 0;
  #firstSeq = 0;

  constructor(
    receiver: Endpoint,
    source: Source,
    out: OutgoingStream,
    rtxOut: OutgoingStream | undefined,
    hasPlace = true,
  ) {
    this.receiver = receiver;
    this.source = source;
    this.peer = receiver.transport.peer;
    this.out = out;
    this.rtxOut = rtxOut;
    this.hasPlace = hasPlace;
  }

  /** For `SsrcSlots`. */
  enterSlot(out: OutgoingStream, rtxOut: OutgoingStream | undefined): void {
    this.#goOutAs(out, rtxOut);
    this.hasPlace = true;
  }

  /** For `SsrcSlots`. */
  leaveSlot(nowhere: OutgoingStream): void {
    this.setTarget(NO_LAYER);
    this.#goOutAs(nowhere, undefined);
    this.hasPlace = false;
  }

  #goOutAs(out: OutgoingStream, rtxOut: OutgoingStream | undefined): void {
    this.out = out;
    this.rtxOut = rtxOut;
    this.timestampOffset = 0;
    // Both are about the stream that it went out in before.
    this.#ring = undefined;
    this.#payloadType = -1;
  }

  /** For the limits on this receiver's own key frame requests. */
  get keyframeRequestsMs(): Float64Array {
    this.#keyframeRequestsMs ??= new Float64Array(3).fill(Number.NEGATIVE_INFINITY);
    return this.#keyframeRequestsMs;
  }

  get ring(): ResendRing {
    this.#ring ??= new ResendRing();
    return this.#ring;
  }

  setTarget(index: number, temporalId = ALL_TEMPORAL_LAYERS, spatialId = 0): void {
    this.targetIndex = index;
    this.targetSpatialId = spatialId;
    this.targetTemporalId = temporalId;
    if (index === NO_LAYER) this.stopShowing();
  }

  /** Nothing is sent until a key frame comes: without what is left out the decoder can do nothing with the rest. */
  stopShowing(): void {
    if (this.currentIndex === NO_LAYER) return;
    this.currentIndex = NO_LAYER;
    this.#takeBack();
  }

  /** Whether a key frame of the wanted encoding is needed before it can be forwarded. */
  get isWaitingForKeyframe(): boolean {
    if (this.targetIndex === NO_LAYER) return false;
    return (
      this.currentIndex !== this.targetIndex ||
      this.#epoch !== this.source.streams[this.targetIndex]?.epoch ||
      this.#layers?.isWaitingFor(this.targetSpatialId) === true
    );
  }

  /** Whether packets of this stream go on, as far as they are not filtered. */
  isShowing(stream: IncomingStream): boolean {
    return this.currentIndex === stream.index && this.#epoch === stream.epoch;
  }

  /** Whether the receiver can read such packets. Also sets `transportCcId`, `sendTimeId` and `isRepeatedAsSent`. */
  accepts(payloadType: number, kind: PayloadKindValue): boolean {
    if (payloadType !== this.#payloadType) this.#setPayloadType(payloadType);
    return kind === this.#payloadKind;
  }

  #setPayloadType(payloadType: number): void {
    const { payloads } = this.receiver;
    this.#payloadType = payloadType;
    this.#payloadKind = payloads.kind(payloadType);
    // Without RTX there is no estimate, and the very same packet must be sent again, number and all.
    const hasRtx = this.rtxOut !== undefined && payloads.rtxOf(payloadType) >= 0;
    this.isRepeatedAsSent = !hasRtx;
    this.transportCcId = hasRtx ? payloads.videoTransportCcId : 0;
    this.sendTimeId = hasRtx && payloads.hasRemb ? payloads.sendTimeId : 0;
  }

  /**
   * Decides on the packet at position `at` of a run, and on those behind it that share its fate. Returns how many are to be
   * sent with `extendedSeq`, `timestampOffset`, `addA` and `addB`; 0 when that one is left out.
   */
  project(run: PacketRun, at: number, nowMs: number): number {
    const { stream } = run;
    const packet = run.packets[at]!;
    // A sender may change its codec at a key frame.
    if (!this.isShowing(stream) || packet.kind !== this.#kind) {
      // With nothing on the screen yet, a lower encoding is better than waiting.
      const isAcceptable =
        stream.index === this.targetIndex ||
        this.isShowing(stream) ||
        (this.currentIndex === NO_LAYER && stream.index < this.targetIndex);
      if (!isAcceptable || !packet.isSwitchPoint) return 0;
      this.#switchTo(packet, stream, nowMs);
    } else if (packet.extendedSeq < this.#firstSeq) return 0;

    let extendedSeq = packet.extendedSeq + this.#seqOffset;
    let pictureIdShift = 0;
    this.isPictureEnd = false;
    const filter =
      this.#layers === undefined
        ? (this.#filter ?? this.#startFilter(packet, extendedSeq))
        : undefined;
    if (this.#layers !== undefined) {
      if (!this.#accept(packet, this.#layers)) return 0;
      extendedSeq = this.#layers.extendedSeq + this.#seqOffset;
    } else if (filter !== undefined) {
      if (!filter.accept(packet, this.#temporalLimit)) return 0;
      extendedSeq = filter.extendedSeq + this.#seqOffset;
      pictureIdShift = filter.pictureIdShift;
    }
    const isNewest = extendedSeq >= this.out.nextSeq;
    if (isNewest && this.out.hasSent) this.#keepTimestampInReason(packet, nowMs);
    this.extendedSeq = extendedSeq;
    this.#moveCounters(packet, isNewest, pictureIdShift);
    // What comes late is mixed with what was sent already: one at a time.
    if (!isNewest) return 1;
    if (filter === undefined && this.#layers === undefined) return run.length - at;
    return 1 + this.#acceptMates(run, at, filter);
  }

  /** How many packets behind that at `at` the filter lets pass: of one frame, all or none. */
  #acceptMates(
    { packets, length }: PacketRun,
    at: number,
    filter: TemporalFilter | undefined,
  ): number {
    for (let i = at + 1; i < length; i++) {
      const mate = packets[i]!;
      if (filter !== undefined) filter.accept(mate, this.#temporalLimit);
      else if (this.#layers !== undefined) this.#accept(mate, this.#layers);
    }
    return length - at - 1;
  }

  #accept(packet: IncomingPacket, filter: LayerFilter): boolean {
    const limit = this.#temporalLimit;
    const temporalId = limit === ALL_TEMPORAL_LAYERS ? MAX_TEMPORAL_ID : limit;
    const isKept = filter.accept(packet, this.targetSpatialId, temporalId);
    this.isPictureEnd = isKept && filter.isPictureEnd && !packet.marker;
    return isKept;
  }

  #moveCounters(packet: IncomingPacket, isNewest: boolean, pictureIdShift: number): void {
    this.addA = 0;
    this.addB = 0;
    if (packet.kind === PayloadKind.vp8 || packet.kind === PayloadKind.vp9) {
      const { pictures } = this.out;
      pictures.rewrite(packet.pictureIds, isNewest, pictureIdShift);
      this.addA = pictures.addA;
      this.addB = pictures.addB;
    } else if (packet.kind === PayloadKind.av1 && packet.layers.isKnown) {
      const { pictures } = this.out;
      this.addA = pictures.frameNumberOffset;
      if (isNewest) pictures.lastFrameNumber = (packet.layers.frameId + this.addA) & 0xffff;
    }
  }

  #keepTimestampInReason(packet: IncomingPacket, nowMs: number): void {
    const timestamp = (packet.timestamp + this.timestampOffset) | 0;
    const step = timestampDiff(timestamp, this.out.lastTimestamp);
    const elapsedMs = nowMs - this.out.lastSentMs;
    if (step >= 0 && step <= 90 * (elapsedMs + MAX_TIMESTAMP_LEAD_MS)) return;
    const reasonable = (this.out.lastTimestamp + ticksFor(elapsedMs)) | 0;
    this.timestampOffset = (reasonable - packet.timestamp) | 0;
  }

  /** On the way down, the base layer is all until the key frame of the wanted encoding comes; and where more waits than can leave soon. */
  get #temporalLimit(): number {
    const { receiver } = this;
    if (receiver.isPaced && receiver.pacing.isLong) return 0;
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
    this.#takeBack();
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
    this.#kind = packet.kind;
    this.#filter = undefined;
    this.#layers = packet.layers.isKnown ? new LayerFilter() : undefined;
    if (packet.kind === PayloadKind.vp8 || packet.kind === PayloadKind.vp9) {
      out.pictures.switchTo(packet.pictureIds);
    } else if (out.pictures.lastFrameNumber >= 0 && packet.layers.isKnown) {
      const next = out.pictures.lastFrameNumber + 1;
      out.pictures.frameNumberOffset = (next - packet.layers.frameId) & 0xffff;
    }
  }

  /** What still waits to be sent is not wanted any more. */
  #takeBack(): void {
    const { receiver, out } = this;
    if (!receiver.pacing.isWaiting) return;
    const firstSeq = receiver.pacing.takeBack(this);
    if (firstSeq < 0) return;
    out.nextSeq = firstSeq;
    out.lastMarker = false;
    this.#ring?.forgetFrom(firstSeq);
  }
}

/** At least one frame further on. */
function ticksFor(elapsedMs: number): number {
  return FRAME_TICKS * Math.max(1, Math.round(elapsedMs / FRAME_MS));
}
