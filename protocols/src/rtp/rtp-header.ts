/**
 * Reads the header of an RTP packet in place (RFC 3550 §5.1) and finds elements of its header
 * extension in both forms (RFC 8285 §4.2, §4.3). One instance is reused for every packet.
 *
 *     0                   1                   2                   3
 *    |V=2|P|X|  CC   |M|     PT      |       sequence number         |
 *    |                           timestamp                           |
 *    |                             SSRC                              |
 *    |                    CSRC (CC of them) ...                      |
 *    |  profile (BEDE, 100x)         |  length in 32-bit words       |   when X
 *    |  extension elements ...                                       |
 *    |  payload ...                          |  padding (last byte: count)   when P
 */

/** Bytes of a header without CSRCs and extension. */
export const RTP_HEADER_BYTES = 12;

const PROFILE_NONE = 0;
const PROFILE_ONE_BYTE = 1;
const PROFILE_TWO_BYTE = 2;

export class RtpHeader {
  marker = false;
  /** 0..127 */
  payloadType = 0;
  /** 0..65535 */
  sequenceNumber = 0;
  /** Unsigned 32 bits. */
  timestamp = 0;
  /** Unsigned 32 bits. */
  ssrc = 0;
  /** Absolute, in the buffer that was read. */
  payloadOffset = 0;
  /** Bytes, without padding. */
  payloadLength = 0;
  /** Bytes, 0..255. */
  paddingLength = 0;
  /** Length of the element that `findExtension` found last. */
  extensionLength = 0;
  #extensionsStart = 0;
  #extensionsEnd = 0;
  #profile = PROFILE_NONE;

  /**
   * Takes the header of the packet at `offset`; false (and undefined fields) when the `length`
   * bytes are no valid RTP packet. Reads nothing outside them, whatever they say.
   */
  read(buffer: Uint8Array, offset: number, length: number): boolean {
    const end = offset + length;
    if (length < RTP_HEADER_BYTES || end > buffer.length) return false;
    const first = buffer[offset]!;
    if (first >> 6 !== 2) return false;
    const second = buffer[offset + 1]!;
    this.marker = second >= 128;
    this.payloadType = second & 0x7f;
    this.sequenceNumber = (buffer[offset + 2]! << 8) | buffer[offset + 3]!;
    this.timestamp = readUint32(buffer, offset + 4);
    this.ssrc = readUint32(buffer, offset + 8);

    let at = offset + RTP_HEADER_BYTES + (first & 0x0f) * 4;
    this.#profile = PROFILE_NONE;
    if ((first & 0x10) !== 0) {
      if (at + 4 > end) return false;
      const profile = (buffer[at]! << 8) | buffer[at + 1]!;
      const extensionBytes = ((buffer[at + 2]! << 8) | buffer[at + 3]!) * 4;
      at += 4;
      this.#extensionsStart = at;
      at += extensionBytes;
      this.#extensionsEnd = at;
      if (profile === 0xbede) this.#profile = PROFILE_ONE_BYTE;
      else if ((profile & 0xfff0) === 0x1000) this.#profile = PROFILE_TWO_BYTE;
    }
    if (at > end) return false;

    this.paddingLength = 0;
    if ((first & 0x20) !== 0) {
      if (at === end) return false;
      this.paddingLength = buffer[end - 1]!;
      if (this.paddingLength === 0 || at + this.paddingLength > end) return false;
    }
    this.payloadOffset = at;
    this.payloadLength = end - at - this.paddingLength;
    return true;
  }

  /**
   * Absolute offset of the data of the extension element `id` (1..14, or 1..255 in the two-byte
   * form) of the packet read last, or -1. Its size is then in `extensionLength`.
   */
  findExtension(buffer: Uint8Array, id: number): number {
    if (this.#profile === PROFILE_NONE) return -1;
    const end = this.#extensionsEnd;
    let at = this.#extensionsStart;
    if (this.#profile === PROFILE_ONE_BYTE) {
      while (at < end) {
        const head = buffer[at]!;
        at++;
        if (head === 0) continue; // padding between elements
        const elementId = head >> 4;
        if (elementId === 15) return -1; // RFC 8285 §4.2: stop here
        const size = (head & 0x0f) + 1;
        if (at + size > end) return -1;
        if (elementId === id) {
          this.extensionLength = size;
          return at;
        }
        at += size;
      }
      return -1;
    }
    while (at < end) {
      const elementId = buffer[at]!;
      at++;
      if (elementId === 0) continue;
      if (at >= end) return -1;
      const size = buffer[at]!;
      at++;
      if (at + size > end) return -1;
      if (elementId === id) {
        this.extensionLength = size;
        return at;
      }
      at += size;
    }
    return -1;
  }
}

function readUint32(buffer: Uint8Array, at: number): number {
  return (
    ((buffer[at]! << 24) | (buffer[at + 1]! << 16) | (buffer[at + 2]! << 8) | buffer[at + 3]!) >>> 0
  );
}
