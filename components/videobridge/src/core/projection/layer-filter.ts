/**
 * Leaves out frames of spatial and temporal layers of one stream that carries several (VP9, AV1), for
 * one receiver. What goes on keeps its picture ids and frame numbers, as other frames refer to them; only
 * the sequence numbers close up.
 *
 * A frame goes on when the layer that is shown needs it and everything that it refers to went on. So a
 * spatial layer is entered at a key picture; it is left at any picture if the one below was forwarded
 * all the time (full SVC), else at a key picture too (K-SVC, where layers depend on each other only there).
 *
 * One decision per frame, made by its first packet to come and never changed.
 */
import type { FrameLayers } from '../frame-layers.ts';
import type { IncomingPacket } from '../incoming-packet.ts';
import { SequenceMap } from '../sequence-map.ts';

/** Frames whose decision is remembered; a power of two, and enough for the longest reference of VP9. */
const FRAMES = 1024;
/** Ids of frames go round here, whatever modulus they have on the wire: beyond what is remembered, so none is taken for an older one. */
const ROUND = 0xf_ffff;

export class LayerFilter {
  /** Results of `accept`. */
  extendedSeq = 0;
  /** The packet ends what the receiver gets of the picture: it is to carry the marker. */
  isPictureEnd = false;
  /** The spatial layer that is shown; -1 before the first key picture. */
  spatialId = -1;
  readonly #seqs = new SequenceMap();
  /** By frame: twice its id, modulo ROUND + 1, plus one if it goes on. */
  readonly #decisions = new Int32Array(FRAMES).fill(-1);
  #highestSeq = Number.NEGATIVE_INFINITY;
  #newestFrame = 0;
  #temporalLimit = 0;
  /** Of the newest picture. */
  #timestamp: number | undefined;
  #isKeyPicture = false;
  #keyTimestamp = 0;
  /** The highest layer of it that goes on. */
  #pictureTop = 0;
  /** The highest layer there may be, as the last key picture said. */
  #topSpatialId = 0;
  /** Bit n is set while no frame of spatial layer n that others need was left out. */
  #whole = 0;

  /** Whether only a key picture can bring the layer that is wanted. */
  isWaitingFor(spatialId: number): boolean {
    return this.spatialId !== Math.min(spatialId, this.#topSpatialId);
  }

  /**
   * Decides on a packet; if true, `extendedSeq` and `isPictureEnd` say how it goes on. One that does not tell its layers
   * goes on, under a number that is closed up like the others.
   */
  accept(packet: IncomingPacket, spatialId: number, temporalId: number): boolean {
    const { layers, extendedSeq } = packet;
    const isNewest = extendedSeq > this.#highestSeq;
    if (isNewest && layers.isKnown && packet.timestamp !== this.#timestamp) {
      this.#beginPicture(packet, spatialId, temporalId);
    }
    const isKept = !layers.isKnown || this.#decide(layers, packet.timestamp, spatialId, temporalId);
    if (isNewest) {
      this.#highestSeq = extendedSeq;
      if (!isKept) this.#seqs.drop(extendedSeq);
    }
    if (!isKept) return false;
    this.extendedSeq = this.#seqs.map(extendedSeq);
    this.isPictureEnd =
      layers.isKnown && layers.isFrameEnd && layers.spatialId === this.#pictureTop;
    return !Number.isNaN(this.extendedSeq);
  }

  #beginPicture(
    { layers, timestamp }: IncomingPacket,
    spatialId: number,
    temporalId: number,
  ): void {
    this.#timestamp = timestamp;
    this.#isKeyPicture = layers.isKey;
    if (layers.isKey) {
      this.#keyTimestamp = timestamp;
      this.#topSpatialId = layers.topSpatialId;
      this.#pictureTop = Math.min(spatialId, layers.topSpatialId);
      this.#temporalLimit = temporalId;
      this.#whole = 0;
      // Nothing that follows refers to what was before; a restarted encoder counts from somewhere else.
      this.#decisions.fill(-1);
      return;
    }
    const isBelowWhole = (this.#whole & (1 << spatialId)) !== 0;
    if (spatialId < this.spatialId && isBelowWhole) this.spatialId = spatialId;
    this.#pictureTop = this.spatialId;
    const limit = this.#limitOnTheWay(spatialId, temporalId);
    if (limit < this.#temporalLimit) this.#temporalLimit = limit;
  }

  /** On the way down the base layer is all until the key picture comes: the network cannot carry what is shown. */
  #limitOnTheWay(targetSpatialId: number, targetTemporalId: number): number {
    return this.spatialId > targetSpatialId ? 0 : targetTemporalId;
  }

  #decide(
    layers: FrameLayers,
    timestamp: number,
    targetSpatialId: number,
    targetTemporalId: number,
  ): boolean {
    const frame = this.#extend(layers);
    const at = frame & (FRAMES - 1);
    const known = this.#decisions[at]!;
    if (known >> 1 === frame) return (known & 1) === 1;
    const isKept = this.#isWanted(layers, frame, timestamp, targetSpatialId, targetTemporalId);
    this.#decisions[at] = frame * 2 + (isKept ? 1 : 0);
    const bit = 1 << layers.spatialId;
    if (this.#isKeyPicture && isKept && timestamp === this.#timestamp) {
      this.spatialId = layers.spatialId;
      this.#whole |= bit;
    } else if (!isKept && this.#isMissed(layers)) this.#whole &= ~bit;
    return isKept;
  }

  /** The frame's id modulo ROUND + 1: that nearest to the newest. All moduli are powers of two. */
  #extend({ frameId, frameModulus }: FrameLayers): number {
    const ahead = (frameId - this.#newestFrame) & (frameModulus - 1);
    const isLate = ahead >= frameModulus / 2;
    const frame = (this.#newestFrame + ahead - (isLate ? frameModulus : 0)) & ROUND;
    if (!isLate) this.#newestFrame = frame;
    return frame;
  }

  /** Whether later frames of the same spatial layer may refer to this one, and do not say so. */
  #isMissed({ temporalId, tellsReferences }: FrameLayers): boolean {
    return temporalId === 0 || (!tellsReferences && temporalId <= this.#temporalLimit);
  }

  #isWanted(
    layers: FrameLayers,
    frame: number,
    timestamp: number,
    targetSpatialId: number,
    targetTemporalId: number,
  ): boolean {
    const { spatialId, temporalId } = layers;
    if (!this.#haveReferencesGone(layers, frame)) return false;
    // Late, from before the key picture: what it refers to is forgotten.
    if (((timestamp - this.#keyTimestamp) | 0) < 0) return false;
    if (this.#isKeyPicture && timestamp === this.#timestamp) {
      return spatialId <= Math.min(targetSpatialId, this.#pictureTop);
    }
    const target = this.#limitOnTheWay(targetSpatialId, targetTemporalId);
    if (temporalId > this.#raisedLimit(layers, target)) return false;
    if ((this.#whole & (1 << spatialId)) === 0) return false;
    return (
      spatialId === this.spatialId ||
      (spatialId < this.spatialId && (layers.neededBySpatial & (1 << this.spatialId)) !== 0)
    );
  }

  /** Moves the limit of temporal layers up as far as the frame allows. */
  #raisedLimit(layers: FrameLayers, target: number): number {
    if (target > this.#temporalLimit) {
      // With references told it is known of each frame whether it can be decoded.
      if (layers.tellsReferences) this.#temporalLimit = target;
      else if (layers.isSwitchingUp && layers.temporalId <= this.#temporalLimit + 1) {
        this.#temporalLimit = Math.max(this.#temporalLimit, layers.temporalId);
      }
    }
    return this.#temporalLimit;
  }

  /** False when one of them was left out; what never came to us may still be repaired. */
  #haveReferencesGone(
    { frameId, frameModulus, references, referenceCount }: FrameLayers,
    frame: number,
  ): boolean {
    for (let i = 0; i < referenceCount; i++) {
      const back = (frameId - references[i]!) & (frameModulus - 1);
      const reference = (frame - back) & ROUND;
      const decision = this.#decisions[reference & (FRAMES - 1)]!;
      if (decision >> 1 === reference && (decision & 1) === 0) return false;
    }
    return true;
  }
}
