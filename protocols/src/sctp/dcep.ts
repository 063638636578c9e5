/** Data Channel Establishment Protocol (RFC 8832) and the payload protocols of data channels (RFC 8831 §8). */
import { viewOf } from './chunk.ts';

export const PayloadProtocol = {
  dcep: 50,
  string: 51,
  binary: 53,
  /** One byte that stands for an empty message. */
  emptyString: 56,
  emptyBinary: 57,
} as const;

const ACK = 2;
const OPEN = 3;
const OPEN_HEADER_BYTES = 12;
/** Of a label or protocol name. */
const MAX_NAME_BYTES = 256;

export interface DataChannelOpen {
  readonly type: 'open';
  /** 0 is reliable and ordered; 0x80 is unordered (RFC 8832 §5.1). */
  readonly channelType: number;
  readonly label: string;
  readonly protocol: string;
}

export type DcepMessage = DataChannelOpen | { readonly type: 'ack' };

export function parseDcepMessage(bytes: Uint8Array): DcepMessage | undefined {
  if (bytes[0] === ACK) return { type: 'ack' };
  if (bytes[0] !== OPEN || bytes.length < OPEN_HEADER_BYTES) return undefined;
  const view = viewOf(bytes);
  const labelBytes = view.getUint16(8);
  const protocolBytes = view.getUint16(10);
  if (labelBytes > MAX_NAME_BYTES || protocolBytes > MAX_NAME_BYTES) return undefined;
  if (OPEN_HEADER_BYTES + labelBytes + protocolBytes > bytes.length) return undefined;
  const protocolAt = OPEN_HEADER_BYTES + labelBytes;
  const decoder = new TextDecoder();
  return {
    type: 'open',
    channelType: bytes[1]!,
    label: decoder.decode(bytes.subarray(OPEN_HEADER_BYTES, protocolAt)),
    protocol: decoder.decode(bytes.subarray(protocolAt, protocolAt + protocolBytes)),
  };
}

export function writeDcepMessage(message: DcepMessage): Uint8Array {
  if (message.type === 'ack') return Uint8Array.of(ACK);
  const encoder = new TextEncoder();
  const label = encoder.encode(message.label);
  const protocol = encoder.encode(message.protocol);
  const bytes = new Uint8Array(OPEN_HEADER_BYTES + label.length + protocol.length);
  const view = viewOf(bytes);
  bytes[0] = OPEN;
  bytes[1] = message.channelType;
  view.setUint16(8, label.length);
  view.setUint16(10, protocol.length);
  bytes.set(label, OPEN_HEADER_BYTES);
  bytes.set(protocol, OPEN_HEADER_BYTES + label.length);
  return bytes;
}
