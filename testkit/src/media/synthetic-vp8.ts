/** What makes noise a VP8 packet for whoever forwards it. */

/** In front of the frame's bytes. */
export const VP8_DESCRIPTOR_BYTES = 6;

/** Writes the descriptor (RFC 7741 §4.2) and the first byte behind it, in which a key frame says that it is one (RFC 6386 §9.1). */
export function writeVp8Start(
  bytes: Uint8Array,
  at: number,
  frame: number,
  isFirst: boolean,
  isKey: boolean,
): void {
  // X, S on the first packet; picture id of 15 bits, TL0PICIDX, TID 0.
  bytes[at] = isFirst ? 0x90 : 0x80;
  bytes[at + 1] = 0xe0;
  bytes[at + 2] = 0x80 | ((frame >> 8) & 0x7f);
  bytes[at + 3] = frame & 0xff;
  bytes[at + 4] = frame & 0xff;
  bytes[at + 5] = 0x20;
  bytes[at + VP8_DESCRIPTOR_BYTES] = isFirst && isKey ? 0x10 : 0x11;
}
