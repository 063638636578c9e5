/**
 * RTP packets in place: header and extensions (RFC 3550, RFC 8285), and what the payloads and extensions of
 * VP8, VP9, AV1 and H.264 tell a forwarder.
 */
export {
  ABSOLUTE_SEND_TIME_URI,
  absoluteSendTime,
  SendTimeReader,
} from './absolute-send-time.ts';
export { beginsAv1Sequence } from './av1-payload.ts';
export { BitReader } from './bit-reader.ts';
export { DependencyDescriptor } from './dependency-descriptor.ts';
export { type DependencyStructure, readDependencyStructure } from './dependency-structure.ts';
export { beginsH264KeyFrame, h264PictureHeight } from './h264-payload.ts';
export { isAudioKind, PayloadKind, type PayloadKindValue, payloadKindOf } from './payload-kind.ts';
export { RedPayload } from './red-payload.ts';
export { RTP_HEADER_BYTES, RtpHeader } from './rtp-header.ts';
export { Vp8Descriptor, type Vp8DescriptorFields, writeVp8Descriptor } from './vp8-descriptor.ts';
export { vp8PictureHeight } from './vp8-key-frame.ts';
export { Vp9Descriptor, type Vp9DescriptorFields, writeVp9Descriptor } from './vp9-descriptor.ts';
export {
  type RtpExtensionElement,
  type RtpPacketFields,
  writeRtpPacket,
} from './write-rtp-packet.ts';
