/**
 * Feedback that asks for something: generic NACK (RFC 4585 §6.2.1), PLI (§6.3.1), FIR (RFC 5104
 * §4.3.1). All begin with sender SSRC and media SSRC.
 */
import { readUint16, readUint32, writeUint16, writeUint32 } from './byte-order.ts';
import { writeFeedbackHeader } from './rtcp-header.ts';
import { PayloadFeedback, RtcpType, TransportFeedback } from './rtcp-types.ts';

/**
 * Reads the sequence numbers that a NACK with this body asks for into `out`, as far as they fit, in
 * the order of the wire. Returns how many.
 *
 *     | PID: a lost packet (16) | BLP: bit i is packet PID+i+1 (16) |   repeated
 */
export function readNack(
  bytes: Uint8Array,
  bodyOffset: number,
  bodyLength: number,
  out: Uint16Array,
): number {
  const end = bodyOffset + bodyLength;
  let written = 0;
  for (let at = bodyOffset + 8; at + 4 <= end; at += 4) {
    const pid = readUint16(bytes, at);
    if (written === out.length) break;
    out[written++] = pid;
    for (let blp = readUint16(bytes, at + 2), i = 1; blp !== 0; blp >>>= 1, i++) {
      if ((blp & 1) === 0) continue;
      if (written === out.length) return written;
      out[written++] = pid + i; // a Uint16Array wraps by itself
    }
  }
  return written;
}

/**
 * Writes a NACK for the first `count` of `seqs`, which are in ascending order (serial arithmetic).
 * Returns the bytes written: 0 when nothing is asked for or not all fits.
 */
export function writeNack(
  out: Uint8Array,
  offset: number,
  senderSsrc: number,
  mediaSsrc: number,
  seqs: Uint16Array | readonly number[],
  count: number = seqs.length,
): number {
  let at = offset + 12;
  for (let i = 0; i < count; ) {
    if (at + 4 > out.length) return 0;
    const pid = seqs[i++] ?? 0;
    let blp = 0;
    for (; i < count; i++) {
      const distance = ((seqs[i] ?? 0) - pid) & 0xffff;
      if (distance === 0) continue; // a repetition
      if (distance > 16) break;
      blp |= 1 << (distance - 1);
    }
    writeUint16(out, at, pid);
    writeUint16(out, at + 2, blp);
    at += 4;
  }
  if (at === offset + 12) return 0;
  writeFeedbackHeader(
    out,
    offset,
    RtcpType.transportFeedback,
    TransportFeedback.nack,
    at - offset,
    senderSsrc,
    mediaSsrc,
  );
  return at - offset;
}

/** Writes a picture loss indication, 12 bytes. Returns the bytes written, 0 when it does not fit. */
export function writePli(
  out: Uint8Array,
  offset: number,
  senderSsrc: number,
  mediaSsrc: number,
): number {
  if (offset + 12 > out.length) return 0;
  writeFeedbackHeader(
    out,
    offset,
    RtcpType.payloadFeedback,
    PayloadFeedback.pli,
    12,
    senderSsrc,
    mediaSsrc,
  );
  return 12;
}

/** Entries of a FIR with a body of `bodyLength` bytes. Its targets are in the entries, not in the media SSRC. */
export function firCount(bodyLength: number): number {
  return Math.max(0, (bodyLength - 8) >>> 3);
}

/** Who FIR entry `index` asks for a key frame. */
export function firSsrc(bytes: Uint8Array, bodyOffset: number, index: number): number {
  return readUint32(bytes, bodyOffset + 8 + index * 8);
}

/** Command sequence number of FIR entry `index`: a repetition has the same number and is not a new request. */
export function firSeq(bytes: Uint8Array, bodyOffset: number, index: number): number {
  return bytes[bodyOffset + 12 + index * 8] ?? 0;
}

/** Writes a FIR for one source, 20 bytes; `commandSeq` is 0..255. Returns the bytes written, 0 when it does not fit. */
export function writeFir(
  out: Uint8Array,
  offset: number,
  senderSsrc: number,
  mediaSsrc: number,
  commandSeq: number,
): number {
  if (offset + 20 > out.length) return 0;
  // RFC 5104 §4.3.1.2: the media SSRC of the header SHALL be 0.
  writeFeedbackHeader(
    out,
    offset,
    RtcpType.payloadFeedback,
    PayloadFeedback.fir,
    20,
    senderSsrc,
    0,
  );
  writeUint32(out, offset + 12, mediaSsrc);
  writeUint32(out, offset + 16, (commandSeq & 0xff) << 24);
  return 20;
}
