/** One received RTP packet on its way through the bridge; instances are reused. */
import {
  PayloadKind,
  type PayloadKindValue,
  Vp8Descriptor,
  type Vp9Descriptor,
} from '@conclave/protocols/rtp';
import { FrameLayers } from './frame-layers.ts';
import type { PictureIds } from './projection/picture-id-rewriter.ts';

export class IncomingPacket {
  slot = 0;
  /** From the slot's start. */
  payloadOffset = 0;
  payloadLength = 0;
  marker = false;
  payloadType = 0;
  kind: PayloadKindValue = PayloadKind.none;
  /** Of the original packet when this came as RTX. */
  sequenceNumber = 0;
  /** As a signed number, which needs no allocation. */
  timestamp = 0;
  /** Extended and closed up: padding and silence that was left out is not counted. */
  extendedSeq = 0;
  /** RFC 6464: 0 (loud) .. 127 (silent); -1 when absent. */
  audioLevel = -1;
  /** Audio: false for who is heard only by those that asked for that voice by name. */
  isForAll = true;
  /** Audio: whether receivers that hear a limited number of voices hear this one. */
  isAmongLoudest = true;
  /** VP8 only; valid when `kind` says so. */
  readonly vp8 = new Vp8Descriptor();
  /** VP9 only; made when the first packet of it comes. */
  vp9: Vp9Descriptor | undefined;
  /** Known for VP9, AV1 and H.264 as far as the sender tells. */
  readonly layers = new FrameLayers();
  /** Of VP8 and VP9. */
  pictureIds: PictureIds = this.vp8;
  /**
   * The dependency descriptor, which goes on with AV1: `id << 28 | offset << 8 | bytes`, from the slot's start;
   * 0 for none.
   */
  extension = 0;
  /** Where a receiver may begin: the first packet of a key frame, or any packet of a codec we do not read. */
  isSwitchPoint = false;
  /** Counters of the codec in the payload, which projections move (`TxPacket.counterA`); 0 for none. */
  counterA = 0;
  counterB = 0;

  /** Notes where the two counters are. */
  findCounters(ids: PictureIds & { pictureIdOffset: number; tl0PicIdxOffset: number }): void {
    const { pictureIdBytes, pictureIdOffset, tl0PicIdx, tl0PicIdxOffset } = ids;
    this.pictureIds = ids;
    this.counterA =
      pictureIdBytes === 0 ? 0 : (pictureIdOffset << 8) | (pictureIdBytes === 2 ? 15 : 7);
    this.counterB = tl0PicIdx < 0 ? 0 : (tl0PicIdxOffset << 8) | 8;
  }

  /** Whether `next`, which follows at once in the same stream, is decided about in the same way. */
  isFrameMate(next: IncomingPacket): boolean {
    if (next.timestamp !== this.timestamp || next.payloadType !== this.payloadType) return false;
    if (this.layers.isKnown || next.layers.isKnown) {
      const areKnown = this.layers.isKnown && next.layers.isKnown;
      return areKnown && next.layers.frameId === this.layers.frameId && !next.isSwitchPoint;
    }
    if (this.kind !== PayloadKind.vp8) return !next.isSwitchPoint;
    const { vp8 } = this;
    return (
      !next.vp8.isKeyFrameStart &&
      next.vp8.pictureId === vp8.pictureId &&
      next.vp8.pictureIdBytes === vp8.pictureIdBytes &&
      next.vp8.tl0PicIdx === vp8.tl0PicIdx &&
      next.vp8.temporalId === vp8.temporalId
    );
  }
}
