/** DATA (RFC 9260 §3.3.1): one fragment of a message. */
import { viewOf } from './chunk.ts';

export const DATA_HEADER_BYTES = 12;
const UNORDERED = 4;
const BEGIN = 2;
const END = 1;

export interface DataChunk {
  readonly tsn: number;
  readonly streamId: number;
  readonly streamSequence: number;
  /** What the message is (RFC 8831 §8). */
  readonly payloadProtocol: number;
  readonly isUnordered: boolean;
  readonly isFirst: boolean;
  readonly isLast: boolean;
  /** When parsed, a view of the packet. */
  readonly data: Uint8Array;
}

/** Undefined when there is no data, which is a violation of the protocol. */
export function parseDataChunk(flags: number, value: Uint8Array): DataChunk | undefined {
  if (value.length <= DATA_HEADER_BYTES) return undefined;
  const view = viewOf(value);
  return {
    tsn: view.getUint32(0),
    streamId: view.getUint16(4),
    streamSequence: view.getUint16(6),
    payloadProtocol: view.getUint32(8),
    isUnordered: (flags & UNORDERED) !== 0,
    isFirst: (flags & BEGIN) !== 0,
    isLast: (flags & END) !== 0,
    data: value.subarray(DATA_HEADER_BYTES),
  };
}

export function writeDataChunk(chunk: DataChunk): { flags: number; value: Uint8Array } {
  const value = new Uint8Array(DATA_HEADER_BYTES + chunk.data.length);
  const view = viewOf(value);
  view.setUint32(0, chunk.tsn);
  view.setUint16(4, chunk.streamId);
  view.setUint16(6, chunk.streamSequence);
  view.setUint32(8, chunk.payloadProtocol);
  value.set(chunk.data, DATA_HEADER_BYTES);
  const flags =
    (chunk.isUnordered ? UNORDERED : 0) | (chunk.isFirst ? BEGIN : 0) | (chunk.isLast ? END : 0);
  return { flags, value };
}
