/**
 * Reads the size of the picture from the header of a VP8 key frame (RFC 6386 §9.1). Its ten bytes stay
 * readable with end-to-end encryption as Jitsi's clients do it.
 *
 *     frame tag (3) | start code 9d 01 2a | 2 bits scale, 14 bits width | the same for the height
 */

const HEADER_BYTES = 10;

/**
 * Pixels of the shorter side, which is what "360p" names whichever way a phone is held; 0 when the `length`
 * bytes at `offset` do not begin a key frame. `offset` is behind the payload descriptor.
 */
export function vp8PictureHeight(buffer: Uint8Array, offset: number, length: number): number {
  if (length < HEADER_BYTES || offset + HEADER_BYTES > buffer.length) return 0;
  if ((buffer[offset]! & 0x01) !== 0) return 0;
  if (buffer[offset + 3] !== 0x9d || buffer[offset + 4] !== 0x01 || buffer[offset + 5] !== 0x2a) {
    return 0;
  }
  const width = buffer[offset + 6]! | ((buffer[offset + 7]! & 0x3f) << 8);
  const height = buffer[offset + 8]! | ((buffer[offset + 9]! & 0x3f) << 8);
  return Math.min(width, height);
}
