/**
 * What a browser makes of one VP8 stream: asks for what is missing and for key frames, and shows the frames that are
 * whole and refer to nothing that was left out.
 */
import { NackRequester } from '@conclave/protocols/rtcp';
import { RtpHeader, Vp8Descriptor } from '@conclave/protocols/rtp';
import type { Arrival } from './receiver-link.ts';
import { readMark, type TestEndpoint } from './test-endpoint.ts';

/** libwebrtc: without a picture for so long it asks for a key frame. */
const STUCK_MS = 3000;
/** And again, as long as no packet of one comes. */
const REPEAT_MS = 200;

interface Frame {
  readonly packets: Map<number, boolean>;
  readonly isKey: boolean;
  readonly temporalId: number;
  readonly tl0PicIdx: number;
  readonly layer: number;
}

export class WatchingReceiver {
  /** When each frame was shown, and which encoding it was. */
  readonly shown: { readonly atMs: number; readonly layer: number }[] = [];
  readonly #endpoint: TestEndpoint;
  readonly #ssrc: number;
  readonly #rtxSsrc: number;
  readonly #nack = new NackRequester();
  readonly #seqs = new Uint16Array(128);
  readonly #frames = new Map<number, Frame>();
  readonly #header = new RtpHeader();
  readonly #vp8 = new Vp8Descriptor();
  #base = -1;
  #lastTimestamp = -1;
  #askedMs = 0;
  #keyMs = 0;
  #needsKey = true;

  constructor(endpoint: TestEndpoint, ssrc: number, rtxSsrc: number) {
    this.#endpoint = endpoint;
    this.#ssrc = ssrc;
    this.#rtxSsrc = rtxSsrc;
  }

  handle({ bytes, ssrc }: Arrival, nowMs: number): void {
    const header = this.#header;
    if (!header.read(bytes, 0, bytes.length) || header.payloadLength === 0) return;
    if (ssrc !== this.#ssrc && ssrc !== this.#rtxSsrc) return;
    let at = header.payloadOffset;
    let seq = header.sequenceNumber;
    if (ssrc === this.#rtxSsrc) {
      seq = bytes[at]! * 256 + bytes[at + 1]!;
      at += 2;
    }
    this.#nack.handlePacket(seq, nowMs);
    const payload = bytes.subarray(at, header.payloadOffset + header.payloadLength);
    const { isKey, layer, packet, temporalId, tl0PicIdx } = readMark(payload);
    if (!this.#vp8.read(payload, 0, payload.length)) throw new Error('no VP8');
    if (isKey) this.#keyMs = nowMs;
    const { timestamp } = header;
    let frame = this.#frames.get(timestamp);
    if (frame === undefined) {
      frame = { packets: new Map(), isKey, temporalId, tl0PicIdx, layer };
      this.#frames.set(timestamp, frame);
    }
    frame.packets.set(packet, header.marker);
    this.#show(nowMs);
  }

  handleTick(nowMs: number): void {
    const count = this.#nack.takeDue(nowMs, this.#seqs);
    if (count > 0) this.#endpoint.sendNack(this.#ssrc, [...this.#seqs.subarray(0, count)]);
    if (this.#frames.size === 0) return;
    if (nowMs - (this.shown.at(-1)?.atMs ?? 0) >= STUCK_MS) this.#needsKey = true;
    if (!this.#needsKey || nowMs - Math.max(this.#askedMs, this.#keyMs) < REPEAT_MS) return;
    this.#askedMs = nowMs;
    this.#endpoint.sendPli(this.#ssrc);
  }

  #show(nowMs: number): void {
    for (const [timestamp, frame] of [...this.#frames].sort(([a], [b]) => a - b)) {
      if (timestamp <= this.#lastTimestamp) {
        this.#frames.delete(timestamp);
        continue;
      }
      const last = [...frame.packets].find(([, marker]) => marker)?.[0] ?? -1;
      const isWhole = last >= 0 && frame.packets.size === last + 1;
      const refers =
        frame.temporalId === 0
          ? this.#base >= 0 && frame.tl0PicIdx === ((this.#base + 1) & 0xff)
          : frame.tl0PicIdx === this.#base;
      if (!isWhole || !(frame.isKey || refers)) continue;
      if (frame.temporalId === 0) this.#base = frame.tl0PicIdx;
      if (frame.isKey) this.#needsKey = false;
      this.#lastTimestamp = timestamp;
      this.#frames.delete(timestamp);
      this.shown.push({ atMs: nowMs, layer: frame.layer });
    }
  }
}
