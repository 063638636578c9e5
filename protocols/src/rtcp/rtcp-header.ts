/** Writes the headers of RTCP packets (RFC 3550 §6.4.1, RFC 4585 §6.1). */
import { writeUint16, writeUint32 } from './byte-order.ts';

/** The four bytes every RTCP packet begins with; `length` in bytes, a multiple of four. */
export function writeRtcpHeader(
  out: Uint8Array,
  offset: number,
  count: number,
  type: number,
  length: number,
): void {
  out[offset] = 0x80 | count;
  out[offset + 1] = type;
  writeUint16(out, offset + 2, length / 4 - 1);
}

/** The twelve bytes every feedback packet begins with; `length` in bytes, a multiple of four. */
export function writeFeedbackHeader(
  out: Uint8Array,
  offset: number,
  type: number,
  format: number,
  length: number,
  senderSsrc: number,
  mediaSsrc: number,
): void {
  writeRtcpHeader(out, offset, format, type, length);
  writeUint32(out, offset + 4, senderSsrc);
  writeUint32(out, offset + 8, mediaSsrc);
}
