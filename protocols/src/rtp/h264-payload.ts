/**
 * Looks into an H.264 payload (RFC 6184 §5.4 to §5.8, packetization modes 0 and 1) as far as a
 * forwarder needs: whether a receiver can begin with this packet.
 */
const SPS = 7;
const STAP_A = 24;
const FU_A = 28;

/**
 * Whether the packet brings a sequence parameter set, with which encoders begin every key frame. A key
 * frame without it would be of no use to who has none yet.
 */
export function beginsH264KeyFrame(buffer: Uint8Array, offset: number, length: number): boolean {
  const end = offset + length;
  if (length < 1 || end > buffer.length) return false;
  const type = buffer[offset]! & 0x1f;
  if (type === SPS) return true;
  if (type === FU_A) {
    // | S | E | R | type |: only the first fragment begins anything.
    return length >= 2 && (buffer[offset + 1]! & 0x9f) === (0x80 | SPS);
  }
  if (type !== STAP_A) return false;
  for (let at = offset + 1; at + 2 < end; ) {
    const size = (buffer[at]! << 8) | buffer[at + 1]!;
    if (size === 0 || at + 2 + size > end) return false;
    if ((buffer[at + 2]! & 0x1f) === SPS) return true;
    at += 2 + size;
  }
  return false;
}
