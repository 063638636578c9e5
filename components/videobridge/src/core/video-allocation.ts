/**
 * Runs layer selection for every receiver of a conference and makes it so: targets of projections,
 * what receivers and senders are told (ForwardedSources, SenderSourceConstraints).
 *
 * When: constraints, sources, speaker order, the set of arriving encodings or the bandwidth changed.
 */
import { writeChannelMessage } from '@conclave/protocols/bridge-channel';
import type { BridgeContext, BridgeOutlet } from './bridge-context.ts';
import type { Conference } from './conference.ts';
import type { Endpoint } from './endpoint.ts';
import type { IncomingStream } from './incoming-stream.ts';
import type { KeyframeRequester } from './keyframe-requester.ts';
import { type LayerState, type SelectableSource, selectLayers } from './layer-selection.ts';
import { ALL_TEMPORAL_LAYERS } from './projection/temporal-filter.ts';
import { NO_LAYER, type VideoProjection } from './projection/video-projection.ts';
import type { Source } from './source.ts';
import type { TemporalRates } from './temporal-rates.ts';

/** What "unlimited" is for a sender; current clients take -1 too, those of 2021 do not. */
const UNLIMITED_HEIGHT = 2160;

/** The highest that rates are counted for. */
const MAX_TEMPORAL_ID = 3;

/** A layer with what a projection needs to know of it. */
interface Layer extends LayerState {
  readonly streamIndex: number;
  readonly spatialId: number;
  /** ALL_TEMPORAL_LAYERS for the highest, so that one that appears is not left out. */
  readonly temporalId: number;
}

type AllocationContext = Pick<BridgeContext, 'outlet' | 'keyframes' | 'maps'>;

/** For every receiver. */
export function allocateVideo(
  conference: Conference,
  context: AllocationContext,
  nowMs: number,
): void {
  const sources = orderBySpeech(conference);
  const layers = new Map(sources.map((source) => [source, layersOf(source, nowMs)]));
  for (const receiver of conference.endpoints.values()) {
    allocateReceiver(receiver, sources, layers, context, nowMs);
  }
  for (const endpoint of conference.endpoints.values()) {
    announceSenderConstraints(conference, endpoint, context.outlet);
  }
}

/** For one receiver, whose wishes changed. */
export function allocateVideoFor(
  conference: Conference,
  receiver: Endpoint,
  context: AllocationContext,
  nowMs: number,
): void {
  const sources = orderBySpeech(conference);
  const layers = new Map(sources.map((source) => [source, layersOf(source, nowMs)]));
  allocateReceiver(receiver, sources, layers, context, nowMs);
  for (const endpoint of conference.endpoints.values()) {
    if (endpoint !== receiver) announceSenderConstraints(conference, endpoint, context.outlet);
  }
}

function allocateReceiver(
  receiver: Endpoint,
  sources: readonly Source[],
  layers: ReadonlyMap<Source, readonly Layer[]>,
  { outlet, keyframes, maps }: AllocationContext,
  nowMs: number,
): void {
  const { constraints, ssrcSlots: slots } = receiver;
  const projections = new Map<SelectableSource, VideoProjection>();
  for (const source of sources) {
    const projection = receiver.projectionsBySsrc.get(source.ssrc | 0);
    if (projection?.source !== source) continue;
    projections.set(
      {
        name: source.name,
        ownerId: source.owner.id,
        isDesktop: source.videoType === 'desktop',
        isAvailable: isAvailable(source),
        maxHeight: constraints.maxHeight(source.name, source.owner.id),
        layers: layers.get(source) ?? [],
        currentLayer: currentLayer(projection, layers.get(source) ?? []),
      },
      projection,
    );
  }
  const selections = selectLayers({
    sources: [...projections.keys()],
    selected: constraints.selected,
    onStage: constraints.onStage,
    lastN:
      slots === undefined ? constraints.lastN : atMost(constraints.lastN, slots.video.capacity),
    availableBps: receiver.bandwidth.availableBps(constraints.assumedBandwidthBps),
  });
  if (slots !== undefined) {
    const wanted = selections.filter(({ layerIndex }) => layerIndex >= 0);
    const shown = new Set(wanted.map(({ source }) => projections.get(source)!));
    for (const projection of shown) slots.video.give(projection, (other) => !shown.has(other));
    // Before anything of it is sent.
    maps.announce(receiver, nowMs);
  }
  const forwarded: string[] = [];
  for (const { source, layerIndex, idealLayerIndex, effectiveMaxHeight } of selections) {
    const projection = projections.get(source)!;
    const layersOfSource = layers.get(projection.source);
    const target = projection.hasPlace ? layersOfSource?.[layerIndex] : undefined;
    projection.setTarget(target?.streamIndex ?? NO_LAYER, target?.temporalId, target?.spatialId);
    projection.idealIndex = layersOfSource?.[idealLayerIndex]?.streamIndex ?? NO_LAYER;
    projection.isSuspended = layerIndex < 0 && idealLayerIndex >= 0;
    projection.effectiveMaxHeight = effectiveMaxHeight;
    requestKeyframeIfNeeded(projection, keyframes, nowMs);
    if (layerIndex >= 0) forwarded.push(source.name);
  }
  if (!constraints.hasSpoken || isSameSet(receiver.forwardedSources, forwarded)) return;
  receiver.forwardedSources = forwarded;
  announceForwardedSources(receiver, outlet);
}

/** At once, rather than with the next packet, if what is waited for arrives at all. */
export function requestKeyframeIfNeeded(
  projection: VideoProjection,
  keyframes: KeyframeRequester,
  nowMs: number,
): void {
  const { source, targetIndex, receiver } = projection;
  if (!receiver.isConnected || !projection.isWaitingForKeyframe) return;
  if (source.streams[targetIndex]?.isActive) keyframes.want(source, targetIndex, nowMs);
}

/** Tells the receiver which videos it gets, if it has a channel and was told nothing newer. */
export function announceForwardedSources(receiver: Endpoint, outlet: BridgeOutlet): void {
  const { channelId, forwardedSources } = receiver;
  if (channelId === undefined || forwardedSources === undefined) return;
  outlet.sendOnChannel(
    channelId,
    writeChannelMessage({ colibriClass: 'ForwardedSources', forwardedSources }),
  );
  // COMPAT: clients of 2021, which know endpoints only.
  const owners = new Set<string>();
  for (const { source } of receiver.projections) {
    if (forwardedSources.includes(source.name)) owners.add(source.owner.id);
  }
  outlet.sendOnChannel(
    channelId,
    writeChannelMessage({
      colibriClass: 'LastNEndpointsChangeEvent',
      lastNEndpoints: [...owners],
    }),
  );
}

/** Tells a sender how much of each of its videos anybody wants, as far as that changed. */
function announceSenderConstraints(
  conference: Conference,
  sender: Endpoint,
  outlet: BridgeOutlet,
): void {
  // Nobody has asked for anything yet: the sender shall not be stopped by that.
  let isAsked = false;
  for (const endpoint of conference.endpoints.values()) {
    if (endpoint !== sender && endpoint.constraints.hasSpoken) isAsked = true;
  }
  if (!isAsked) return;
  let hasChanged = false;
  for (const source of sender.sources) {
    // A muted camera keeps what it was told last: it must be able to start again by itself.
    if (source.type !== 'video' || !isAvailable(source)) continue;
    let maxHeight = 0;
    for (const { effectiveMaxHeight } of source.projections) {
      maxHeight = Math.max(maxHeight, Math.min(effectiveMaxHeight, UNLIMITED_HEIGHT));
    }
    if (maxHeight === source.announcedMaxHeight) continue;
    source.announcedMaxHeight = maxHeight;
    hasChanged = true;
    sendSenderSourceConstraints(source, outlet);
  }
  if (hasChanged) sendSenderVideoConstraints(sender, outlet);
}

/** Everything the sender was told before, for a new channel. */
export function repeatSenderConstraints(sender: Endpoint, outlet: BridgeOutlet): void {
  let isTold = false;
  for (const source of sender.sources) {
    if (source.announcedMaxHeight === undefined) continue;
    isTold = true;
    sendSenderSourceConstraints(source, outlet);
  }
  if (isTold) sendSenderVideoConstraints(sender, outlet);
}

function sendSenderSourceConstraints(source: Source, outlet: BridgeOutlet): void {
  const { channelId } = source.owner;
  if (channelId === undefined || source.announcedMaxHeight === undefined) return;
  outlet.sendOnChannel(
    channelId,
    writeChannelMessage({
      colibriClass: 'SenderSourceConstraints',
      sourceName: source.name,
      maxHeight: source.announcedMaxHeight,
    }),
  );
}

/** COMPAT: clients of 2021 have one video. */
function sendSenderVideoConstraints(sender: Endpoint, outlet: BridgeOutlet): void {
  if (sender.channelId === undefined) return;
  let idealHeight = 0;
  for (const source of sender.sources) {
    idealHeight = Math.max(idealHeight, source.announcedMaxHeight ?? 0);
  }
  outlet.sendOnChannel(
    sender.channelId,
    writeChannelMessage({
      colibriClass: 'SenderVideoConstraints',
      videoConstraints: { idealHeight },
    }),
  );
}

/** Video sources, those of recent speakers first, then in the order of joining. */
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

/** Position of what the projection was set to; undefined when nothing was wanted so far. */
function currentLayer(projection: VideoProjection, layers: readonly Layer[]): number | undefined {
  const { targetIndex, targetSpatialId, targetTemporalId, isSuspended } = projection;
  if (targetIndex === NO_LAYER) return isSuspended ? -1 : undefined;
  const index = layers.findLastIndex(
    ({ streamIndex, spatialId, temporalId }) =>
      streamIndex === targetIndex && spatialId <= targetSpatialId && temporalId <= targetTemporalId,
  );
  return index < 0 ? undefined : index;
}

/** -1 is unlimited. */
function atMost(lastN: number, max: number): number {
  return lastN < 0 ? max : Math.min(lastN, max);
}

function isAvailable(source: Source): boolean {
  return source.videoType !== 'none' && !source.owner.isVideoForceMuted;
}

function isSameSet(a: readonly string[] | undefined, b: readonly string[]): boolean {
  return a !== undefined && a.length === b.length && a.every((name) => b.includes(name));
}
