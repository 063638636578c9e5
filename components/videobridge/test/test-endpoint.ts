/** An endpoint of `TestBridge`: sends marked media and feedback, looks at what it gets. */
import { PacketKind } from '@conclave/platform/packet-io';
import { type BridgeMessage, parseBridgeMessage } from '@conclave/protocols/bridge-channel';
import type { MediaSource } from '@conclave/protocols/colibri';
import {
  RtcpCursor,
  RtcpType,
  readNack,
  TransportFeedback,
  writeNack,
  writePli,
} from '@conclave/protocols/rtcp';
import {
  RtpHeader,
  Vp8Descriptor,
  writeRtpPacket,
  writeVp8Descriptor,
} from '@conclave/protocols/rtp';
import type { TestBridge } from './test-bridge.ts';

export const MEETING = 'meeting-1';

/** RFC 6386 §9.1 */
const KEY_FRAME_HEADER_BYTES = 10;

/** An RTP packet as a receiver sees it. */
export interface ReceivedPacket {
  readonly ssrc: number;
  readonly payloadType: number;
  readonly seq: number;
  /** With the roll-over counter. */
  readonly extendedSeq: number;
  readonly timestamp: number;
  readonly marker: boolean;
  readonly payload: Uint8Array;
  readonly audioLevel: number;
  readonly transportSeq: number;
  /** Empty for none. */
  readonly mid: string;
}

/** What a test frame's payload says of itself, behind the VP8 descriptor and a key frame's header. */
export interface FrameMark {
  readonly sender: number;
  readonly layer: number;
  readonly frame: number;
  readonly packet: number;
  readonly isKey: boolean;
  readonly pictureId: number;
  readonly tl0PicIdx: number;
  readonly temporalId: number;
  readonly isFrameStart: boolean;
}

export function readMark(payload: Uint8Array): FrameMark {
  const vp8 = new Vp8Descriptor();
  if (!vp8.read(payload, 0, payload.length)) throw new Error('no VP8 descriptor');
  const body = payload.subarray(vp8.length);
  const hasHeader = body[3] === 0x9d && body[4] === 0x01 && body[5] === 0x2a;
  const [head = 0, sender = 0, layer = 0, frameHigh = 0, frameLow = 0, packet = 0] = body.subarray(
    hasHeader ? KEY_FRAME_HEADER_BYTES : 0,
  );
  return {
    sender,
    layer,
    frame: frameHigh * 256 + frameLow,
    packet,
    isKey: (head & 1) === 0,
    pictureId: vp8.pictureId,
    tl0PicIdx: vp8.tl0PicIdx,
    temporalId: vp8.temporalId,
    isFrameStart: vp8.isFrameStart,
  };
}

export interface FrameOptions {
  readonly isKey?: boolean;
  readonly packets?: number;
  /** Width and height in pixels, which a key frame then says in its header. */
  readonly size?: readonly [number, number];
  /** Base layer if absent. */
  readonly temporalId?: number;
  /** Refers to the base layer only (Y). */
  readonly isLayerSync?: boolean;
  /** Indexes of packets that get lost on the way to the bridge. */
  readonly lose?: readonly number[];
}

function sendTimeElement({ id, value }: { readonly id: number; readonly value: number }) {
  return { id, data: Uint8Array.of(value >> 16, (value >> 8) & 0xff, value & 0xff) };
}

class Encoding {
  readonly ssrc: number;
  readonly rtxSsrc: number;
  seq: number;
  rtxSeq = 7;
  timestamp: number;
  pictureId: number;
  tl0PicIdx: number;
  readonly sent = new Map<number, Uint8Array>();

  constructor(ssrc: number, start: number) {
    this.ssrc = ssrc;
    this.rtxSsrc = ssrc + 100;
    this.seq = start & 0xffff;
    this.timestamp = (start * 7919) >>> 0;
    this.pictureId = start & 0x7fff;
    this.tl0PicIdx = start & 0xff;
  }
}

export class TestEndpoint {
  readonly id: string;
  readonly number: number;
  readonly bridge: TestBridge;
  readonly peer: number;
  readonly encodings: readonly Encoding[];
  readonly audioSsrc: number;
  readonly channelId: number;
  readonly channelUrl: string;
  audioSeq: number;
  audioTimestamp = 1000;
  frame = 0;
  transportSeq = 1;
  /** Header extension of video that says when it was sent. */
  sendTime: { readonly id: number; readonly value: number } | undefined;
  sources: readonly MediaSource[] = [];

  constructor(bridge: TestBridge, id: string, number: number, peer: number, channelUrl: string) {
    this.bridge = bridge;
    this.id = id;
    this.number = number;
    this.peer = peer;
    this.channelId = number + 1;
    this.channelUrl = channelUrl;
    this.audioSsrc = 0x8000_0000 + number * 1000;
    this.audioSeq = (65_500 + number * 11) & 0xffff;
    this.encodings = [0, 1, 2].map(
      (layer) => new Encoding(0x9000_0000 + number * 1000 + layer, 65_520 + layer * 3000 + number),
    );
  }

  get password(): string {
    return this.channelUrl.split('pwd=')[1] ?? '';
  }

  describeSources(): MediaSource[] {
    const primaries = this.encodings.map(({ ssrc }) => ssrc);
    return [
      {
        type: 'audio',
        name: `${this.id}-a0`,
        ssrcs: [this.audioSsrc],
        groups: [],
      },
      {
        type: 'video',
        name: `${this.id}-v0`,
        videoType: 'camera',
        ssrcs: this.encodings.flatMap(({ ssrc, rtxSsrc }) => [ssrc, rtxSsrc]),
        groups: [
          { semantics: 'SIM', ssrcs: primaries },
          ...this.encodings.map(({ ssrc, rtxSsrc }) => ({
            semantics: 'FID' as const,
            ssrcs: [ssrc, rtxSsrc],
          })),
        ],
      },
    ];
  }

  /** `bytes`: of the payload, at least 3. */
  sendAudio(level = 40, bytes = 3): void {
    const payload = new Uint8Array(bytes);
    payload.set([this.number, this.audioSeq >> 8, this.audioSeq & 0xff]);
    const packet = writeRtpPacket({
      marker: false,
      payloadType: 111,
      sequenceNumber: this.audioSeq,
      timestamp: this.audioTimestamp,
      ssrc: this.audioSsrc,
      extensions: [
        { id: 1, data: Uint8Array.of(level) },
        { id: 5, data: this.#nextTransportSeq() },
        { id: 10, data: Uint8Array.of(0x61) },
      ],
      payload,
    });
    this.audioSeq = (this.audioSeq + 1) & 0xffff;
    this.audioTimestamp += 960;
    this.bridge.receive(this, PacketKind.rtp, packet);
  }

  /** One frame on each of the layers, as one burst. */
  sendFrame(layers: readonly number[], options: FrameOptions = {}): void {
    this.frame++;
    for (const layer of layers) {
      for (const packet of this.makeFrame(layer, options)) {
        this.bridge.queue(this, PacketKind.rtp, packet);
      }
    }
    this.bridge.deliver();
  }

  /** The packets of a frame that are not lost. */
  makeFrame(layer: number, options: FrameOptions = {}): Uint8Array[] {
    const { isKey = false, packets = 3, lose = [], temporalId = 0, isLayerSync = false } = options;
    const { size: [width, height] = [0, 0] } = options;
    const header = [
      0,
      0,
      0,
      0x9d,
      0x01,
      0x2a,
      width & 0xff,
      width >> 8,
      height & 0xff,
      height >> 8,
    ];
    const encoding = this.encodings[layer]!;
    encoding.pictureId = (encoding.pictureId + 1) & 0x7fff;
    if (temporalId === 0) encoding.tl0PicIdx = (encoding.tl0PicIdx + 1) & 0xff;
    encoding.timestamp = (encoding.timestamp + 3000) >>> 0;
    const out: Uint8Array[] = [];
    for (let i = 0; i < packets; i++) {
      const payload = Uint8Array.of(
        ...writeVp8Descriptor({
          isFrameStart: i === 0,
          pictureId: { value: encoding.pictureId, bits: 15 },
          tl0PicIdx: encoding.tl0PicIdx,
          temporalId,
          isLayerSync,
        }),
        ...(isKey && height > 0 && i === 0 ? header : []),
        isKey ? 0 : 1,
        this.number,
        layer,
        this.frame >> 8,
        this.frame & 0xff,
        i,
      );
      const packet = writeRtpPacket({
        marker: i === packets - 1,
        payloadType: 100,
        sequenceNumber: encoding.seq,
        timestamp: encoding.timestamp,
        ssrc: encoding.ssrc,
        extensions: [
          { id: 5, data: this.#nextTransportSeq() },
          { id: 10, data: Uint8Array.of(0x76) },
          ...(this.sendTime === undefined ? [] : [sendTimeElement(this.sendTime)]),
        ],
        payload,
      });
      encoding.sent.set(encoding.seq, packet);
      encoding.seq = (encoding.seq + 1) & 0xffff;
      if (!lose.includes(i)) out.push(packet);
    }
    return out;
  }

  /** Repeats a packet on the RTX SSRC, as answer to a NACK. */
  sendRtx(layer: number, seq: number): void {
    const encoding = this.encodings[layer]!;
    const original = encoding.sent.get(seq);
    if (original === undefined) throw new Error(`no packet ${seq}`);
    const header = new RtpHeader();
    header.read(original, 0, original.length);
    const packet = writeRtpPacket({
      marker: header.marker,
      payloadType: 96,
      sequenceNumber: encoding.rtxSeq++,
      timestamp: header.timestamp,
      ssrc: encoding.rtxSsrc,
      extensions: [{ id: 5, data: this.#nextTransportSeq() }],
      payload: Uint8Array.of(seq >> 8, seq & 0xff, ...original.subarray(header.payloadOffset)),
    });
    this.bridge.receive(this, PacketKind.rtp, packet);
  }

  sendNack(ssrc: number, seqs: readonly number[]): void {
    const out = new Uint8Array(200);
    const length = writeNack(out, 0, 1, ssrc, seqs);
    this.bridge.receive(this, PacketKind.rtcp, out.subarray(0, length));
  }

  sendPli(ssrc: number): void {
    const out = new Uint8Array(12);
    writePli(out, 0, 1, ssrc);
    this.bridge.receive(this, PacketKind.rtcp, out);
  }

  /** Opens the bridge channel and says what it wants. */
  want(constraints: object): void {
    const { core, nowMs } = this.bridge;
    core.channels.open(this.channelId, MEETING, this.id, this.password, nowMs);
    this.say({ colibriClass: 'ReceiverVideoConstraints', ...constraints });
  }

  say(message: object): void {
    this.bridge.core.channels.handleMessage(
      this.channelId,
      JSON.stringify(message),
      this.bridge.nowMs,
    );
  }

  /** Messages of one class that came on the channel. */
  heard<C extends BridgeMessage['colibriClass']>(
    colibriClass: C,
  ): Extract<BridgeMessage, { colibriClass: C }>[] {
    return (this.bridge.channelTexts.get(this.channelId) ?? []).flatMap((text) => {
      const result = parseBridgeMessage(text);
      if (result.type !== 'message' || result.message.colibriClass !== colibriClass) return [];
      return [result.message as Extract<BridgeMessage, { colibriClass: C }>];
    });
  }

  /** What was sent to this endpoint, of all SSRCs or one. */
  received(ssrc?: number): ReceivedPacket[] {
    return this.bridge
      .receivedBy(this)
      .filter((packet) => ssrc === undefined || packet.ssrc === ssrc);
  }

  /** NACKed sequence numbers by SSRC that the bridge asked this endpoint for. */
  nacked(ssrc: number): number[] {
    return this.bridge.rtcpTo(this).flatMap((bytes) => {
      const cursor = new RtcpCursor();
      cursor.reset(bytes, 0, bytes.length);
      const out: number[] = [];
      while (cursor.next()) {
        if (cursor.type !== RtcpType.transportFeedback) continue;
        if (cursor.count !== TransportFeedback.nack || cursor.mediaSsrc !== ssrc) continue;
        const seqs = new Uint16Array(200);
        out.push(...seqs.subarray(0, readNack(bytes, cursor.bodyOffset, cursor.bodyLength, seqs)));
      }
      return out;
    });
  }

  /** SSRCs that PLIs to this endpoint were about. */
  get keyframesAsked(): number[] {
    return this.bridge.rtcpTo(this).flatMap((bytes) => {
      const cursor = new RtcpCursor();
      cursor.reset(bytes, 0, bytes.length);
      const out: number[] = [];
      while (cursor.next()) {
        if (cursor.type === RtcpType.payloadFeedback) out.push(cursor.mediaSsrc);
      }
      return out;
    });
  }

  #nextTransportSeq(): Uint8Array {
    const seq = this.transportSeq++;
    return Uint8Array.of((seq >> 8) & 0xff, seq & 0xff);
  }
}
