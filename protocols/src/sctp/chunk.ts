/**
 * SCTP packets and the chunks in them (RFC 9260 §3).
 *
 *     0       2       4                8           12
 *     | source| dest. | verification   | CRC32c    | chunk | chunk …
 *     chunk: | type 1 | flags 1 | length 2, with this header | value | padding to 4 |
 */
import { crc32c } from './crc32c.ts';

export const ChunkType = {
  data: 0,
  init: 1,
  initAck: 2,
  sack: 3,
  heartbeat: 4,
  heartbeatAck: 5,
  abort: 6,
  shutdown: 7,
  shutdownAck: 8,
  error: 9,
  cookieEcho: 10,
  cookieAck: 11,
  shutdownComplete: 14,
  /** RFC 6525. */
  reconfig: 130,
  /** RFC 3758. */
  forwardTsn: 192,
} as const;

export const PACKET_HEADER_BYTES = 12;
export const CHUNK_HEADER_BYTES = 4;
const CHECKSUM_AT = 8;
/** More than anybody bundles. */
const MAX_CHUNKS = 64;

export interface Chunk {
  readonly type: number;
  readonly flags: number;
  /** Without header and padding; a view of the packet. */
  readonly value: Uint8Array;
}

export interface SctpPacket {
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly verificationTag: number;
  readonly chunks: readonly Chunk[];
}

/** One that says all by its type. */
export function bareChunk(type: number): Chunk {
  return { type, flags: 0, value: new Uint8Array() };
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

export function paddedLength(length: number): number {
  return (length + 3) & ~3;
}

/** Undefined for what is no packet: too short, a wrong checksum, a chunk that is cut off. */
export function parseSctpPacket(bytes: Uint8Array): SctpPacket | undefined {
  if (bytes.length < PACKET_HEADER_BYTES + CHUNK_HEADER_BYTES) return undefined;
  const view = viewOf(bytes);
  if (view.getUint32(CHECKSUM_AT, true) !== crc32c(bytes, CHECKSUM_AT)) return undefined;
  const chunks: Chunk[] = [];
  for (let at = PACKET_HEADER_BYTES; at < bytes.length; ) {
    if (at + CHUNK_HEADER_BYTES > bytes.length || chunks.length === MAX_CHUNKS) return undefined;
    const length = view.getUint16(at + 2);
    if (length < CHUNK_HEADER_BYTES || at + length > bytes.length) return undefined;
    const value = bytes.subarray(at + CHUNK_HEADER_BYTES, at + length);
    chunks.push({ type: bytes[at]!, flags: bytes[at + 1]!, value });
    at += paddedLength(length);
  }
  return {
    sourcePort: view.getUint16(0),
    destinationPort: view.getUint16(2),
    verificationTag: view.getUint32(4),
    chunks,
  };
}

export function writeSctpPacket(packet: SctpPacket): Uint8Array {
  let length = PACKET_HEADER_BYTES;
  for (const { value } of packet.chunks) length += paddedLength(CHUNK_HEADER_BYTES + value.length);
  const bytes = new Uint8Array(length);
  const view = viewOf(bytes);
  view.setUint16(0, packet.sourcePort);
  view.setUint16(2, packet.destinationPort);
  view.setUint32(4, packet.verificationTag);
  let at = PACKET_HEADER_BYTES;
  for (const { type, flags, value } of packet.chunks) {
    bytes[at] = type;
    bytes[at + 1] = flags;
    view.setUint16(at + 2, CHUNK_HEADER_BYTES + value.length);
    bytes.set(value, at + CHUNK_HEADER_BYTES);
    at += paddedLength(CHUNK_HEADER_BYTES + value.length);
  }
  view.setUint32(CHECKSUM_AT, crc32c(bytes), true);
  return bytes;
}

export interface Parameter {
  readonly type: number;
  readonly value: Uint8Array;
}

/** Parameters inside a chunk (RFC 9260 §3.2.1): type 2, length 2, value, padding. Stops at what is cut off. */
export function readParameters(bytes: Uint8Array): Parameter[] {
  const view = viewOf(bytes);
  const parameters: Parameter[] = [];
  for (let at = 0; at + 4 <= bytes.length && parameters.length < MAX_CHUNKS; ) {
    const length = view.getUint16(at + 2);
    if (length < 4 || at + length > bytes.length) break;
    parameters.push({ type: view.getUint16(at), value: bytes.subarray(at + 4, at + length) });
    at += paddedLength(length);
  }
  return parameters;
}

/** One after the other, each padded except the last, whose padding the chunk adds. */
export function writeParameters(parameters: readonly Parameter[]): Uint8Array {
  let length = 0;
  for (const { value } of parameters) length = paddedLength(length) + 4 + value.length;
  const bytes = new Uint8Array(length);
  const view = viewOf(bytes);
  let at = 0;
  for (const { type, value } of parameters) {
    view.setUint16(at, type);
    view.setUint16(at + 2, 4 + value.length);
    bytes.set(value, at + 4);
    at += paddedLength(4 + value.length);
  }
  return bytes;
}
