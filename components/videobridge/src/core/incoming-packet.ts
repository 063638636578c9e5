/** One received RTP packet on its way through the bridge; instances are reused. */
import { PayloadKind, type PayloadKindValue, Vp8Descriptor } from '@conclave/protocols/rtp';

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
  /** VP8 only; valid when `kind` says so. */
  readonly vp8 = new Vp8Descriptor();
  /** Where a receiver may begin: the first packet of a key frame, or any packet of a codec we do not read. */
  isSwitchPoint = false;
  /** Counters of the codec in the payload, which projections move (`TxPacket.counterA`); 0 for none. */
  counterA = 0;
  counterB = 0;

  /** Notes where VP8 keeps its picture id and TL0PICIDX. Call when `vp8` has been read. */
  findVp8Counters(): void {
    const { pictureIdBytes, pictureIdOffset, tl0PicIdx, tl0PicIdxOffset } = this.vp8;
    this.counterA =
      pictureIdBytes === 0 ? 0 : (pictureIdOffset << 8) | (pictureIdBytes === 2 ? 15 : 7);
    this.counterB = tl0PicIdx < 0 ? 0 : (tl0PicIdxOffset << 8) | 8;
  }

  /** Whether `next`, which follows at once in the same stream, is decided about in the same way. */
  isFrameMate(next: IncomingPacket): boolean {
    if (next.timestamp !== this.timestamp || next.payloadType !== this.payloadType) return false;
    if (this.kind !== PayloadKind.vp8) return true;
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
