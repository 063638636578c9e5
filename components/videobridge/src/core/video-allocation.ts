/**
 * Runs layer selection for every receiver of a conference and makes it so: targets of projections,
 * what receivers are told (ForwardedSources); senders are told by `sender-constraints.ts`.
 *
 * When: constraints, sources, speaker order, the set of arriving encodings or the bandwidth changed.
 */
import { writeChannelMessage } from '@conclave/protocols/bridge-channel';
import type { BridgeContext, BridgeOutlet } from './bridge-context.ts';
import type { Conference } from './conference.ts';
import type { Endpoint } from './endpoint.ts';
import type { KeyframeRequester } from './keyframe-requester.ts';
import { type SelectableSource, selectLayers } from './layer-selection.ts';
import { NO_LAYER, type VideoProjection } from './projection/video-projection.ts';
import { announceSenderConstraints } from './sender-constraints.ts';
import { isAvailable } from './source.ts';
import type { Layer, VideoSupply } from './video-supply.ts';

/** As the selection wants it, with what it is about. */
interface ProjectedSource extends SelectableSource {
  readonly layers: readonly Layer[];
  readonly projection: VideoProjection;
}

type AllocationContext = Pick<BridgeContext, 'outlet' | 'keyframes' | 'maps'>;

/** For every receiver. */
export function allocateVideo(
  conference: Conference,
  supply: VideoSupply,
  context: AllocationContext,
  nowMs: number,
): void {
  supply.measure(conference, nowMs);
  for (const receiver of conference.endpoints.values()) {
    allocateReceiver(receiver, supply, context, nowMs);
  }
  announceSenderConstraints(conference, context.outlet);
}

/** For one receiver, whose wishes changed. */
export function allocateVideoFor(
  conference: Conference,
  supply: VideoSupply,
  receiver: Endpoint,
  context: AllocationContext,
  nowMs: number,
): void {
  reallocateVideo(conference, supply, receiver, context, nowMs);
  announceSenderConstraints(conference, context.outlet, receiver);
}

/**
 * For one receiver, whose bandwidth changed: that happens to each of them several times a second. What senders are
 * asked for goes by wishes, not by bandwidth, and is as before.
 */
export function reallocateVideo(
  conference: Conference,
  supply: VideoSupply,
  receiver: Endpoint,
  context: AllocationContext,
  nowMs: number,
): void {
  supply.measureIfOld(conference, nowMs);
  allocateReceiver(receiver, supply, context, nowMs);
}

function allocateReceiver(
  receiver: Endpoint,
  supply: VideoSupply,
  { outlet, keyframes, maps }: AllocationContext,
  nowMs: number,
): void {
  const { constraints, ssrcSlots: slots } = receiver;
  const sources: ProjectedSource[] = [];
  for (const source of supply.sources) {
    const projection = receiver.projectionsBySsrc.get(source.ssrc | 0);
    if (projection?.source !== source) continue;
    const layers = supply.layersOf(source);
    sources.push({
      name: source.name,
      ownerId: source.owner.id,
      isDesktop: source.videoType === 'desktop',
      isAvailable: isAvailable(source),
      maxHeight: constraints.maxHeight(source.name, source.owner.id),
      layers,
      currentLayer: currentLayer(projection, layers),
      projection,
    });
  }
  const selections = selectLayers({
    sources,
    selected: constraints.selected,
    onStage: constraints.onStage,
    lastN:
      slots === undefined ? constraints.lastN : atMost(constraints.lastN, slots.video.capacity),
    availableBps: receiver.bandwidth.availableBps(constraints.assumedBandwidthBps),
  });
  if (slots !== undefined) {
    const wanted = selections.filter(({ layerIndex }) => layerIndex >= 0);
    const shown = new Set(wanted.map(({ source }) => source.projection));
    for (const projection of shown) slots.video.give(projection, (other) => !shown.has(other));
    // Before anything of it is sent.
    maps.announce(receiver, nowMs);
  }
  const forwarded: string[] = [];
  let isSuspended = false;
  let isSent = false;
  for (const { source, layerIndex, idealLayerIndex, effectiveMaxHeight } of selections) {
    const { projection, layers } = source;
    const target = projection.hasPlace ? layers[layerIndex] : undefined;
    projection.setTarget(target?.streamIndex ?? NO_LAYER, target?.temporalId, target?.spatialId);
    projection.idealIndex = layers[idealLayerIndex]?.streamIndex ?? NO_LAYER;
    projection.isSuspended = layerIndex < 0 && idealLayerIndex >= 0;
    projection.effectiveMaxHeight = effectiveMaxHeight;
    if (projection.isSuspended) isSuspended = true;
    if (target !== undefined) isSent = true;
    requestKeyframeIfNeeded(projection, keyframes, nowMs);
    if (layerIndex >= 0) forwarded.push(source.name);
  }
  receiver.bandwidth.isSuspended = isSuspended;
  receiver.bandwidth.estimator.isStarved = isSuspended && !isSent;
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

function isSameSet(a: readonly string[] | undefined, b: readonly string[]): boolean {
  return a !== undefined && a.length === b.length && a.every((name) => b.includes(name));
}
