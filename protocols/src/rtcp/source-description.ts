/**
 * Source description with a CNAME (RFC 3550 §6.5) and goodbye (§6.6). The CNAME is ASCII text of
 * at most 255 bytes; every compound RTCP packet carries one (§6.1).
 */
import { writeUint32 } from './byte-order.ts';
import { writeRtcpHeader } from './rtcp-header.ts';
import { MAX_RTCP_COUNT, RtcpType } from './rtcp-types.ts';

const SDES_CNAME = 1;

/** Writes an SDES with one chunk. Returns the bytes written, 0 when it does not fit or the name is too long. */
export function writeSdesCname(
  out: Uint8Array,
  offset: number,
  ssrc: number,
  cname: string,
): number {
  // Item header and text, then one to four zero bytes: the end of the list up to a word boundary.
  const length = 8 + ((2 + cname.length + 4) & ~3);
  if (cname.length > 255 || offset + length > out.length) return 0;
  writeRtcpHeader(out, offset, 1, RtcpType.sourceDescription, length);
  writeUint32(out, offset + 4, ssrc);
  out[offset + 8] = SDES_CNAME;
  out[offset + 9] = cname.length;
  for (let i = 0; i < cname.length; i++) out[offset + 10 + i] = cname.charCodeAt(i) & 0x7f;
  out.fill(0, offset + 10 + cname.length, offset + length);
  return length;
}

/**
 * The CNAME of `ssrc` in an SDES of `count` chunks; undefined when there is none or the packet is
 * broken. Allocates: for tests and diagnosis, the bridge does not need it.
 */
export function readSdesCname(
  bytes: Uint8Array,
  bodyOffset: number,
  bodyLength: number,
  count: number,
  ssrc: number,
): string | undefined {
  const end = bodyOffset + bodyLength;
  let at = bodyOffset;
  for (let chunk = 0; chunk < count && at + 4 < end; chunk++) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const isWanted = view.getUint32(at) === ssrc;
    at += 4;
    while (at < end && bytes[at] !== 0) {
      const length = bytes[at + 1] ?? 0;
      if (at + 2 + length > end) return undefined;
      if (isWanted && bytes[at] === SDES_CNAME) {
        return String.fromCharCode(...bytes.subarray(at + 2, at + 2 + length));
      }
      at += 2 + length;
    }
    at = bodyOffset + (((at - bodyOffset) >>> 2) + 1) * 4;
  }
  return undefined;
}

/** Writes a BYE for the first `count` of `ssrcs`, without a reason. Returns the bytes written, 0 when it does not fit. */
export function writeBye(
  out: Uint8Array,
  offset: number,
  ssrcs: readonly number[],
  count: number = ssrcs.length,
): number {
  const length = 4 + count * 4;
  if (count < 0 || count > MAX_RTCP_COUNT || count > ssrcs.length || offset + length > out.length) {
    return 0;
  }
  writeRtcpHeader(out, offset, count, RtcpType.goodbye, length);
  for (let i = 0; i < count; i++) writeUint32(out, offset + 4 + i * 4, ssrcs[i] ?? 0);
  return length;
}
