/** One receiver's view of one audio source: the same packets under continuous numbers. */
import { PayloadKind, type PayloadKindValue } from '@conclave/protocols/rtp';
import type { AudioSubscription } from './audio-subscription.ts';
import type { FeedbackTarget } from './feedback-target.ts';
import type { IncomingPacket } from './incoming-packet.ts';
import type { OutgoingStream } from './outgoing-stream.ts';
import type { PayloadTable } from './payload-table.ts';
import type { MapReceiver } from './sources-map-announcer.ts';
import type { SlotSource, SsrcSlots } from './ssrc-slots.ts';

/** For `accepts`: there is no frame to be taken out. */
export const NOT_RED = -1;
/** RTP's clock of Opus (RFC 7587 §4.1). */
const TICKS_PER_MS = 48;
const PACKET_MS = 20;

/** An endpoint, as far as it hears others. */
export interface AudioReceiver extends FeedbackTarget, MapReceiver {
  readonly payloads: PayloadTable;
  readonly audioForwards: AudioForward[];
  readonly audioSubscription: AudioSubscription;
}

/** A voice. */
export interface AudibleSource extends SlotSource {
  readonly audioForwards: AudioForward[];
}

export class AudioForward {
  readonly receiver: AudioReceiver;
  readonly source: AudibleSource;
  out: OutgoingStream;
  /** In rewriting mode: where it may find a place to go out. */
  readonly slots: SsrcSlots<AudioForward> | undefined;
  /** The receiver wants to hear it. */
  #isWanted = true;
  /** It has asked for it by name. */
  #isNamed = false;
  /** False in rewriting mode while it has no slot. */
  hasPlace: boolean;
  /** Added to timestamps: another voice may have had the same stream before. */
  timestampOffset = 0;
  /** The receiver's id of the level extension for packets accepted last, 0 for none. */
  audioLevelId = 0;
  /** packet-io's handle of the receiver. */
  readonly peer: number;
  /** The receiver has not negotiated RED: it gets the newest frame alone. */
  isPlain = false;
  #payloadType = -1;
  #plainType = NOT_RED;
  #isAccepted = false;
  #isStarted = false;
  #epoch = 0;
  #seqOffset = 0;
  #firstSeq = 0;

  constructor(
    receiver: AudioReceiver,
    source: AudibleSource,
    out: OutgoingStream,
    slots: SsrcSlots<AudioForward> | undefined,
  ) {
    this.receiver = receiver;
    this.source = source;
    this.out = out;
    this.slots = slots;
    this.hasPlace = slots === undefined;
    this.peer = receiver.peer;
  }

  get isNamed(): boolean {
    return this.#isNamed;
  }

  /**
   * Whether the receiver can play packets of this type; of RED, which holds packets of `plainType` (or NOT_RED), also by the
   * newest frame alone: then `isPlain`. Also sets `audioLevelId`.
   */
  accepts(payloadType: number, kind: PayloadKindValue, plainType: number): boolean {
    if (payloadType !== this.#payloadType || plainType !== this.#plainType) {
      // Noted here: with many receivers, looking it up in theirs is what an audio packet costs.
      const { payloads } = this.receiver;
      this.#payloadType = payloadType;
      this.#plainType = plainType;
      const own = payloads.kind(payloadType);
      this.isPlain = kind === PayloadKind.red && own !== PayloadKind.red;
      this.#isAccepted = this.isPlain
        ? plainType !== NOT_RED && payloads.kind(plainType) === PayloadKind.audio
        : own === kind;
      this.audioLevelId = payloads.audioLevelId;
    }
    return this.#isAccepted;
  }

  /** What the receiver wants, when that changed or the source is new. */
  subscribe(subscription: AudioSubscription): void {
    const { name } = this.source;
    this.#isWanted = subscription.wants(name);
    this.#isNamed = subscription.names(name);
  }

  /** Whether the receiver is to hear a packet that is for all, or only for those that asked for it by name. */
  hears({ isForAll }: IncomingPacket): boolean {
    if (this.#isWanted && (isForAll || this.#isNamed)) return true;
    // What is not sent meanwhile is not missed.
    this.#isStarted = false;
    return false;
  }

  /** For `SsrcSlots`. */
  enterSlot(out: OutgoingStream): void {
    this.out = out;
    this.hasPlace = true;
    this.#isStarted = false;
  }

  /** For `SsrcSlots`. */
  leaveSlot(nowhere: OutgoingStream): void {
    this.out = nowhere;
    this.hasPlace = false;
  }

  /** The outgoing extended number, or NaN when the packet is older than what the receiver got first. */
  project(packet: IncomingPacket, stream: { readonly epoch: number }, nowMs: number): number {
    const { extendedSeq } = packet;
    if (!this.#isStarted || this.#epoch !== stream.epoch) {
      this.#isStarted = true;
      this.#epoch = stream.epoch;
      this.#firstSeq = extendedSeq;
      this.#seqOffset = this.out.nextSeq - extendedSeq;
      if (this.slots !== undefined) this.#continueTimestamps(packet, nowMs);
    }
    return extendedSeq < this.#firstSeq ? Number.NaN : extendedSeq + this.#seqOffset;
  }

  #continueTimestamps({ timestamp }: IncomingPacket, nowMs: number): void {
    const { hasSent, lastTimestamp, lastSentMs } = this.out;
    const elapsedMs = Math.max(PACKET_MS, Math.round(nowMs - lastSentMs));
    const next = lastTimestamp + elapsedMs * TICKS_PER_MS;
    this.timestampOffset = hasSent ? (next - timestamp) | 0 : 0;
  }
}
