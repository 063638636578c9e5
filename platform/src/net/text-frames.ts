/**
 * Text messages of a server as WebSocket frames (RFC 6455 §5.2): unmasked, never fragmented, several in
 * one buffer, so that what is due to one connection leaves in one system call.
 */
import { Buffer } from 'node:buffer';

/** FIN and opcode 1. */
const TEXT_FRAME = 0x81;

/** One frame per text, in order. */
export function writeTextFrames(texts: readonly string[]): Buffer {
  let sizeBytes = 0;
  for (const text of texts) {
    const payloadBytes = Buffer.byteLength(text);
    sizeBytes += headerBytes(payloadBytes) + payloadBytes;
  }
  const out = Buffer.allocUnsafe(sizeBytes);
  let at = 0;
  for (const text of texts) {
    const payloadBytes = Buffer.byteLength(text);
    at = writeHeader(out, at, payloadBytes);
    // As many bytes as characters: ASCII, which is copied faster than it is encoded.
    at += out.write(text, at, payloadBytes, payloadBytes === text.length ? 'latin1' : 'utf8');
  }
  return out;
}

function headerBytes(payloadBytes: number): number {
  return payloadBytes < 126 ? 2 : payloadBytes < 0x1_0000 ? 4 : 10;
}

function writeHeader(out: Buffer, start: number, payloadBytes: number): number {
  let at = start;
  out[at++] = TEXT_FRAME;
  if (payloadBytes < 126) {
    out[at++] = payloadBytes;
    return at;
  }
  if (payloadBytes < 0x1_0000) {
    out[at++] = 126;
    return out.writeUInt16BE(payloadBytes, at);
  }
  out[at++] = 127;
  // No string of Node is 2^32 bytes long.
  return out.writeUInt32BE(payloadBytes, out.writeUInt32BE(0, at));
}
