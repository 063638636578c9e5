/**
 * The media of a synthetic participant over the real packet-io: controlled ICE, DTLS as client, then
 * Opus at 50 packets a second and VP8 in three simulcast layers. Payloads are noise of the right size.
 */
import { performance } from 'node:perf_hooks';
import { randomHex, randomUint32 } from '@conclave/base';
import { hmacSha1, systemRandom } from '@conclave/platform/crypto';
import {
  ADDRESS_BYTES,
  createPacketIo,
  createSelfSignedCertificate,
  type PacketIo,
  PacketKind,
  RX_WORDS,
  Rx,
  SLOT_SIZE,
  TX_PACKET_WORDS,
  TX_RUN_WORDS,
  TxPacket,
  TxRun,
} from '@conclave/platform/packet-io';
import type { IceTransport } from '@conclave/protocols/colibri';
import { IceAgent } from '@conclave/protocols/ice';

const AUDIO_LEVEL_ID = 1;
const OPUS = 111;
const VP8 = 100;
const TICK_MS = 20;
/** Of one who sends nothing: there may be hundreds. */
const SILENT_TICK_MS = 200;
const FRAME_TICKS = [2, 1.5] as const; // 25 or 33 frames a second alternate: about 30
const KEY_FRAME_EVERY = 60;
const MAX_PAYLOAD = 1100;
/** Bytes of an ordinary frame at 30 a second: 200, 500 and 1500 kbit/s. */
const LAYER_FRAME_BYTES = [833, 2083, 6250] as const;
const OPUS_BYTES = 80;

const certificate = createSelfSignedCertificate({
  commonName: 'bench',
  alternativeNames: [],
  validDays: 7,
});

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
  isConnected = false;
  failure: string | undefined;
  receivedPackets = 0;
  receivedVideoPackets = 0;
  voiceWatch: VoiceWatch | undefined;
  readonly #io: PacketIo;
  readonly #agent: IceAgent;
  readonly #isSilent: boolean;
  readonly #peer: number;
  readonly #remote: IceTransport;
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
    this.#remote = remote;
    this.#isSilent = isSilent;
    this.#io = createPacketIo(
      { port: 0, slotCount: isSilent ? 32 : 512, txCapacity: 512, ...certificate },
      {
        onBatch: (count, nowMs) => this.#handleBatch(count, nowMs),
        onDtlsConnected: () => {
          this.isConnected = true;
        },
        onDtlsClosed: (_peer, reason) => {
          this.failure = reason;
        },
      },
    );
    this.#peer = this.#io.addPeer();
    const now = performance.now();
    this.#agent = new IceAgent(
      { crypto: { hmacSha1 }, random: systemRandom },
      {
        role: 'controlled',
        local: { ufrag: randomHex(systemRandom, 8), password: randomHex(systemRandom, 32) },
      },
      now,
    );
    this.#agent.setRemoteCredentials(remote, now);
    this.#agent.addRemoteCandidates(remote.candidates, now);
    this.#drainIce();
    const { audioSsrc, videoSsrcs } = sendAs ?? this;
    this.#streams = [audioSsrc, ...videoSsrcs].map((ssrc) => ({
      ssrc,
      seq: 1,
      rolloverCounter: 0,
      timestamp: 0,
    }));
    this.#timer = setInterval(() => this.#tick(), isSilent ? SILENT_TICK_MS : TICK_MS);
  }

  /** What the participant answers. */
  get transport(): IceTransport {
    return {
      ufrag: this.#agent.localUfrag,
      password: this.#agent.localPassword,
      candidates: [],
      fingerprints: [{ hash: 'sha-256', value: this.#io.fingerprint, setup: 'active' }],
    };
  }

  close(): void {
    clearInterval(this.#timer);
    this.#io.close();
  }

  #tick(): void {
    const now = performance.now();
    this.#agent.handleTimeout(now);
    this.#drainIce();
    this.#io.tick(now);
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
        this.#queue(stream, VP8, left === 0, bytes + 6, 0, (at) => {
          // RFC 7741 §4.2: X, S on the first; picture id of 15 bits, TL0PICIDX, TID 0.
          const { arena } = this.#io;
          arena[at] = isFirst ? 0x90 : 0x80;
          arena[at + 1] = 0xe0;
          arena[at + 2] = 0x80 | ((this.#frames >> 8) & 0x7f);
          arena[at + 3] = this.#frames & 0xff;
          arena[at + 4] = this.#frames & 0xff;
          arena[at + 5] = 0x20;
          // RFC 6386 §9.1: bit 0 of the frame tag is 0 in a key frame.
          arena[at + 6] = isFirst && isKey ? 0x10 : 0x11;
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
    const slot = this.#io.takeSlot();
    if (slot < 0) return;
    fill(slot * SLOT_SIZE);
    const { txPackets, txRuns } = this.#io;
    const packet = this.#queued * TX_PACKET_WORDS;
    txPackets[packet + TxPacket.slot] = slot;
    txPackets[packet + TxPacket.payload] = bytes;
    txPackets[packet + TxPacket.markerTypeSequence] =
      (marker ? 0x80000000 : 0) | (payloadType << 16) | stream.seq;
    txPackets[packet + TxPacket.timestamp] = stream.timestamp;
    const run = this.#queued * TX_RUN_WORDS;
    txRuns[run + TxRun.packets] = (this.#queued << 8) | 1;
    txRuns[run + TxRun.peer] = this.#peer;
    txRuns[run + TxRun.ssrc] = stream.ssrc;
    txRuns[run + TxRun.sequence] = stream.seq;
    txRuns[run + TxRun.rolloverCounter] = stream.rolloverCounter;
    txRuns[run + TxRun.extensionA] = extension;
    stream.seq = (stream.seq + 1) & 0xffff;
    if (stream.seq === 0) stream.rolloverCounter++;
    this.#queued++;
    this.#slots.push(slot);
    if (this.#queued === this.#io.txCapacity) this.#flush();
  }

  #flush(): void {
    if (this.#queued > 0) this.#io.flush(this.#queued);
    this.#queued = 0;
    for (const slot of this.#slots) this.#io.releaseSlot(slot);
    this.#slots.length = 0;
  }

  #handleBatch(count: number, nowMs: number): void {
    const { rx, arena, addresses } = this.#io;
    for (let i = 0; i < count; i++) {
      const at = i * RX_WORDS;
      const slot = rx[at + Rx.slot] ?? 0;
      const start = slot * SLOT_SIZE;
      if (rx[at + Rx.kind] === PacketKind.stun) {
        const addressAt = slot * ADDRESS_BYTES;
        this.#agent.handleStun(
          arena.slice(start, start + (rx[at + Rx.length] ?? 0)),
          addresses.slice(addressAt, addressAt + ADDRESS_BYTES),
          nowMs,
        );
        this.#drainIce();
      } else if (rx[at + Rx.kind] === PacketKind.rtp) {
        this.receivedPackets++;
        const payloadType = (arena[start + 1] ?? 0) & 0x7f;
        if (payloadType === VP8) this.receivedVideoPackets++;
        else if (payloadType === OPUS) this.#hear(start);
      }
      this.#io.releaseSlot(slot);
    }
  }

  /** RFC 3550 §5.1: the header begins at `start`. */
  #hear(start: number): void {
    const { arena } = this.#io;
    const header = new DataView(arena.buffer, arena.byteOffset + start, 12);
    this.voiceWatch?.received(header.getUint32(8), header.getUint32(4));
  }

  #drainIce(): void {
    for (let out = this.#agent.pollOutput(); out; out = this.#agent.pollOutput()) {
      if (out.type === 'send') this.#io.sendRaw(out.address, out.packet);
      else if (out.type === 'addressAllowed') this.#io.allowAddress(this.#peer, out.address);
      else if (out.type === 'connected') {
        this.#io.bindAddress(this.#peer, out.address);
        this.#io.startDtls(this.#peer, {
          role: 'client',
          fingerprints: this.#remote.fingerprints,
        });
      } else if (out.type === 'failed') this.failure = out.reason;
    }
  }
}
