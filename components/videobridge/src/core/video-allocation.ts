/**
 * Runs layer selection for every receiver of a conference and makes it so: targets of projections,
 * what receivers are told (ForwardedSources); senders are told by `sender-constraints.ts`.
 *
 * When: constraints, sources, speaker order, the set of arriving encodings or the bandwidth changed.
 */
import { writeChannelMessage } from '@conclave/protocols/bridge-channel';
import type { BridgeContext } from './bridge-context.ts';
import type { BridgeOutlet } from './bridge-outlet.ts';
import { CandidateVideos, type ReceivedSource } from './candidate-videos.ts';
import type { Conference } from './conference.ts';
import type { Endpoint } from './endpoint.ts';
import type { KeyframeRequester } from './keyframe-requester.ts';
import { LayerSelector, type SourceSelection } from './layer-selection.ts';
import { NO_LAYER, type VideoProjection } from './projection/video-projection.ts';
import { announceSenderConstraints } from './sender-constraints.ts';
import type { SsrcSlots } from './ssrc-slots.ts';
import { type Layer, VideoSupply } from './video-supply.ts';
import { setIdeal } from './video-wiring.ts';

/** Receivers that layers are chosen for at once, whenever something changes: a few milliseconds. */
const RECEIVERS_AT_ONCE = 70;

type AllocationContext = Pick<BridgeContext, 'outlet' | 'keyframes' | 'maps' | 'reducer'>;

/** Of one conference. What it needs for one receiver serves the next one again. */
export class VideoAllocation {
  readonly #conference: Conference;
  readonly #context: AllocationContext;
  readonly #supply = new VideoSupply();
  readonly #selector = new LayerSelector<ReceivedSource>();
  readonly #candidates = new CandidateVideos(this.#supply);
  /** Who is still to be allocated for; whoever leaves or comes meanwhile is gone from it or comes last. */
  #receivers: Iterator<Endpoint> | undefined;
  #haveWishesChanged = false;

  constructor(conference: Conference, context: AllocationContext) {
    this.#conference = conference;
    this.#context = context;
  }

  get receiversAtOnce(): number {
    return RECEIVERS_AT_ONCE;
  }

  get isUnderWay(): boolean {
    return this.#receivers !== undefined;
  }

  /** For every receiver: at once for as many as may be, and for the others when `goOn` is called. */
  allocate(nowMs: number): void {
    this.#supply.measure(this.#conference, nowMs);
    this.#receivers = this.#conference.endpoints.values();
    this.goOn(nowMs);
  }

  /** Call on every tick: what could not be done at once, so that packets are not held up; and senders are told. */
  goOn(nowMs: number): void {
    if (this.#receivers !== undefined) this.#allocateNext(this.#receivers, nowMs);
    this.#tellSenders();
  }

  #allocateNext(receivers: Iterator<Endpoint>, nowMs: number): void {
    for (let i = 0; i < RECEIVERS_AT_ONCE; i++) {
      const next = receivers.next();
      if (next.done) {
        this.#receivers = undefined;
        this.#haveWishesChanged = true;
        return;
      }
      this.#allocate(next.value, nowMs);
    }
  }

  /** For one receiver, whose wishes changed: senders are told soon. */
  allocateFor(receiver: Endpoint, nowMs: number): void {
    this.reallocate(receiver, nowMs);
    this.wishesChanged();
  }

  wishesChanged(): void {
    this.#haveWishesChanged = true;
  }

  /** What is wanted of them, if it may have changed. All sources and receivers are visited: for several changes once. */
  #tellSenders(): void {
    if (!this.#haveWishesChanged) return;
    this.#haveWishesChanged = false;
    announceSenderConstraints(this.#conference, this.#context.outlet);
  }

  /**
   * For one receiver, whose bandwidth changed: that happens to each of them several times a second. What senders are
   * asked for goes by wishes, not by bandwidth, and is as before.
   */
  reallocate(receiver: Endpoint, nowMs: number): void {
    this.#supply.measureIfOld(nowMs);
    this.#allocate(receiver, nowMs);
  }

  #allocate(receiver: Endpoint, nowMs: number): void {
    const { outlet, keyframes, maps, reducer } = this.#context;
    const { constraints, ssrcSlots: slots, bandwidth } = receiver;
    const most = smaller(constraints.lastN, reducer.lastN);
    const lastN = smaller(most, slots?.video.capacity ?? -1);
    const availableBps = bandwidth.availableBps(constraints.assumedBandwidthBps);
    const selections = this.#selector.select({
      sources: this.#candidates.collect(receiver, lastN),
      selected: constraints.selected,
      onStage: constraints.onStage,
      lastN,
      availableBps,
    });
    if (!connect(selections)) return;
    mark(receiver, selections);
    leaveOut(receiver, nowMs);
    if (slots !== undefined) {
      giveSlots(selections, slots.video);
      // Before anything of it is sent.
      maps.announce(receiver, nowMs);
    }
    bandwidth.isSuspended = false;
    let isSent = false;
    for (const selection of selections) {
      const { projection } = selection.source;
      setTarget(projection, selection, nowMs);
      if (isTooMuch(projection, selection.source.layers, availableBps)) projection.stopShowing();
      if (projection.isSuspended) bandwidth.isSuspended = true;
      if (projection.targetIndex !== NO_LAYER) isSent = true;
      requestKeyframeIfNeeded(projection, keyframes, nowMs);
    }
    bandwidth.estimator.isStarved =
      (bandwidth.isSuspended && !isSent) || isBarelyAlive(selections[0]);
    if (!constraints.hasSpoken || isForwarding(receiver, selections)) return;
    receiver.forwardedSources = selections.filter(isChosen).map(({ source }) => source.name);
    announceForwardedSources(receiver, outlet);
  }
}

type Selection = SourceSelection<ReceivedSource>;

const isChosen = ({ layerIndex }: Selection): boolean => layerIndex >= 0;

/** Whether all can be sent. If not, the receiver has had too many SSRCs, and ends: what it is sent stays as it is until then. */
function connect(selections: readonly Selection[]): boolean {
  let isConnected = true;
  for (const { source } of selections) if (!source.connect()) isConnected = false;
  return isConnected;
}

/** Which of all that the receiver wanted or wants take part now, and which are chosen to be sent. */
function mark({ wanted }: Endpoint, selections: readonly Selection[]): void {
  for (const projection of wanted) {
    projection.takesPart = false;
    projection.isChosen = false;
  }
  for (const selection of selections) {
    const { projection } = selection.source;
    projection.takesPart = true;
    projection.isChosen = isChosen(selection);
  }
}

/** What was wanted, and does not take part any more. */
function leaveOut({ wanted }: Endpoint, nowMs: number): void {
  for (let i = wanted.length - 1; i >= 0; i--) {
    const projection = wanted[i]!;
    if (projection.takesPart) continue;
    projection.setTarget(NO_LAYER);
    projection.isSuspended = false;
    projection.effectiveMaxHeight = 0;
    setIdeal(projection, NO_LAYER, nowMs);
  }
}

/** To all that are chosen, at the cost of those that are not. */
function giveSlots(selections: readonly Selection[], slots: SsrcSlots<VideoProjection>): void {
  for (const { source } of selections) {
    if (source.projection.isChosen) slots.give(source.projection, isNotChosen);
  }
}

const isNotChosen = ({ isChosen }: VideoProjection): boolean => !isChosen;

function setTarget(projection: VideoProjection, selection: Selection, nowMs: number): void {
  const { layers } = selection.source;
  const target = projection.hasPlace ? layers[selection.layerIndex] : undefined;
  projection.setTarget(target?.streamIndex ?? NO_LAYER, target?.temporalId, target?.spatialId);
  setIdeal(projection, layers[selection.idealLayerIndex]?.streamIndex ?? NO_LAYER, nowMs);
  projection.isSuspended = selection.layerIndex < 0 && selection.idealLayerIndex >= 0;
  projection.effectiveMaxHeight = selection.source.maxHeight;
}

/**
 * Whether even the base layer of what is sent until the key frame of a lower encoding comes would only keep that from coming, and voices
 * too.
 */
function isTooMuch(
  { targetIndex, currentIndex }: VideoProjection,
  layers: readonly Layer[],
  availableBps: number,
): boolean {
  if (targetIndex >= currentIndex) return false;
  const base = layers.find(({ streamIndex }) => streamIndex === currentIndex);
  return base !== undefined && base.steadyBps > availableBps;
}

/** Whether even of what is seen first of all only the fewest pictures are sent. */
function isBarelyAlive(first: Selection | undefined): boolean {
  if (first === undefined || first.layerIndex < 0) return false;
  return first.layerIndex === 0 && first.source.layers[0]?.isFullRate === false;
}

/** Whether what is chosen is what the receiver was told last. */
function isForwarding({ forwardedSources }: Endpoint, selections: readonly Selection[]): boolean {
  if (forwardedSources === undefined) return false;
  let count = 0;
  for (const selection of selections) {
    if (!isChosen(selection)) continue;
    if (!forwardedSources.includes(selection.source.name)) return false;
    count++;
  }
  return count === forwardedSources.length;
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
  for (const { source } of receiver.wanted) {
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

/** -1 is unlimited. */
function smaller(a: number, b: number): number {
  if (a < 0) return b;
  return b < 0 ? a : Math.min(a, b);
}
