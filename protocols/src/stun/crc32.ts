/** CRC-32 as FINGERPRINT needs it (RFC 8489 §14.7; ITU V.42, polynomial 0xEDB88320 reflected). Not cryptography. */

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

/** CRC-32 of `bytes[0..end)`, unsigned. */
export function crc32(bytes: Uint8Array, end: number = bytes.length): number {
  let crc = 0xffff_ffff;
  for (let i = 0; i < end; i++) {
    crc = (crc >>> 8) ^ (TABLE[(crc ^ (bytes[i] ?? 0)) & 0xff] ?? 0);
  }
  return (crc ^ 0xffff_ffff) >>> 0;
}
