/**
 * Leaves out frames of higher temporal layers of one VP8 encoding for one receiver (RFC 7741 §4.2), so
 * that what goes on looks as if it had been encoded that way: sequence numbers and picture ids close
 * up. TL0PICIDX needs no care, the base layer is never left out.
 *
 * A layer is left at any frame, but entered only where it can be decoded: at a key frame, or one
 * layer at a time at a frame that refers to the base layer only (Y).
 *
 * One decision per frame, made by its first packet to come and never changed.
 */
import type { Vp8Descriptor } from '@conclave/protocols/rtp';
import type { IncomingPacket } from '../incoming-packet.ts';
import { SequenceMap } from '../sequence-map.ts';

/** VP8 has two bits for the temporal id: with this limit nothing is left out. */
export const ALL_TEMPORAL_LAYERS = 3;
/** Frames whose decision is remembered for late packets: two seconds. A power of two. */
const FRAMES = 64;

export class TemporalFilter {
  /** Results of `accept`. */
  extendedSeq = 0;
  /** To be subtracted from picture ids. */
  pictureIdShift = 0;
  readonly #seqs = new SequenceMap();
  readonly #pictures = new SequenceMap();
  /** By picture: twice its extended id, plus one if it goes on. */
  readonly #decisions = new Float64Array(FRAMES).fill(-1);
  /** The layer that is forwarded now, at most. */
  #limit = ALL_TEMPORAL_LAYERS;
  /** The picture before the one with which it was raised to that. */
  #raisedAfter = 0;
  /** Everything before this picture went on. */
  #firstPicture = 0;
  #newestPicture = 0;
  // Of the packet with the highest sequence number.
  #highestSeq = Number.NEGATIVE_INFINITY;
  #highestPicture = 0;
  #isHighestKept = true;
  #isHighestLast = true;

  /** Begins with the first packet of a new frame; everything before it went on unfiltered. */
  constructor(vp8: Vp8Descriptor) {
    this.#begin(vp8);
  }

  /** Whether the filter can work on such packets. */
  static canRead(vp8: Vp8Descriptor): boolean {
    return vp8.pictureIdBytes > 0 && vp8.temporalId >= 0 && vp8.tl0PicIdx >= 0;
  }

  /** Decides on a packet; if true, `extendedSeq` and `pictureIdShift` say how it goes on. */
  accept(packet: IncomingPacket, target: number): boolean {
    const { vp8, extendedSeq } = packet;
    if (!TemporalFilter.canRead(vp8)) {
      this.extendedSeq = this.#seqs.map(extendedSeq);
      return !Number.isNaN(this.extendedSeq);
    }
    const isNewestPacket = extendedSeq > this.#highestSeq;
    const picture = this.#extend(vp8, isNewestPacket);
    const isKept = this.#decide(picture, vp8, target);
    if (isNewestPacket) this.#advance(packet, picture, isKept);
    if (!isKept) return false;
    this.extendedSeq = this.#seqs.map(extendedSeq);
    this.pictureIdShift = picture - this.#pictures.map(picture);
    return !Number.isNaN(this.extendedSeq) && !Number.isNaN(this.pictureIdShift);
  }

  /** The extended picture id. */
  #extend(vp8: Vp8Descriptor, isNewestPacket: boolean): number {
    const size = vp8.pictureIdBytes === 2 ? 0x8000 : 0x80;
    const ahead = (vp8.pictureId - this.#newestPicture) & (size - 1);
    const picture = this.#newestPicture + (ahead < size / 2 ? ahead : ahead - size);
    if (!vp8.isKeyFrameStart || !isNewestPacket || picture > this.#newestPicture) return picture;
    // The encoder was restarted: it counts from somewhere else.
    this.#pictures.reset();
    this.#decisions.fill(-1);
    return this.#begin(vp8);
  }

  #begin(vp8: Vp8Descriptor): number {
    // One round further up, so that what is late is never negative.
    const picture = vp8.pictureId + (vp8.pictureIdBytes === 2 ? 0x8000 : 0x80);
    this.#firstPicture = picture;
    this.#newestPicture = picture - 1;
    this.#raisedAfter = picture - 1;
    this.#highestPicture = picture - 1;
    return picture;
  }

  #decide(picture: number, vp8: Vp8Descriptor, target: number): boolean {
    if (picture < this.#firstPicture) return true;
    const at = picture & (FRAMES - 1);
    const { temporalId } = vp8;
    if (picture > this.#newestPicture) {
      this.#newestPicture = picture;
      this.#follow(picture, vp8, target);
      const isKept = temporalId <= this.#limit;
      if (!isKept) this.#pictures.drop(picture);
      this.#decisions[at] = picture * 2 + (isKept ? 1 : 0);
      return isKept;
    }
    const decision = this.#decisions[at]!;
    if (Math.floor(decision / 2) === picture) return decision % 2 === 1;
    // The whole frame is late: its number was kept free. Was its layer forwarded at that time?
    const isKept = temporalId === 0 || (temporalId <= this.#limit && picture > this.#raisedAfter);
    this.#decisions[at] = picture * 2 + (isKept ? 1 : 0);
    return isKept;
  }

  /** Moves the limit towards `target` as far as the new frame allows. */
  #follow(
    picture: number,
    { temporalId, isLayerSync, isKeyFrameStart }: Vp8Descriptor,
    target: number,
  ) {
    if (target <= this.#limit) {
      this.#limit = target;
      return;
    }
    if (isKeyFrameStart) this.#limit = target;
    else if (isLayerSync && temporalId === this.#limit + 1) this.#limit = temporalId;
    else return;
    this.#raisedAfter = picture - 1;
  }

  /** Closes up the packet, and what is missing before it, as far as it belongs to frames left out. */
  #advance({ extendedSeq, marker, vp8 }: IncomingPacket, picture: number, isKept: boolean): void {
    const before = this.#highestSeq;
    // What is missing is the end of the one frame or the beginning of the other, if no other frame can
    // be between them.
    const isAdjacent = picture - this.#highestPicture <= 1 && picture >= this.#highestPicture;
    const isEndUnwanted = !this.#isHighestKept || this.#isHighestLast;
    const isBeginningUnwanted = !isKept || vp8.isFrameStart;
    const isGapUnwanted = isAdjacent && isEndUnwanted && isBeginningUnwanted;
    const closesGap = isGapUnwanted && before !== Number.NEGATIVE_INFINITY;
    const first = closesGap ? before + 1 : extendedSeq;
    const last = isKept ? extendedSeq - 1 : extendedSeq;
    if (last >= first) this.#seqs.drop(first, last);
    this.#highestSeq = extendedSeq;
    this.#highestPicture = picture;
    this.#isHighestKept = isKept;
    this.#isHighestLast = marker;
  }
}
