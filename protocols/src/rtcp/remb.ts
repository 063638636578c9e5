/**
 * Receiver estimated maximum bitrate (draft-alvestrand-rmcat-remb-03 §2.2), application layer feedback:
 *
 *      +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *      |  sender SSRC, media SSRC (0), unique identifier 'R' 'E' 'M' 'B' |
 *      | Num SSRC (8) | BR Exp (6) |        BR Mantissa (18)           |
 *      |   SSRC feedback ...                                           |
 */
import { readUint24, readUint32, writeUint24, writeUint32 } from './byte-order.ts';
import { writeFeedbackHeader } from './rtcp-header.ts';
import { PayloadFeedback, RtcpType } from './rtcp-types.ts';

const REMB_IDENTIFIER = 0x52454d42;

/** The bitrate in bit/s of an application layer feedback body, or -1 when it is no valid REMB. At most 2^81, exact up to 2^53. */
export function rembBitrateBps(bytes: Uint8Array, bodyOffset: number, bodyLength: number): number {
  if (bodyLength < 16 || readUint32(bytes, bodyOffset + 8) !== REMB_IDENTIFIER) return -1;
  if (bodyLength < 16 + rembSsrcCount(bytes, bodyOffset) * 4) return -1;
  const exponentMantissa = readUint24(bytes, bodyOffset + 13);
  return (exponentMantissa & 0x3ffff) * 2 ** (exponentMantissa >>> 18);
}

/** How many sources the estimate is about; call after `rembBitrateBps` was not -1. */
export function rembSsrcCount(bytes: Uint8Array, bodyOffset: number): number {
  return bytes[bodyOffset + 12] ?? 0;
}

export function rembSsrc(bytes: Uint8Array, bodyOffset: number, index: number): number {
  return readUint32(bytes, bodyOffset + 16 + index * 4);
}

/** Writes a REMB; the bitrate is rounded down to 18 significant bits. Returns the bytes written, 0 when it does not fit. */
export function writeRemb(
  out: Uint8Array,
  offset: number,
  senderSsrc: number,
  bitrateBps: number,
  ssrcs: readonly number[],
): number {
  const length = 20 + ssrcs.length * 4;
  if (ssrcs.length > 255 || offset + length > out.length) return 0;
  let exponent = 0;
  let mantissa = Math.max(0, Math.floor(bitrateBps));
  while (mantissa > 0x3ffff && exponent < 63) {
    mantissa = Math.floor(mantissa / 2);
    exponent++;
  }
  writeFeedbackHeader(
    out,
    offset,
    RtcpType.payloadFeedback,
    PayloadFeedback.applicationLayer,
    length,
    senderSsrc,
    0,
  );
  writeUint32(out, offset + 12, REMB_IDENTIFIER);
  out[offset + 16] = ssrcs.length;
  writeUint24(out, offset + 17, (exponent << 18) | Math.min(mantissa, 0x3ffff));
  for (let i = 0; i < ssrcs.length; i++) writeUint32(out, offset + 20 + i * 4, ssrcs[i] ?? 0);
  return length;
}
