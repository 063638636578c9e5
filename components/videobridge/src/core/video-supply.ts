/**
 * What video there is to be chosen from in a conference: its sources in the order of speech, and which layers of each
 * arrive at which rates. Measured once for all receivers.
 */
import type { Conference } from './conference.ts';
import type { IncomingStream } from './incoming-stream.ts';
import type { LayerState } from './layer-selection.ts';
import { ALL_TEMPORAL_LAYERS } from './projection/temporal-filter.ts';
import { isAvailable, type Source } from './source.ts';

/** Rates move in steps of as much (rate-meter.ts); sources and order do not move without `measure`. */
const MAX_AGE_MS = 100;
/** Silence of a camera between these is no statement about its rate. */
const MIN_HELD_UP_MS = 300;
const MAX_HELD_UP_MS = 2000;
/** The highest that rates are counted for. */
const MAX_TEMPORAL_ID = 3;
const NONE: readonly SuppliedVideo[] = [];

/** A layer with what a projection needs to know of it. */
export interface Layer extends LayerState {
  readonly streamIndex: number;
  readonly spatialId: number;
  /** ALL_TEMPORAL_LAYERS for the highest, so that one that appears is not left out. */
  readonly temporalId: number;
}

type MutableLayer = { -readonly [Field in keyof Layer]: Layer[Field] };

/** A video that there is. */
export interface SuppliedVideo {
  readonly source: Source;
  /** Lowest first, encoding by encoding. Written anew in place: that is done ten times a second for every layer of a conference. */
  readonly layers: readonly Layer[];
  /** In the order of speech. */
  place: number;
  /** For `CandidateVideos`: the last one that it was found in. */
  round: number;
}

interface MeasuredVideo extends SuppliedVideo {
  readonly layers: MutableLayer[];
}

export class VideoSupply {
  #videos: readonly MeasuredVideo[] = [];
  /** By the names of sources, and the ids of their owners. */
  readonly #byName = new Map<string, MeasuredVideo[]>();
  #bySource = new Map<Source, MeasuredVideo>();
  #measuredMs = Number.NEGATIVE_INFINITY;

  /** In the order of speech; those only that there are pictures of, as far as it is known. */
  get videos(): readonly SuppliedVideo[] {
    return this.#videos;
  }

  /** What a client calls by this name: a source, or all of an endpoint. */
  named(name: string): readonly SuppliedVideo[] {
    return this.#byName.get(name) ?? NONE;
  }

  /** Which sources there are, in which order, and their layers. */
  measure(conference: Conference, nowMs: number): void {
    const before = this.#bySource;
    this.#videos = orderBySpeech(conference).map(
      (source, place) => before.get(source) ?? { source, layers: [], place, round: 0 },
    );
    this.#bySource = new Map(this.#videos.map((video) => [video.source, video]));
    this.#byName.clear();
    for (const [place, video] of this.#videos.entries()) {
      video.place = place;
      this.#name(video.source.name, video);
      this.#name(video.source.owner.id, video);
    }
    this.#measureLayers(nowMs);
  }

  measureIfOld(nowMs: number): void {
    if (nowMs - this.#measuredMs >= MAX_AGE_MS) this.#measureLayers(nowMs);
  }

  #name(name: string, video: MeasuredVideo): void {
    const videos = this.#byName.get(name);
    if (videos === undefined) this.#byName.set(name, [video]);
    else videos.push(video);
  }

  #measureLayers(nowMs: number): void {
    this.#measuredMs = nowMs;
    for (const { source, layers } of this.#videos) {
      if (layers.length === 0 || !isHeldUp(source, nowMs)) readLayers(source, layers, nowMs);
    }
  }
}

/** Those of recent speakers first, then in the order of joining. */
function orderBySpeech(conference: Conference): Source[] {
  const ranks = new Map(conference.recentSpeakers.map((id, rank) => [id, rank]));
  const rank = ({ owner }: Source): number => ranks.get(owner.id) ?? ranks.size;
  return [...conference.sources()]
    .filter((source) => source.type === 'video' && isAvailable(source))
    .sort((a, b) => rank(a) - rank(b));
}

/** A camera that sends nothing for a moment will send as much as before. */
function isHeldUp(source: Source, nowMs: number): boolean {
  const silentMs = nowMs - source.lastPacketMs;
  return source.videoType !== 'desktop' && silentMs > MIN_HELD_UP_MS && silentMs < MAX_HELD_UP_MS;
}

function readLayers(source: Source, layers: MutableLayer[], nowMs: number): void {
  let count = 0;
  for (const stream of source.streams) {
    const spatialCount = spatialLayersOf(stream, nowMs);
    for (let spatialId = 0; spatialId < spatialCount; spatialId++) {
      const temporalCount = stream.layerRates[spatialId]?.count(nowMs) ?? 1;
      for (let temporalId = 0; temporalId < temporalCount; temporalId++) {
        if (count === layers.length) layers.push(noLayer());
        const layer = layers[count++]!;
        const isFullRate = temporalId === temporalCount - 1;
        layer.streamIndex = stream.index;
        layer.spatialId = spatialId;
        layer.temporalId = isFullRate ? ALL_TEMPORAL_LAYERS : temporalId;
        layer.height = source.layerHeight(stream.index, spatialId);
        layer.isActive = stream.isActive;
        layer.isFullRate = isFullRate;
        layer.isApart = spatialCount > 1 && !stream.isLayered;
        layer.frameRate = stream.pictureRates?.perSecond(layer.temporalId) ?? 0;
        if (isFullRate && spatialCount === 1) setRatesOfAll(layer, stream, nowMs);
        else setRates(layer, stream, spatialId, temporalId, nowMs);
      }
    }
  }
  if (layers.length > count) layers.length = count;
}

const noLayer = (): MutableLayer => ({
  streamIndex: 0,
  spatialId: 0,
  temporalId: 0,
  height: 0,
  bitrateBps: 0,
  peakBps: 0,
  steadyBps: 0,
  isActive: false,
  isFullRate: false,
  frameRate: 0,
  isApart: false,
});

/** Spatial layers that arrive; 1 for encodings without, and as long as it is not known. */
function spatialLayersOf({ layerRates, topSpatialId }: IncomingStream, nowMs: number): number {
  for (let spatialId = topSpatialId; spatialId > 0; spatialId--) {
    if ((layerRates[spatialId]?.bitrateBps(MAX_TEMPORAL_ID, nowMs) ?? 0) > 0) return spatialId + 1;
  }
  return 1;
}

/** The whole encoding. */
function setRatesOfAll(layer: MutableLayer, { rate }: IncomingStream, nowMs: number): void {
  layer.bitrateBps = rate.bitrateBps(nowMs);
  layer.peakBps = rate.recentPeakBps(nowMs);
  layer.steadyBps = rate.steadyBps(nowMs);
}

/** With the layers that it builds on. */
function setRates(
  layer: MutableLayer,
  { layerRates, isLayered }: IncomingStream,
  spatialId: number,
  temporalId: number,
  nowMs: number,
): void {
  layer.bitrateBps = 0;
  layer.peakBps = 0;
  layer.steadyBps = 0;
  // Without dependencies between the layers' pictures only one spatial layer is sent.
  for (let below = isLayered ? 0 : spatialId; below <= spatialId; below++) {
    const rates = layerRates[below];
    if (rates === undefined) continue;
    layer.bitrateBps += rates.bitrateBps(temporalId, nowMs);
    layer.peakBps += rates.recentPeakBps(temporalId, nowMs);
    layer.steadyBps += rates.steadyBps(temporalId, nowMs);
  }
}
