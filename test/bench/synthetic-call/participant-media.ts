/**
 * The media of a synthetic participant: Opus at 50 packets a second and VP8 in three simulcast layers. Payloads are noise of the right size.
 */
import { performance } from 'node:perf_hooks';
import { randomUint32 } from '@conclave/base';
import { systemRandom } from '@conclave/platform/crypto';
import {
  PacketKind,
  SLOT_SIZE,
  TX_PACKET_WORDS,
  TX_RUN_WORDS,
  TxPacket,
  TxRun,
} from '@conclave/platform/packet-io';
import type { IceTransport } from '@conclave/protocols/colibri';
import { MediaTransport, VP8_DESCRIPTOR_BYTES, writeVp8Start } from '@conclave/testkit/media';

const AUDIO_LEVEL_ID = 1;
const OPUS = 111;
const VP8 = 100;
const TICK_MS = 20;
const NOTICED_MS = 70_000;
/** Of one who sends nothing: there may be hundreds. */
const SILENT_TICK_MS = 200;
const FRAME_TICKS = [2, 1.5] as const; // 25 or 33 frames a second alternate: about 30
const KEY_FRAME_EVERY = 60;
const MAX_PAYLOAD = 1100;
/** Bytes of an ordinary frame at 30 a second: 200, 500 and 1500 kbit/s. */
const LAYER_FRAME_BYTES = [833, 2083, 6250] as const;
const OPUS_BYTES = 80;

interface OutgoingStream {
  readonly ssrc: number;
  seq: number;
  rolloverCounter: number;
  timestamp: number;
}

/** Told of each voice packet when it is sent and when it has come: together they are its way. */
export interface VoiceWatch {
  sent(ssrc: number, timestamp: number): void;
  received(ssrc: number, timestamp: number): void;
}

/** SSRCs of one voice and one picture, lowest layer first. */
export interface MediaSsrcs {
  readonly audioSsrc: number;
  readonly videoSsrcs: readonly number[];
}

export class ParticipantMedia {
  readonly audioSsrc = randomUint32(systemRandom);
  readonly videoSsrcs = [1, 2, 3].map(() => randomUint32(systemRandom));
  readonly rtxSsrcs = [1, 2, 3].map(() => randomUint32(systemRandom));
  receivedPackets = 0;
  receivedVideoPackets = 0;
  voiceWatch: VoiceWatch | undefined;
  readonly #transport: MediaTransport;
  readonly #isSilent: boolean;
  readonly #streams: readonly OutgoingStream[];
  #timer: NodeJS.Timeout;
  #ticks = 0;
  #frames = 0;
  #nextFrameTick = 0;
  #queued = 0;
  /** Of what is queued. */
  readonly #slots: number[] = [];

  /** `sendAs`: the SSRCs that packets really carry, for one who plays foul; else its own. `isSilent`: no packets. */
  constructor(remote: IceTransport, sendAs?: MediaSsrcs, isSilent = false) {
    this.#isSilent = isSilent;
    this.#transport = new MediaTransport(
      remote,
      { packet: (slot, _length, kind) => this.#handlePacket(slot, kind) },
      isSilent ? { slots: 32 } : {},
    );
    const { audioSsrc, videoSsrcs } = sendAs ?? this;
    this.#streams = [audioSsrc, ...videoSsrcs].map((ssrc) => ({
      ssrc,
      seq: 1,
      rolloverCounter: 0,
      timestamp: 0,
    }));
    this.#timer = setInterval(() => this.#tick(), isSilent ? SILENT_TICK_MS : TICK_MS);
  }

  get isConnected(): boolean {
    return this.#transport.isConnected;
  }

  get failure(): string | undefined {
    return this.#transport.failure;
  }

  /** What the participant answers. */
  get transport(): IceTransport {
    return this.#transport.local;
  }

  close(): void {
    clearInterval(this.#timer);
    this.#transport.close();
  }

  /** From now on it neither sends nor answers; its socket closes when the bridge has noticed. */
  stop(): void {
    clearInterval(this.#timer);
    this.#transport.isDeaf = true;
    setTimeout(() => this.#transport.close(), NOTICED_MS).unref();
  }

  #tick(): void {
    this.#transport.tick(performance.now());
    if (!this.isConnected || this.#isSilent) return;
    this.#sendAudio();
    if (this.#ticks >= this.#nextFrameTick) {
      this.#nextFrameTick += FRAME_TICKS[this.#frames % 2] ?? 2;
      this.#sendFrame();
    }
    this.#ticks++;
    this.#flush();
  }

  #sendAudio(): void {
    const stream = this.#streams[0];
    if (stream === undefined) return;
    // Level 30 with voice activity (RFC 6464 §3): nobody is taken for silent.
    const level = (AUDIO_LEVEL_ID << 28) | ((0x80 | 30) << 16);
    this.#queue(stream, OPUS, this.#ticks === 0, OPUS_BYTES, level, () => {});
    this.voiceWatch?.sent(stream.ssrc, stream.timestamp);
    stream.timestamp = (stream.timestamp + 960) >>> 0;
  }

  #sendFrame(): void {
    const isKey = this.#frames % KEY_FRAME_EVERY === 0;
    for (const [layer, frameBytes] of LAYER_FRAME_BYTES.entries()) {
      const stream = this.#streams[layer + 1];
      if (stream === undefined) continue;
      let left = isKey ? frameBytes * 3 : frameBytes;
      for (let isFirst = true; left > 0; isFirst = false) {
        const bytes = Math.min(left, MAX_PAYLOAD);
        left -= bytes;
        this.#queue(stream, VP8, left === 0, bytes + VP8_DESCRIPTOR_BYTES, 0, (at) => {
          writeVp8Start(this.#transport.io.arena, at, this.#frames, isFirst, isKey);
        });
      }
      stream.timestamp = (stream.timestamp + 3000) >>> 0;
    }
    this.#frames++;
  }

  #queue(
    stream: OutgoingStream,
    payloadType: number,
    marker: boolean,
    bytes: number,
    extension: number,
    fill: (at: number) => void,
  ): void {
    const { io, peer } = this.#transport;
    const slot = io.takeSlot();
    if (slot < 0) return;
    fill(slot * SLOT_SIZE);
    const { txPackets, txRuns } = io;
    const packet = this.#queued * TX_PACKET_WORDS;
    txPackets[packet + TxPacket.slot] = slot;
    txPackets[packet + TxPacket.payload] = bytes;
    txPackets[packet + TxPacket.markerTypeSequence] =
      (marker ? 0x80000000 : 0) | (payloadType << 16) | stream.seq;
    txPackets[packet + TxPacket.timestamp] = stream.timestamp;
    const run = this.#queued * TX_RUN_WORDS;
    txRuns[run + TxRun.packets] = (this.#queued << 8) | 1;
    txRuns[run + TxRun.peer] = peer;
    txRuns[run + TxRun.ssrc] = stream.ssrc;
    txRuns[run + TxRun.sequence] = stream.seq;
    txRuns[run + TxRun.rolloverCounter] = stream.rolloverCounter;
    txRuns[run + TxRun.extensionA] = extension;
    stream.seq = (stream.seq + 1) & 0xffff;
    if (stream.seq === 0) stream.rolloverCounter++;
    this.#queued++;
    this.#slots.push(slot);
    if (this.#queued === io.txCapacity) this.#flush();
  }

  #flush(): void {
    const { io } = this.#transport;
    if (this.#queued > 0) io.flush(this.#queued);
    this.#queued = 0;
    for (const slot of this.#slots) io.releaseSlot(slot);
    this.#slots.length = 0;
  }

  #handlePacket(slot: number, kind: number): void {
    if (kind !== PacketKind.rtp) return;
    this.receivedPackets++;
    const start = slot * SLOT_SIZE;
    const payloadType = (this.#transport.io.arena[start + 1] ?? 0) & 0x7f;
    if (payloadType === VP8) this.receivedVideoPackets++;
    else if (payloadType === OPUS) this.#hear(start);
  }

  /** RFC 3550 §5.1: the header begins at `start`. */
  #hear(start: number): void {
    const { arena } = this.#transport.io;
    const header = new DataView(arena.buffer, arena.byteOffset + start, 12);
    this.voiceWatch?.received(header.getUint32(8), header.getUint32(4));
  }
}
