/** Video as forwarding/load.c sends it, but as plain RTP: frames of the same sizes, cut into the same packets, with the same headers. */
import type { Socket } from 'node:dgram';
import { VP8_DESCRIPTOR_BYTES, writeVp8Start } from '@conclave/testkit/media';

const FRAMES_PER_S = 30;
const FRAME_MS = 1000 / FRAMES_PER_S;
const FRAME_BYTES = 2_500_000 / 8 / FRAMES_PER_S;
const MAX_PAYLOAD = 1160;
const HEADER_BYTES = 24;
const PAYLOAD_TYPE = 100;
const TRANSPORT_CC_ID = 5;
const MID_ID = 10;
const KEY_FRAME_EVERY = 300;
const MAX_LATE_MS = 200;

export class RtpSource {
  /** Packets. */
  sent = 0;
  readonly #socket: Socket;
  readonly #port: number;
  readonly #ssrc: number;
  #random: number;
  #sequence = 0;
  #frames = 0;
  #nextMs: number;

  /** `phase` 0..1: when within a frame's time its frames are due. */
  constructor(socket: Socket, port: number, index: number, phase: number) {
    this.#socket = socket;
    this.#port = port;
    this.#ssrc = 0x10_0000 + index;
    this.#random = 0x12345 + index * 7919;
    this.#nextMs = performance.now() + phase * FRAME_MS;
  }

  tick(nowMs: number): void {
    if (nowMs < this.#nextMs) return;
    this.#nextMs = Math.max(this.#nextMs + FRAME_MS, nowMs - MAX_LATE_MS);
    const isKey = this.#frames % KEY_FRAME_EVERY === 0;
    // 70 % to 130 % of the average; key frames are three times as large.
    const part = 0.7 + 0.6 * this.#nextRandom();
    const bytes = Math.floor(FRAME_BYTES * part) * (isKey ? 3 : 1);
    const count = Math.ceil(bytes / MAX_PAYLOAD);
    for (let i = 0; i < count; i++) {
      const payload = Math.floor(bytes / count) + (i >= count - (bytes % count) ? 1 : 0);
      this.#socket.send(
        this.#packet(i === 0, i === count - 1, isKey, payload),
        this.#port,
        '127.0.0.1',
      );
      this.#sequence = (this.#sequence + 1) & 0xffff;
      this.sent++;
    }
    this.#frames++;
  }

  #packet(isFirst: boolean, isLast: boolean, isKey: boolean, payload: number): Uint8Array {
    const packet = new Uint8Array(HEADER_BYTES + VP8_DESCRIPTOR_BYTES + payload);
    const view = new DataView(packet.buffer);
    view.setUint8(0, 0x90);
    view.setUint8(1, (isLast ? 0x80 : 0) | PAYLOAD_TYPE);
    view.setUint16(2, this.#sequence);
    view.setUint32(4, (this.#frames * (90_000 / FRAMES_PER_S)) >>> 0);
    view.setUint32(8, this.#ssrc);
    view.setUint32(12, 0xbede_0002);
    view.setUint8(16, (TRANSPORT_CC_ID << 4) | 1);
    view.setUint16(17, this.sent & 0xffff);
    view.setUint8(19, MID_ID << 4);
    view.setUint8(20, 0x31);
    writeVp8Start(packet, HEADER_BYTES, this.#frames, isFirst, isKey);
    return packet;
  }

  /** xorshift32, 0..1. */
  #nextRandom(): number {
    this.#random ^= this.#random << 13;
    this.#random ^= this.#random >>> 17;
    this.#random ^= this.#random << 5;
    return (this.#random >>> 0) / 2 ** 32;
  }
}
