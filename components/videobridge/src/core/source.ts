/** One microphone, camera or screen share of an endpoint, with its encodings and its receivers. */
import type { MediaSource, MediaType } from '@conclave/protocols/colibri';
import type { AudioForward } from './audio-forward.ts';
import { IncomingStream } from './incoming-stream.ts';
import { KeyframeState } from './keyframe-requester.ts';
import { assumedHeight } from './layer-selection.ts';
import type { VideoProjection } from './projection/video-projection.ts';
import { encodingsOf } from './source-encodings.ts';
import type { SourceOwner } from './source-owner.ts';

export type SourceVideoType = 'camera' | 'desktop' | 'none';

/** When a voice was heard last; times in whole milliseconds. */
export class VoiceState {
  /** Receivers are connected with it, those in rewriting mode or the others. */
  isHeard = false;
  isHeardInSlots = false;
  heardMs = 0;
  /** It was among the loudest. */
  loudMs = 0;
  nextLookMs = 0;
}

export class Source {
  readonly owner: SourceOwner;
  readonly name: string;
  readonly type: MediaType;
  /** Lowest resolution first; at least one. */
  readonly streams: readonly IncomingStream[];
  videoType: SourceVideoType;
  /** It is not signalled any more. */
  isGone = false;
  /** Audio: one for each receiver that it is or may soon be sent to; see `voice-wiring.ts`. */
  readonly audioForwards: AudioForward[] = [];
  /** Audio: whether it is heard; kept by `voice-wiring.ts`. */
  readonly voice = new VoiceState();
  /** Audio: so many receivers have asked for it by its name. */
  namedBy = 0;
  /** Video: one for each receiver that wants it or did lately; see `video-wiring.ts`. */
  readonly projections: VideoProjection[] = [];
  /** Those whose receivers want it now, in a large conference few: all that packets, reports and wishes have to visit. */
  readonly wanted: VideoProjection[] = [];
  readonly keyframes = new KeyframeState();
  /** What the owner was told last: the largest height anybody wants; undefined before anything. */
  announcedMaxHeight: number | undefined;
  /** The largest height that receivers on other bridges want, by bridge; -1 is unlimited. */
  readonly wishes = new Map<string, number>();
  #gapFromMs = Number.NEGATIVE_INFINITY;

  constructor(owner: SourceOwner, description: MediaSource) {
    this.owner = owner;
    this.name = description.name;
    this.type = description.type;
    this.videoType = description.videoType ?? 'camera';
    this.streams = encodingsOf(description).map(
      ({ ssrc, rtxSsrc }, index) => new IncomingStream(this, ssrc, rtxSsrc, index),
    );
  }

  /** When the last packet of any encoding came. */
  get lastPacketMs(): number {
    let lastMs = Number.NEGATIVE_INFINITY;
    for (const stream of this.streams) lastMs = Math.max(lastMs, stream.lastPacketMs);
    return lastMs;
  }

  /** From the last packet at the last call to the last one now; 0 when none came in between. */
  takeGapMs(): number {
    const { lastPacketMs } = this;
    const gapMs = lastPacketMs - this.#gapFromMs;
    this.#gapFromMs = lastPacketMs;
    return Number.isFinite(gapMs) ? gapMs : 0;
  }

  /** The SSRC under which everybody receives this source: that of the first encoding. */
  get ssrc(): number {
    return this.streams[0]!.ssrc;
  }

  /**
   * Pixels of encoding `index`: what its key frames said, else by what is known of another (each has twice the
   * height of the one below), else 180, 360, 720 as COLIBRI2 assumes.
   */
  pictureHeight(index: number): number {
    const own = this.streams[index]?.pictureHeight ?? 0;
    if (own > 0) return own;
    const known = this.streams.find(({ pictureHeight }) => pictureHeight > 0);
    if (known === undefined) return assumedHeight(index);
    return known.pictureHeight * 2 ** (index - known.index);
  }

  /** Pixels of a spatial layer of encoding `index`, as its key frames said, else as `pictureHeight` assumes. */
  layerHeight(index: number, spatialId: number): number {
    const { layerHeights = [] } = this.streams[index] ?? {};
    if (layerHeights.length <= 1) return this.pictureHeight(index);
    return layerHeights[spatialId] || assumedHeight(spatialId);
  }

  get rtxSsrc(): number | undefined {
    return this.streams[0]!.rtxSsrc;
  }
}

/** There is a picture to be had, as far as its owner and moderators say. */
export function isAvailable(source: Source): boolean {
  return !source.isGone && source.videoType !== 'none' && !source.owner.isVideoForceMuted;
}
