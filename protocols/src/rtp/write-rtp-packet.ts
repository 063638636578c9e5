/** Writes whole RTP packets (RFC 3550 §5.1): for endpoints and tests; the bridge's own are written natively. */
import { RTP_HEADER_BYTES } from './rtp-header.ts';

export interface RtpExtensionElement {
  /** 1..14; 1..255 in the two-byte form. */
  readonly id: number;
  /** 1..16 bytes; 0..255 in the two-byte form. */
  readonly data: Uint8Array;
}

export interface RtpPacketFields {
  readonly marker: boolean;
  readonly payloadType: number;
  readonly sequenceNumber: number;
  readonly timestamp: number;
  readonly ssrc: number;
  readonly csrcs?: readonly number[];
  readonly extensions?: readonly RtpExtensionElement[];
  /** Default: one byte when every element fits (RFC 8285 §4.1.2). */
  readonly extensionForm?: 'one-byte' | 'two-byte';
  readonly payload: Uint8Array;
  /** Bytes of padding, 0..255, default 0. */
  readonly paddingLength?: number;
}

/** A new buffer with the packet. */
export function writeRtpPacket(fields: RtpPacketFields): Uint8Array {
  const csrcs = fields.csrcs ?? [];
  const extensions = fields.extensions ?? [];
  const isOneByte =
    fields.extensionForm !== undefined
      ? fields.extensionForm === 'one-byte'
      : extensions.every(({ id, data }) => id < 15 && data.length > 0 && data.length <= 16);
  let elementBytes = 0;
  for (const { data } of extensions) elementBytes += data.length + (isOneByte ? 1 : 2);
  const extensionBytes = extensions.length === 0 ? 0 : 4 + Math.ceil(elementBytes / 4) * 4;
  const paddingLength = fields.paddingLength ?? 0;
  const payloadOffset = RTP_HEADER_BYTES + csrcs.length * 4 + extensionBytes;
  const packet = new Uint8Array(payloadOffset + fields.payload.length + paddingLength);
  const view = new DataView(packet.buffer);

  packet[0] =
    0x80 |
    (paddingLength > 0 ? 0x20 : 0) |
    (extensions.length > 0 ? 0x10 : 0) |
    (csrcs.length & 0x0f);
  packet[1] = (fields.marker ? 0x80 : 0) | (fields.payloadType & 0x7f);
  view.setUint16(2, fields.sequenceNumber);
  view.setUint32(4, fields.timestamp);
  view.setUint32(8, fields.ssrc);
  let at = RTP_HEADER_BYTES;
  for (const csrc of csrcs) {
    view.setUint32(at, csrc);
    at += 4;
  }
  if (extensions.length > 0) {
    view.setUint16(at, isOneByte ? 0xbede : 0x1000);
    view.setUint16(at + 2, extensionBytes / 4 - 1);
    at += 4;
    for (const { id, data } of extensions) {
      if (isOneByte) packet[at++] = (id << 4) | (data.length - 1);
      else {
        packet[at++] = id;
        packet[at++] = data.length;
      }
      packet.set(data, at);
      at += data.length;
    }
  }
  packet.set(fields.payload, payloadOffset);
  if (paddingLength > 0) packet[packet.length - 1] = paddingLength;
  return packet;
}
