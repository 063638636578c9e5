/**
 * Looks into an H.264 payload (RFC 6184 §5.4 to §5.8, packetization modes 0 and 1) as far as a
 * forwarder needs: whether a receiver can begin with this packet, and how high the picture is.
 */
import { h264SpsHeight } from './h264-sps.ts';

const SPS = 7;
const STAP_A = 24;
const FU_A = 28;
const NONE = -1;

/**
 * Whether the packet brings a sequence parameter set, with which encoders begin every key frame. A key
 * frame without it would be of no use to who has none yet.
 */
export function beginsH264KeyFrame(buffer: Uint8Array, offset: number, length: number): boolean {
  return findSps(buffer, offset, length) !== NONE;
}

/** Pixels of the shorter side, as the payload's sequence parameter set says; 0 when there is none, or it cannot be read. */
export function h264PictureHeight(buffer: Uint8Array, offset: number, length: number): number {
  const at = findSps(buffer, offset, length);
  // In an aggregation packet it ends before; what is behind is never read.
  return at === NONE ? 0 : h264SpsHeight(buffer, at, offset + length - at);
}

/** Where the first sequence parameter set begins, behind the header of its NAL unit. */
function findSps(buffer: Uint8Array, offset: number, length: number): number {
  const end = offset + length;
  if (length < 1 || end > buffer.length) return NONE;
  const type = buffer[offset]! & 0x1f;
  if (type === SPS) return offset + 1;
  if (type === FU_A) {
    // | S | E | R | type |: only the first fragment begins anything.
    return length >= 2 && (buffer[offset + 1]! & 0x9f) === (0x80 | SPS) ? offset + 2 : NONE;
  }
  if (type !== STAP_A) return NONE;
  for (let at = offset + 1; at + 2 < end; ) {
    const size = (buffer[at]! << 8) | buffer[at + 1]!;
    if (size === 0 || at + 2 + size > end) return NONE;
    if ((buffer[at + 2]! & 0x1f) === SPS) return at + 3;
    at += 2 + size;
  }
  return NONE;
}
