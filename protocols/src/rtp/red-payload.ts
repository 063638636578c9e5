/**
 * Finds the newest audio frame in a RED payload (RFC 2198 §3): older ones come before it, for who missed them.
 *
 *     |1| type (7) | timestamp offset (14) | length (10) |   for each older frame
 *     |0| type (7) |                                         of the newest
 *     older frames | newest frame
 */

/** Older frames in one packet; encoders send one or two. */
const MAX_OLDER = 8;

export class RedPayload {
  /** Payload type of the newest frame. */
  payloadType = 0;
  /** Where it begins, from the payload's start. */
  offset = 0;

  /** False when the payload is cut. */
  read(buffer: Uint8Array, start: number, length: number): boolean {
    const end = start + length;
    if (end > buffer.length) return false;
    let at = start;
    let olderBytes = 0;
    for (let older = 0; older <= MAX_OLDER; older++) {
      if (at >= end) return false;
      const head = buffer[at]!;
      if (head < 128) {
        this.payloadType = head;
        this.offset = at + 1 + olderBytes - start;
        return this.offset < length;
      }
      if (at + 4 > end) return false;
      olderBytes += ((buffer[at + 2]! & 0x03) << 8) | buffer[at + 3]!;
      at += 4;
    }
    return false;
  }
}
