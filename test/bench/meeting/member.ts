/**
 * One member of a simulated meeting: sends what a camera and a microphone send, and looks at what arrives as a client does
 * that answers with transport-cc feedback: decrypted, nothing missing in any stream.
 */
import {
  type PacketIo,
  PacketKind,
  SLOT_SIZE,
  TX_PACKET_WORDS,
  TX_RUN_WORDS,
  TxPacket,
  TxRun,
} from '@conclave/platform/packet-io';
import type { IceTransport } from '@conclave/protocols/colibri';
import { TransportCcRecorder, TransportCcWriter } from '@conclave/protocols/rtcp';
import { MediaTransport, VP8_DESCRIPTOR_BYTES, writeVp8Start } from '@conclave/testkit/media';
import {
  AUDIO_LEVEL_ID,
  audioSsrc,
  FRAMES_PER_S,
  KEY_FRAME_EVERY,
  LAYER_FRAME_BYTES,
  MAX_PAYLOAD_BYTES,
  type MeetingPlan,
  OPUS,
  OPUS_BYTES,
  OPUS_PER_S,
  packetsOfFrame,
  TRANSPORT_CC_ID,
  VP8,
  videoSsrc,
} from './plan.ts';
import { stampVoice, voiceReceived } from './voice-watch.ts';

const FRAME_MS = 1000 / FRAMES_PER_S;
const OPUS_MS = 1000 / OPUS_PER_S;
const FEEDBACK_MS = 100;
const TRANSPORT_MS = 20;
/** Of a frame that is late by more, the time is not made up for. */
const MAX_LATE_MS = 200;
/** With voice activity (RFC 6464 §3). */
const levelWord = (level: number) => (AUDIO_LEVEL_ID << 28) | ((0x80 | level) << 16);
const LEVEL = levelWord(30);
/** Of speakers who take turns: each is loud for a while. */
const LOUD = levelWord(5);
const QUIET = levelWord(70);
const TURN_PACKETS = 100;
const FEEDBACK_BYTES = 1100;
/** More than a member is sent while its process does something else. */
const SLOTS = 1024;

/** Totals. */
export interface MemberCounts {
  rtpSent: number;
  rtpReceived: number;
  /** Gaps in the numbers of a stream. */
  missing: number;
}

interface Outgoing {
  readonly ssrc: number;
  sequence: number;
  rolloverCounter: number;
  timestamp: number;
}

const outgoing = (ssrc: number): Outgoing => ({
  ssrc,
  sequence: 1,
  rolloverCounter: 0,
  timestamp: 0,
});

export class Member {
  readonly counts: MemberCounts = { rtpSent: 0, rtpReceived: 0, missing: 0 };
  readonly transport: MediaTransport;
  readonly #io: PacketIo;
  readonly #layers: readonly Outgoing[];
  readonly #voice: Outgoing | undefined;
  /** Held for good: what is in them is the same noise each time. */
  readonly #slots: readonly number[];
  readonly #lastSequence = new Map<number, number>();
  readonly #recorder: TransportCcRecorder;
  readonly #writer = new TransportCcWriter();
  readonly #feedback = new Uint8Array(FEEDBACK_BYTES);
  readonly #plan: MeetingPlan;
  readonly #number: number;
  #transportSequence = 0;
  #frames: number;
  #nextFrameMs: number;
  #nextVoiceMs: number;
  #nextFeedbackMs: number;
  #nextTransportMs: number;

  /** `phase` 0..1: when within a frame's time its frames are due. */
  constructor(
    plan: MeetingPlan,
    member: number,
    remote: IceTransport,
    phase: number,
    nowMs: number,
  ) {
    this.#plan = plan;
    this.#number = member;
    this.transport = new MediaTransport(
      remote,
      { packet: (slot, length, kind, arrivalMs) => this.#receive(slot, length, kind, arrivalMs) },
      // One thread has many of these: waiting for more packets would make all others wait.
      { slots: SLOTS, batchWindowUs: 0 },
    );
    this.#io = this.transport.io;
    this.#layers = LAYER_FRAME_BYTES.map((_, layer) => outgoing(videoSsrc(member, layer)));
    this.#voice = member < plan.speakers ? outgoing(audioSsrc(member)) : undefined;
    this.#recorder = new TransportCcRecorder({ senderSsrc: videoSsrc(member, 0) });
    this.#slots = Array.from({ length: 64 }, () => this.#io.takeSlot());
    this.#frames = Math.floor(phase * KEY_FRAME_EVERY);
    this.#nextFrameMs = nowMs + phase * FRAME_MS;
    this.#nextVoiceMs = nowMs + phase * OPUS_MS;
    this.#nextFeedbackMs = nowMs + phase * FEEDBACK_MS;
    this.#nextTransportMs = nowMs + phase * TRANSPORT_MS;
  }

  get notAuthentic(): number {
    return this.#io.counters().rxAuthFailed;
  }

  /** Packets that this member itself had no room for. */
  get notTaken(): number {
    return this.#io.counters().rxNoSlot;
  }

  /** Does what is due. */
  tick(nowMs: number): void {
    if (nowMs >= this.#nextTransportMs) {
      this.#nextTransportMs = nowMs + TRANSPORT_MS;
      this.transport.tick(nowMs);
    }
    if (!this.transport.isConnected) return;
    if (nowMs >= this.#nextFrameMs) {
      this.#nextFrameMs = Math.max(this.#nextFrameMs + FRAME_MS, nowMs - MAX_LATE_MS);
      this.#sendFrame();
    }
    if (this.#voice !== undefined && nowMs >= this.#nextVoiceMs) {
      this.#nextVoiceMs = Math.max(this.#nextVoiceMs + OPUS_MS, nowMs - MAX_LATE_MS);
      this.#sendVoice(this.#voice);
    }
    if (nowMs >= this.#nextFeedbackMs) {
      this.#nextFeedbackMs = nowMs + FEEDBACK_MS;
      this.#sendFeedback(nowMs);
    }
  }

  #sendFrame(): void {
    // A layer's key frame is a little larger; three times would be bursts that say nothing more.
    const isKey = this.#frames % KEY_FRAME_EVERY === 0;
    let packets = 0;
    for (const [layer, bytes] of LAYER_FRAME_BYTES.entries()) {
      const stream = this.#layers[layer]!;
      const count = packetsOfFrame(bytes);
      for (let i = 0; i < count; i++) {
        const isLast = i === count - 1;
        const payload = isLast ? bytes - MAX_PAYLOAD_BYTES * (count - 1) : MAX_PAYLOAD_BYTES;
        const slot = this.#slots[packets]!;
        const { arena } = this.#io;
        writeVp8Start(arena, slot * SLOT_SIZE, this.#frames, i === 0, isKey);
        this.#writePacket(packets++, slot, VP8, isLast, payload + VP8_DESCRIPTOR_BYTES, stream, i);
      }
      this.#writeRun(layer, packets - count, count, stream, 0);
      stream.timestamp = (stream.timestamp + 90_000 / FRAMES_PER_S) >>> 0;
    }
    this.#frames++;
    this.counts.rtpSent += this.#io.flush(LAYER_FRAME_BYTES.length);
  }

  #sendVoice(stream: Outgoing): void {
    const slot = this.#slots[0]!;
    stampVoice(this.#io.arena, slot * SLOT_SIZE, this.#number, stream.sequence);
    this.#writePacket(0, slot, OPUS, false, OPUS_BYTES, stream, 0);
    this.#writeRun(0, 0, 1, stream, this.#level(stream));
    stream.timestamp = (stream.timestamp + 48_000 / OPUS_PER_S) >>> 0;
    this.counts.rtpSent += this.#io.flush(1);
  }

  #level({ sequence }: Outgoing): number {
    const { speakers, takesTurns } = this.#plan;
    if (!takesTurns) return LEVEL;
    // Not quite even, as voices are.
    const isTurn = Math.floor(sequence / TURN_PACKETS) % speakers === this.#number;
    return isTurn && sequence % 5 !== 0 ? LOUD : QUIET;
  }

  #writePacket(
    index: number,
    slot: number,
    payloadType: number,
    marker: boolean,
    bytes: number,
    stream: Outgoing,
    offset: number,
  ): void {
    const { txPackets } = this.#io;
    const at = index * TX_PACKET_WORDS;
    txPackets[at + TxPacket.slot] = slot;
    txPackets[at + TxPacket.payload] = bytes;
    txPackets[at + TxPacket.markerTypeSequence] =
      (marker ? 0x8000_0000 : 0) | (payloadType << 16) | ((stream.sequence + offset) & 0xffff);
    txPackets[at + TxPacket.timestamp] = stream.timestamp;
  }

  #writeRun(index: number, first: number, count: number, stream: Outgoing, level: number): void {
    const { txRuns } = this.#io;
    const at = index * TX_RUN_WORDS;
    txRuns[at + TxRun.packets] = (first << 8) | count;
    txRuns[at + TxRun.peer] = this.transport.peer;
    txRuns[at + TxRun.ssrc] = stream.ssrc;
    txRuns[at + TxRun.sequence] = stream.sequence;
    txRuns[at + TxRun.rolloverCounter] = stream.rolloverCounter;
    // Two bytes: the transport-wide number, which packet-io counts on within the run.
    txRuns[at + TxRun.extensionA] =
      (TRANSPORT_CC_ID << 28) | (1 << 24) | (this.#transportSequence << 8);
    txRuns[at + TxRun.extensionB] = level;
    this.#transportSequence = (this.#transportSequence + count) & 0xffff;
    stream.sequence += count;
    if (stream.sequence > 0xffff) {
      stream.sequence &= 0xffff;
      stream.rolloverCounter++;
    }
  }

  #receive(slot: number, length: number, kind: number, arrivalMs: number): void {
    if (kind !== PacketKind.rtp || length < 12) return;
    const { arena } = this.#io;
    const at = slot * SLOT_SIZE;
    const second = arena[at + 1]!;
    const sequence = (arena[at + 2]! << 8) | arena[at + 3]!;
    const ssrc =
      ((arena[at + 8]! << 24) |
        (arena[at + 9]! << 16) |
        (arena[at + 10]! << 8) |
        arena[at + 11]!) >>>
      0;
    this.counts.rtpReceived++;
    const last = this.#lastSequence.get(ssrc);
    if (last !== undefined) {
      const step = (sequence - last) & 0xffff;
      // What overtook is no gap; what came twice is 0.
      if (step > 1 && step < 0x8000) this.counts.missing += step - 1;
    }
    this.#lastSequence.set(ssrc, sequence);
    if ((second & 0x7f) === OPUS) voiceReceived(arena, payloadAt(arena, at), arrivalMs);
    if ((arena[at]! & 0x10) !== 0) this.#readTransportSequence(at, second >= 0x80, arrivalMs, ssrc);
  }

  /** One-byte header extensions (RFC 8285 §4.2). */
  #readTransportSequence(at: number, marker: boolean, arrivalMs: number, ssrc: number): void {
    const { arena } = this.#io;
    const first = at + 16;
    const end = first + 4 * ((arena[at + 14]! << 8) | arena[at + 15]!);
    for (let i = first; i < end; ) {
      const head = arena[i]!;
      if (head === 0) i++;
      else if (head >> 4 === TRANSPORT_CC_ID) {
        this.#recorder.mediaSsrc = ssrc;
        this.#recorder.handlePacket((arena[i + 1]! << 8) | arena[i + 2]!, marker, arrivalMs);
        return;
      } else i += 2 + (head & 0x0f);
    }
  }

  #sendFeedback(nowMs: number): void {
    for (;;) {
      const length = this.#recorder.writeFeedback(
        this.#writer,
        this.#feedback,
        0,
        FEEDBACK_BYTES,
        nowMs,
      );
      if (length === 0) return;
      this.#io.sendRtcp(this.transport.peer, this.#feedback.subarray(0, length));
    }
  }
}

/** Behind the header, its extension included (RFC 3550 §5.1, §5.3.1); nobody else contributes. */
function payloadAt(arena: Uint8Array, at: number): number {
  if ((arena[at]! & 0x10) === 0) return at + 12;
  return at + 16 + 4 * ((arena[at + 14]! << 8) | arena[at + 15]!);
}
