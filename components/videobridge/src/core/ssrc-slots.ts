/**
 * The SSRCs that one receiver in rewriting mode is sent of one medium, and which source goes out under each now: however
 * large the conference is, the receiver's session description does not grow (Jitsi's SSRC rewriting).
 *
 * A source keeps its slot until another one needs it; then the slot that has been unused for longest changes hands. Its
 * numbers go on, as they belong to the `OutgoingStream`.
 */
import type { RandomSource } from '@conclave/base';
import { OutgoingStream } from './outgoing-stream.ts';
import { extensionText } from './send-pipeline.ts';

/**
 * COMPAT: a voice whose SSRC is not in Chromium's session description yet may be taken for something else, and is never heard
 * then. So much time it gets for the negotiation; voices have their slots long before they are heard, mostly.
 */
const READY_AFTER_MS = 250;
const NEVER = Number.POSITIVE_INFINITY;

/** What a receiver must know of whose picture or voice it is. */
export interface SlotSource {
  readonly name: string;
  readonly owner: { readonly id: string };
  readonly videoType: 'camera' | 'desktop' | 'none';
}

/** A receiver's view of a source, which goes out in a slot or not at all. */
export interface SlotUser {
  readonly source: SlotSource;
  enterSlot(out: OutgoingStream, rtxOut: OutgoingStream | undefined): void;
  /** `nowhere` takes the place of its stream; nothing is ever sent there. */
  leaveSlot(nowhere: OutgoingStream): void;
}

/**
 * How a receiver tells slots apart besides by SSRC: each has a line of its own in the session description, whose MID its packets
 * carry (RFC 9143 §15). Chromium puts a voice whose SSRC it does not know yet where the MID says.
 */
export interface SlotMids {
  /** One character before the slot's number. */
  readonly midPrefix: string;
  /** The receiver's id of the header extension, 1..14. */
  readonly midId: number;
}

/** Undefined when the receiver has not negotiated the header extension. */
export function slotMids(midPrefix: string, midId: number): SlotMids | undefined {
  return midId > 0 ? { midPrefix, midId } : undefined;
}

export interface SsrcSlotsOptions extends Partial<SlotMids> {
  readonly capacity: number;
  readonly hasRtx: boolean;
  readonly random: RandomSource;
}

export interface SsrcSlot<U extends SlotUser> {
  readonly out: OutgoingStream;
  readonly rtxOut: OutgoingStream | undefined;
  /** Of the line it is received on; undefined when the receiver finds that by the SSRC. */
  readonly mid: string | undefined;
  /** Undefined when its source is gone. */
  user: U | undefined;
  /** The name that the receiver knows the slot by. */
  sourceName: string;
  /** The receiver has not been told yet. */
  isChanged: boolean;
  /** It has been told of the SSRC. */
  isTold: boolean;
}

export class SsrcSlots<U extends SlotUser> {
  readonly capacity: number;
  readonly nowhere: OutgoingStream;
  /** Makes a stream under an SSRC that nobody uses; undefined when there are too many. */
  readonly #createStream: () => OutgoingStream | undefined;
  readonly #options: SsrcSlotsOptions;
  /** By signed SSRC. */
  readonly #slots = new Map<number, SsrcSlot<U>>();
  readonly #slotOf = new Map<U, SsrcSlot<U>>();
  /** Slots that the receiver has not been told of as they are. */
  #changed: SsrcSlot<U>[] = [];
  /** Slots that the receiver has never heard of, and those that it is not ready for. */
  #untold = 0;
  #unready = 0;

  constructor(options: SsrcSlotsOptions, createStream: () => OutgoingStream | undefined) {
    this.capacity = options.capacity;
    this.#options = options;
    this.nowhere = new OutgoingStream(0, options.random);
    this.#createStream = createStream;
  }

  get size(): number {
    return this.#slots.size;
  }

  /** There is a slot that nobody has, or one could be made. */
  get hasRoom(): boolean {
    return this.#slotOf.size < this.capacity;
  }

  /** Who goes out under this SSRC (signed or unsigned) now. */
  userOf(ssrc: number): U | undefined {
    return this.#slots.get(ssrc | 0)?.user;
  }

  /** There are slots that the receiver has not been told of. */
  get hasChanges(): boolean {
    return this.#changed.length > 0;
  }

  /** Some of them under SSRCs that are new to it. */
  get hasNew(): boolean {
    return this.#untold > 0;
  }

  /** A slot that nobody needs, if there is one: so that the receiver is prepared before anything comes. */
  offer(user: U): boolean {
    return this.give(user, () => false);
  }

  /** Makes sure that `user` has a slot, at the cost of one who `mayLose` its own. False when it has none. */
  give(user: U, mayLose: (other: U) => boolean): boolean {
    if (this.#slotOf.has(user)) return true;
    const slot = this.#free(user.source.name) ?? this.#create() ?? this.#longestUnused(mayLose);
    if (slot === undefined) return false;
    if (slot.user !== undefined) this.remove(slot.user);
    slot.user = user;
    slot.sourceName = user.source.name;
    if (!slot.isChanged) this.#changed.push(slot);
    slot.isChanged = true;
    this.#slotOf.set(user, slot);
    user.enterSlot(slot.out, slot.rtxOut);
    return true;
  }

  /** The source is gone, or gives way. */
  remove(user: U): void {
    const slot = this.#slotOf.get(user);
    if (slot === undefined) return;
    this.#slotOf.delete(user);
    slot.user = undefined;
    user.leaveSlot(this.nowhere);
  }

  /** Slots in use, those only that the receiver has not been told of or all; it counts as told then. */
  *take(all: boolean): Generator<SsrcSlot<U> & { user: U }> {
    const slots = all ? this.#slots.values() : this.#changed;
    this.#changed = [];
    for (const slot of slots) {
      slot.isChanged = false;
      if (slot.user === undefined) continue;
      if (!slot.isTold) this.#untold--;
      slot.isTold = true;
      yield slot as SsrcSlot<U> & { user: U };
    }
  }

  /** The receiver was told just now: SSRCs that are new to it are ready in a moment. */
  getReady(nowMs: number): void {
    if (this.#unready === 0) return;
    for (const { isTold, out } of this.#slots.values()) {
      if (!isTold || out.readyMs !== NEVER) continue;
      out.readyMs = nowMs + READY_AFTER_MS;
      this.#unready--;
    }
  }

  /** Best the one that had a source of this name before. */
  #free(sourceName: string): SsrcSlot<U> | undefined {
    let free: SsrcSlot<U> | undefined;
    for (const slot of this.#slots.values()) {
      if (slot.user !== undefined) continue;
      if (slot.sourceName === sourceName) return slot;
      free ??= slot;
    }
    return free;
  }

  #create(): SsrcSlot<U> | undefined {
    if (this.#slots.size >= this.capacity) return undefined;
    const out = this.#createStream();
    const { hasRtx, midPrefix, midId } = this.#options;
    const rtxOut = hasRtx ? this.#createStream() : undefined;
    if (out === undefined || (hasRtx && rtxOut === undefined)) return undefined;
    let mid: string | undefined;
    if (midPrefix !== undefined && midId !== undefined) {
      // Short, for it goes with every packet.
      mid = midPrefix + this.#slots.size.toString(36);
      out.midWord = extensionText(midId, mid);
      if (rtxOut !== undefined) rtxOut.midWord = out.midWord;
    }
    out.readyMs = NEVER;
    this.#untold++;
    this.#unready++;
    const slot = {
      ...{ out, rtxOut, mid, user: undefined, sourceName: '' },
      ...{ isChanged: false, isTold: false },
    };
    this.#slots.set(out.ssrcWord, slot);
    return slot;
  }

  #longestUnused(mayLose: (other: U) => boolean): SsrcSlot<U> | undefined {
    let oldest: SsrcSlot<U> | undefined;
    for (const slot of this.#slots.values()) {
      if (slot.user !== undefined && !mayLose(slot.user)) continue;
      if (oldest === undefined || slot.out.lastSentMs < oldest.out.lastSentMs) oldest = slot;
    }
    return oldest;
  }
}
