/**
 * The videos that a receiver may be sent, as layer selection wants them. In a large meeting each receiver looks at few, and is looked after
 * several times a second: so those that it names are looked up, and of the others only as many are visited as it can get.
 */
import type { Endpoint } from './endpoint.ts';
import type { SelectableSource } from './layer-selection.ts';
import { NO_LAYER, type VideoProjection } from './projection/video-projection.ts';
import { isAvailable, type Source } from './source.ts';
import type { Layer, SuppliedVideo, VideoSupply } from './video-supply.ts';
import { projectionOf } from './video-wiring.ts';

/** What it has done for one receiver serves the next one again. */
export class CandidateVideos {
  readonly #supply: VideoSupply;
  readonly #candidates: ReceivedSource[] = [];
  readonly #constrained: SuppliedVideo[] = [];
  #count = 0;
  #round = 0;

  constructor(supply: VideoSupply) {
    this.#supply = supply;
  }

  /** All that can be among the first `lastN` (-1 is unlimited); equals are in the order of speech. Valid until the next call. */
  collect(receiver: Endpoint, lastN: number): readonly ReceivedSource[] {
    const { constraints } = receiver;
    this.#count = 0;
    this.#round++;
    if (lastN !== 0) {
      for (const name of constraints.onStage.keys()) this.#addNamed(name, receiver);
      for (const name of constraints.selected.keys()) this.#addNamed(name, receiver);
      if (constraints.wantsAnybody) this.#addFirst(lastN, receiver);
      else this.#addConstrained(receiver);
    }
    // What is gone is not kept.
    this.#candidates.length = this.#count;
    return this.#candidates;
  }

  #addNamed(name: string, receiver: Endpoint): void {
    for (const video of this.#supply.named(name))
      if (this.#isNew(video)) this.#add(video, receiver);
  }

  #addFirst(lastN: number, receiver: Endpoint): void {
    const { videos } = this.#supply;
    let left = lastN < 0 ? videos.length : lastN;
    for (let i = 0; i < videos.length && left > 0; i++) {
      const video = videos[i]!;
      if (!this.#isNew(video)) continue;
      const { isAvailable, maxHeight } = this.#add(video, receiver);
      if (isAvailable && maxHeight !== 0) left--;
    }
  }

  /** Only what has a constraint of its own is wanted. */
  #addConstrained(receiver: Endpoint): void {
    const found = this.#constrained;
    found.length = 0;
    for (const name of receiver.constraints.constrained) {
      for (const video of this.#supply.named(name)) if (this.#isNew(video)) found.push(video);
    }
    found.sort(bySpeech);
    for (const video of found) this.#add(video, receiver);
  }

  /** It is not among the candidates yet. */
  #isNew(video: SuppliedVideo): boolean {
    if (video.round === this.#round) return false;
    video.round = this.#round;
    return true;
  }

  #add(video: SuppliedVideo, receiver: Endpoint): ReceivedSource {
    let candidate = this.#candidates[this.#count];
    if (candidate === undefined) {
      candidate = new ReceivedSource(video, receiver);
      this.#candidates.push(candidate);
    }
    this.#count++;
    candidate.set(video, receiver);
    return candidate;
  }
}

const bySpeech = (a: SuppliedVideo, b: SuppliedVideo): number => a.place - b.place;

/** A video as one receiver sees it. */
export class ReceivedSource implements SelectableSource {
  source: Source;
  receiver: Endpoint;
  isAvailable = false;
  maxHeight = 0;
  layers: readonly Layer[] = [];
  #projection: VideoProjection | undefined;

  constructor({ source }: SuppliedVideo, receiver: Endpoint) {
    this.source = source;
    this.receiver = receiver;
  }

  set({ source, layers }: SuppliedVideo, receiver: Endpoint): void {
    this.source = source;
    this.receiver = receiver;
    this.layers = layers;
    this.isAvailable = source.owner !== receiver && isAvailable(source);
    this.maxHeight = receiver.constraints.maxHeight(source.name, source.owner.id);
    this.#projection = receiver.projectionsBySsrc.get(source.ssrc | 0);
  }

  /** It is to be sent. Whether it can be. */
  connect(): boolean {
    this.#projection ??= projectionOf(this.source, this.receiver);
    return this.#projection !== undefined;
  }

  /** Once connected. */
  get projection(): VideoProjection {
    if (this.#projection === undefined) throw new Error(`${this.name} is not connected`);
    return this.#projection;
  }

  get name(): string {
    return this.source.name;
  }

  get ownerId(): string {
    return this.source.owner.id;
  }

  get isDesktop(): boolean {
    return this.source.videoType === 'desktop';
  }

  get maxFrameRate(): number {
    return this.receiver.constraints.maxFrameRate(this.name, this.ownerId);
  }

  get currentLayer(): number | undefined {
    if (this.#projection === undefined) return undefined;
    return currentLayer(this.#projection, this.layers);
  }
}

/** Position of what the projection was set to; undefined when nothing was wanted so far. */
function currentLayer(projection: VideoProjection, layers: readonly Layer[]): number | undefined {
  const { targetIndex, targetSpatialId, targetTemporalId, isSuspended } = projection;
  if (targetIndex === NO_LAYER) return isSuspended ? -1 : undefined;
  for (let index = layers.length - 1; index >= 0; index--) {
    const { streamIndex, spatialId, temporalId } = layers[index]!;
    const isBelow = spatialId <= targetSpatialId && temporalId <= targetTemporalId;
    if (streamIndex === targetIndex && isBelow) return index;
  }
  return undefined;
}
