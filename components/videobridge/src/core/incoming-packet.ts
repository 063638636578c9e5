/** One received RTP packet on its way through the bridge; a single instance is reused for all. */
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
}
