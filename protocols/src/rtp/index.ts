/** RTP packets in place: header and extensions (RFC 3550, RFC 8285), VP8 descriptor (RFC 7741). */
export { PayloadKind, type PayloadKindValue, payloadKindOf } from './payload-kind.ts';
export { RTP_HEADER_BYTES, RtpHeader } from './rtp-header.ts';
export { Vp8Descriptor, type Vp8DescriptorFields, writeVp8Descriptor } from './vp8-descriptor.ts';
export { vp8PictureHeight } from './vp8-key-frame.ts';
export {
  type RtpExtensionElement,
  type RtpPacketFields,
  writeRtpPacket,
} from './write-rtp-packet.ts';
