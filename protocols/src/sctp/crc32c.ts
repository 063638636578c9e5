/** The checksum of SCTP packets, CRC32c (RFC 9260 §6.8 and appendix A). */

/** Castagnoli's polynomial, bits reversed. */
const POLYNOMIAL = 0x82f63b78;

const TABLE: Int32Array = Int32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ POLYNOMIAL : value >>> 1;
  return value;
});

/** Of `bytes`, the four at `zeroedAt` read as zero; unsigned, to be written little-endian. */
export function crc32c(bytes: Uint8Array, zeroedAt = -1): number {
  let value = ~0;
  for (let i = 0; i < bytes.length; i++) {
    const byte = zeroedAt >= 0 && i >= zeroedAt && i < zeroedAt + 4 ? 0 : bytes[i]!;
    value = TABLE[(value ^ byte) & 0xff]! ^ (value >>> 8);
  }
  return ~value >>> 0;
}
