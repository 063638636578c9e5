/**
 * Tells receivers in rewriting mode whose voice or picture comes under which SSRC (`AudioSourcesMap`,
 * `VideoSourcesMap`), before the first packet that it is true of.
 */
import {
  type AudioSourceMapping,
  type VideoSourceMapping,
  writeChannelMessage,
} from '@conclave/protocols/bridge-channel';
import type { ReceiverFailed } from './receiver-failed.ts';
import type { SlotUser, SsrcSlots } from './ssrc-slots.ts';

/**
 * COMPAT: a client that is still adding an SSRC to its session description overlooks that it changed hands; after so long
 * everything is said once more.
 */
const REPEAT_MS = 2000;
/** A time that the next `flush` sets. */
const LATER = Number.POSITIVE_INFINITY;

/** An endpoint, as far as it matters here. */
export interface MapReceiver {
  /** Of its bridge channel, when there is one. */
  readonly channelId: number | undefined;
  /** In rewriting mode only. */
  readonly ssrcSlots:
    | { readonly audio: SsrcSlots<SlotUser>; readonly video: SsrcSlots<SlotUser> }
    | undefined;
}

interface Outlet {
  sendOnChannel(channelId: number, text: string): void;
}

export class SourcesMapAnnouncer {
  readonly #outlet: Outlet;
  readonly #failed: ReceiverFailed;
  /** Receivers whose slots changed. */
  readonly #changed = new Set<MapReceiver>();
  readonly #repeatAtMs = new Map<MapReceiver, number>();

  constructor(outlet: Outlet, failed: ReceiverFailed) {
    this.#outlet = outlet;
    this.#failed = failed;
  }

  /** Slots of the receiver changed: it is told at the next `flush`. */
  mark(receiver: MapReceiver): void {
    this.#changed.add(receiver);
  }

  /** At the end of every input, before packets are sent. */
  flush(nowMs: number): void {
    // Mostly: this is done for each batch, and emptying a set makes another table, even when it is empty.
    if (this.#changed.size > 0) {
      for (const receiver of this.#changed) {
        this.#guard(receiver, nowMs, () => this.announce(receiver, nowMs));
      }
      this.#changed.clear();
    }
    if (this.#repeatAtMs.size === 0) return;
    for (const [receiver, atMs] of this.#repeatAtMs) {
      if (nowMs < atMs) continue;
      this.#repeatAtMs.delete(receiver);
      this.#guard(receiver, nowMs, () => this.#tell(receiver, true));
    }
  }

  /** Tells the receiver at once what changed. */
  announce(receiver: MapReceiver, nowMs: number): void {
    const { ssrcSlots } = receiver;
    if (ssrcSlots === undefined) return;
    const repeatAtMs = this.#repeatAtMs.get(receiver);
    const hasNew = ssrcSlots.audio.hasNew || ssrcSlots.video.hasNew;
    const isTold = this.#tell(receiver, false);
    const mayOverlook = hasNew || repeatAtMs !== undefined;
    if ((isTold && mayOverlook) || repeatAtMs === LATER) {
      this.#repeatAtMs.set(receiver, nowMs + REPEAT_MS);
    }
    ssrcSlots.audio.getReady(nowMs);
  }

  /** Tells everything, on a new channel. */
  announceAll(receiver: MapReceiver): void {
    if (!this.#tell(receiver, true)) return;
    this.#repeatAtMs.set(receiver, LATER);
    this.#changed.add(receiver);
  }

  #guard(receiver: MapReceiver, nowMs: number, tell: () => void): void {
    try {
      tell();
    } catch (error) {
      this.#failed(receiver, error, nowMs);
    }
  }

  /** Whether anything was said. Without a channel all is kept until there is one. */
  #tell({ channelId, ssrcSlots: slots }: MapReceiver, all: boolean): boolean {
    if (channelId === undefined || slots === undefined) return false;
    if (!all && !slots.audio.hasChanges && !slots.video.hasChanges) return false;
    const audio: AudioSourceMapping[] = [];
    for (const { out, mid, user } of slots.audio.take(all)) {
      const { name, owner } = user.source;
      audio.push({
        source: name,
        owner: owner.id,
        ssrc: out.ssrc,
        ...(mid !== undefined && { mid }),
      });
    }
    const video: VideoSourceMapping[] = [];
    for (const { out, rtxOut, mid, user } of slots.video.take(all)) {
      if (rtxOut === undefined) continue;
      const { name, owner, videoType } = user.source;
      video.push({
        source: name,
        owner: owner.id,
        ssrc: out.ssrc,
        rtx: rtxOut.ssrc,
        ...(mid !== undefined && { mid }),
        videoType: videoType === 'desktop' ? 'DESKTOP' : 'CAMERA',
      });
    }
    if (audio.length > 0) {
      const message = { colibriClass: 'AudioSourcesMap' as const, mappedSources: audio };
      this.#outlet.sendOnChannel(channelId, writeChannelMessage(message));
    }
    if (video.length > 0) {
      const message = { colibriClass: 'VideoSourcesMap' as const, mappedSources: video };
      this.#outlet.sendOnChannel(channelId, writeChannelMessage(message));
    }
    return audio.length + video.length > 0;
  }
}
