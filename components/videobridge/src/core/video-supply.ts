/**
 * What video there is to be chosen from in a conference: its sources in the order of speech, and which layers of each
 * arrive at which rates. Measured once for all receivers.
 */
import type { Conference } from './conference.ts';
import type { IncomingStream } from './incoming-stream.ts';
import type { LayerState } from './layer-selection.ts';
import { ALL_TEMPORAL_LAYERS } from './projection/temporal-filter.ts';
import type { Source } from './source.ts';
import type { TemporalRates } from './temporal-rates.ts';

/** Rates move in steps of as much (rate-meter.ts); sources and order do not move without `measure`. */
const MAX_AGE_MS = 100;
/** The highest that rates are counted for. */
const MAX_TEMPORAL_ID = 3;

/** A layer with what a projection needs to know of it. */
export interface Layer extends LayerState {
  readonly streamIndex: number;
  readonly spatialId: number;
  /** ALL_TEMPORAL_LAYERS for the highest, so that one that appears is not left out. */
  readonly temporalId: number;
}

export class VideoSupply {
  sources: readonly Source[] = [];
  readonly #layers = new Map<Source, readonly Layer[]>();
  #measuredMs = Number.NEGATIVE_INFINITY;

  measure(conference: Conference, nowMs: number): void {
    this.#measuredMs = nowMs;
    this.sources = orderBySpeech(conference);
    this.#layers.clear();
    for (const source of this.sources) this.#layers.set(source, layersOf(source, nowMs));
  }

  measureIfOld(conference: Conference, nowMs: number): void {
    if (nowMs - this.#measuredMs >= MAX_AGE_MS) this.measure(conference, nowMs);
  }

  /** Lowest first, encoding by encoding. */
  layersOf(source: Source): readonly Layer[] {
    return this.#layers.get(source) ?? [];
  }
}

/** Those of recent speakers first, then in the order of joining. */
function orderBySpeech(conference: Conference): Source[] {
  const rank = (source: Source): number => {
    const at = conference.recentSpeakers.indexOf(source.owner.id);
    return at < 0 ? conference.recentSpeakers.length : at;
  };
  return [...conference.sources()]
    .filter((source) => source.type === 'video')
    .sort((a, b) => rank(a) - rank(b));
}

function layersOf(source: Source, nowMs: number): Layer[] {
  return source.streams.flatMap((stream) => {
    const count = spatialLayersOf(stream, nowMs);
    return Array.from({ length: count }, (_, spatialId) =>
      temporalLayersOf(source, stream, spatialId, count, nowMs),
    ).flat();
  });
}

/** Spatial layers that arrive; 1 for encodings without, and as long as it is not known. */
function spatialLayersOf({ layerRates, topSpatialId }: IncomingStream, nowMs: number): number {
  for (let spatialId = topSpatialId; spatialId > 0; spatialId--) {
    if ((layerRates[spatialId]?.bitrateBps(MAX_TEMPORAL_ID, nowMs) ?? 0) > 0) return spatialId + 1;
  }
  return 1;
}

/** `spatialCount` as above. */
function temporalLayersOf(
  source: Source,
  stream: IncomingStream,
  spatialId: number,
  spatialCount: number,
  nowMs: number,
): Layer[] {
  const { index, isActive, rate, layerRates, isLayered } = stream;
  const top = (layerRates[spatialId]?.count(nowMs) ?? 1) - 1;
  // Without dependencies between the layers' pictures only one layer is sent.
  const lowest = isLayered ? 0 : spatialId;
  const sum = (rateOf: (rates: TemporalRates) => number): number =>
    layerRates.slice(lowest, spatialId + 1).reduce((total, rates) => total + rateOf(rates), 0);
  return Array.from({ length: top + 1 }, (_, temporalId): Layer => {
    const isFullRate = temporalId === top;
    const isWhole = isFullRate && spatialCount === 1;
    return {
      streamIndex: index,
      spatialId,
      temporalId: isFullRate ? ALL_TEMPORAL_LAYERS : temporalId,
      height: source.layerHeight(index, spatialId),
      bitrateBps: isWhole
        ? rate.bitrateBps(nowMs)
        : sum((rates) => rates.bitrateBps(temporalId, nowMs)),
      peakBps: isWhole
        ? rate.recentPeakBps(nowMs)
        : sum((rates) => rates.recentPeakBps(temporalId, nowMs)),
      steadyBps: isWhole
        ? rate.steadyBps(nowMs)
        : sum((rates) => rates.steadyBps(temporalId, nowMs)),
      isActive,
      isFullRate,
    };
  });
}
