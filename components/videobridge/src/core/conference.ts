/** One conference on this bridge: its endpoints, sources and speakers. State and order only. */
import { type RandomSource, randomUint32, TokenBucket } from '@conclave/base';
import type { MediaSource } from '@conclave/protocols/colibri';
import { DEFAULT_SSRC_SLOTS, type VideobridgeOptions } from '../options.ts';
import { DominantSpeaker } from './dominant-speaker.ts';
import type { Endpoint } from './endpoint.ts';
import type { EventTotals } from './event-totals.ts';
import { createConferenceFanOut } from './fan-out.ts';
import type { IncomingStream } from './incoming-stream.ts';
import { LoudestVoices } from './loudest-voices.ts';
import type { Relay } from './relay/relay.ts';
import type { RemoteEndpoint } from './relay/remote-endpoint.ts';
import { Source } from './source.ts';
import { checkSources, identityFrom, identityOf } from './source-check.ts';
import { ssrcsOf } from './source-encodings.ts';
import type { SourceOwner } from './source-owner.ts';

/** Recent speakers that are announced and come first in the order of sources. */
const MAX_RECENT_SPEAKERS = 10;
/** Allocations for everybody that endpoints can cause, by `RECEIVERS_AT_ONCE`. */
const ALLOCATIONS_PER_SECOND = 20;
const ALLOCATION_BURST = 40;
const DEFAULT_MAX_SOURCES = 20;

/** Connects sources with receivers, and parts them again; see `source-wiring.ts`. */
export interface SourceWiring {
  connect(source: Source, receiver: Endpoint): void;
  disconnectSource(source: Source): void;
  disconnectReceiver(receiver: Endpoint, sources: Iterable<Source>): void;
}

/** Who gets which layers of which video, in one conference; see `VideoAllocation`. */
export interface LayerAllocation {
  /** Receivers that are seen to at once. */
  readonly receiversAtOnce: number;
  /** Not all of them have been seen to. */
  readonly isUnderWay: boolean;
  allocate(nowMs: number): void;
  goOn(nowMs: number): void;
  allocateFor(receiver: Endpoint, nowMs: number): void;
  reallocate(receiver: Endpoint, nowMs: number): void;
  wishesChanged(): void;
}

/** What it needs of the bridge. */
export interface ConferenceContext {
  readonly options: VideobridgeOptions;
  readonly random: RandomSource;
  readonly totals: EventTotals;
  readonly wiring: SourceWiring;
  allocationOf(conference: Conference): LayerAllocation;
}

export class Conference {
  readonly meetingId: string;
  readonly name: string;
  readonly createdMs: number;
  /** The SSRCs that the bridge itself sends with. */
  readonly feedbackAudioSsrc: number;
  readonly feedbackVideoSsrc: number;
  readonly endpoints = new Map<string, Endpoint>();
  /** Those with something to see to on every tick: they connect, send, or tell us how their network is. `Housekeeping` takes them out. */
  readonly busyEndpoints = new Set<Endpoint>();
  /** To the other bridges that the conference is on, by their ids. */
  readonly relays = new Map<string, Relay>();
  readonly speakers = new DominantSpeaker();
  readonly loudest: LoudestVoices;
  /** Who is heard by receivers in rewriting mode. */
  readonly loudestInSlots: LoudestVoices;
  /** There is or was such a receiver. */
  isRewritten = false;
  /** Endpoints that were dominant, the present one first. */
  recentSpeakers: string[] = [];
  /** Somebody limits how many pictures they get of a video, or did. */
  countsPictures = false;
  /** What its endpoints together may make us tell others; see `fan-out.ts`. */
  readonly fanOut: TokenBucket;
  readonly #context: ConferenceContext;
  /** Every signalled SSRC with its source. */
  readonly #ssrcs = new Map<number, Source>();
  readonly #video: LayerAllocation;
  readonly #allocations: TokenBucket;
  #isAllocationDue = false;

  constructor(context: ConferenceContext, meetingId: string, name: string, nowMs: number) {
    this.#context = context;
    this.#video = context.allocationOf(this);
    this.meetingId = meetingId;
    this.name = name;
    this.createdMs = nowMs;
    this.loudest = new LoudestVoices(context.options.loudestVoices ?? 0);
    this.loudestInSlots = new LoudestVoices(context.options.ssrcSlots?.audio ?? DEFAULT_SSRC_SLOTS);
    this.fanOut = createConferenceFanOut(nowMs);
    context.totals.conferencesCreated++;
    this.#allocations = new TokenBucket(ALLOCATIONS_PER_SECOND, ALLOCATION_BURST, nowMs);
    this.feedbackAudioSsrc = randomUint32(context.random);
    this.feedbackVideoSsrc = (this.feedbackAudioSsrc ^ 1) >>> 0;
  }

  *sources(): Generator<Source> {
    for (const endpoint of this.endpoints.values()) yield* endpoint.sources;
    for (const { sources } of this.remoteEndpoints()) yield* sources;
  }

  *remoteEndpoints(): Generator<RemoteEndpoint> {
    for (const { endpoints } of this.relays.values()) yield* endpoints.values();
  }

  addEndpoint(endpoint: Endpoint, nowMs: number): void {
    for (const source of this.sources()) this.#context.wiring.connect(source, endpoint);
    this.endpoints.set(endpoint.id, endpoint);
    if (endpoint.ssrcSlots !== undefined) this.isRewritten = true;
    this.busyEndpoints.add(endpoint);
    // It sends nothing yet: nobody else is concerned.
    this.reallocate(endpoint, nowMs);
  }

  removeEndpoint(endpoint: Endpoint, nowMs: number): void {
    if (this.endpoints.get(endpoint.id) !== endpoint) return;
    this.endpoints.delete(endpoint.id);
    this.busyEndpoints.delete(endpoint);
    this.#forget(endpoint);
    this.#context.wiring.disconnectReceiver(endpoint, this.sources());
    endpoint.isConnected = false;
    endpoint.transport.close();
    this.allocateSoon(nowMs);
  }

  /** An endpoint of another bridge is gone. */
  removeRemote(endpoint: RemoteEndpoint, nowMs: number): void {
    const { endpoints } = endpoint.relay;
    if (endpoints.get(endpoint.id) !== endpoint) return;
    endpoints.delete(endpoint.id);
    this.#forget(endpoint);
    endpoint.relay.index(endpoint);
    this.allocateSoon(nowMs);
  }

  /** Of an endpoint on this bridge; undefined for any other SSRC. */
  localStream(ssrc: number): IncomingStream | undefined {
    const source = this.#ssrcs.get(ssrc >>> 0);
    if (source === undefined || source.owner.isRemote) return undefined;
    return source.owner.streamsBySsrc.get(ssrc | 0);
  }

  /**
   * Replaces the endpoint's sources; those that are the same go on undisturbed. Returns why not, and
   * changes nothing, when the list cannot be accepted.
   */
  setSources(
    endpoint: SourceOwner,
    descriptions: readonly MediaSource[],
    nowMs: number,
  ): string | undefined {
    const refusal = checkSources(descriptions, {
      maxSources: this.#context.options.limits?.maxSourcesPerEndpoint ?? DEFAULT_MAX_SOURCES,
      isTaken: (ssrc) => (this.#ssrcs.get(ssrc)?.owner ?? endpoint) !== endpoint,
      isOurs: (ssrc) => ssrc === this.feedbackAudioSsrc || ssrc === this.feedbackVideoSsrc,
    });
    if (refusal !== undefined) return refusal;
    const old = new Map(
      endpoint.sources.map((source) => [identityFrom(source, source.streams), source]),
    );
    const own = this.endpoints.get(endpoint.id);
    const added = descriptions.filter((description) => !old.has(identityOf(description)));
    const addedSsrcs = added.reduce((sum, description) => sum + ssrcsOf(description).size, 0);
    if (own === endpoint && !own.newSsrcs.tryTake(addedSsrcs, nowMs)) return 'too many new SSRCs';
    const staying = new Set(descriptions.map(identityOf));
    for (const [key, source] of old) if (!staying.has(key)) this.#removeSource(source);
    endpoint.sources = descriptions.map((description) => {
      const source = old.get(identityOf(description));
      if (source === undefined) return this.#addSource(endpoint, description);
      if (description.videoType !== undefined && source.videoType !== 'none') {
        source.videoType = description.videoType;
      }
      return source;
    });
    if (own === endpoint) this.busyEndpoints.add(own);
    this.allocateSoon(nowMs);
    return undefined;
  }

  /** A stream that was silent sends again: layers may change before the packet is routed. */
  streamActivated({ source }: IncomingStream, nowMs: number): void {
    // The media itself is better evidence than an earlier message.
    if (source.videoType === 'none') source.videoType = 'camera';
    this.requestAllocation(nowMs);
  }

  /** The dominant speaker changed. */
  speakerChanged(id: string, nowMs: number): void {
    const others = this.recentSpeakers.filter((other) => other !== id);
    this.recentSpeakers = [id, ...others].slice(0, MAX_RECENT_SPEAKERS);
    this.allocateSoon(nowMs);
  }

  /** What an endpoint can bring about by itself: at once, but not too often. */
  requestAllocation(nowMs: number): void {
    this.#isAllocationDue = true;
    this.#allocateIfDue(nowMs);
  }

  /** The rest of it; call on every tick. */
  goOnAllocating(nowMs: number): void {
    this.#video.goOn(nowMs);
    this.#allocateIfDue(nowMs);
  }

  #allocateIfDue(nowMs: number): void {
    if (!this.#isAllocationDue || this.#video.isUnderWay) return;
    const cost = Math.max(1, this.endpoints.size / this.#video.receiversAtOnce);
    if (this.#allocations.tryTake(Math.min(cost, ALLOCATION_BURST), nowMs)) this.#allocate(nowMs);
  }

  /** Layers anew for everybody: at once, but where people are many and come and go all the time. For them it is done once for several. */
  allocateSoon(nowMs: number): void {
    if (this.endpoints.size <= this.#video.receiversAtOnce) this.#allocate(nowMs);
    else this.requestAllocation(nowMs);
  }

  #allocate(nowMs: number): void {
    this.#isAllocationDue = false;
    this.#video.allocate(nowMs);
  }

  /** One receiver's constraints changed. */
  allocateFor(receiver: Endpoint, nowMs: number): void {
    if (receiver.constraints.hasFrameRates) this.countsPictures = true;
    this.#video.allocateFor(receiver, nowMs);
  }

  /** Those of receivers on another bridge: senders here are told soon. */
  wishesChanged(): void {
    this.#video.wishesChanged();
  }

  /** One receiver's bandwidth changed. */
  reallocate(receiver: Endpoint, nowMs: number): void {
    this.#video.reallocate(receiver, nowMs);
  }

  /** For `receiver` to be sent: of no source, nor used towards it before. */
  unusedSsrc(receiver: Endpoint): number {
    for (;;) {
      const ssrc = randomUint32(this.#context.random);
      const isOurs = ssrc === this.feedbackAudioSsrc || ssrc === this.feedbackVideoSsrc;
      const isTaken = this.#ssrcs.has(ssrc) || receiver.outgoingBySsrc.has(ssrc | 0);
      if (ssrc !== 0 && !isOurs && !isTaken) return ssrc;
    }
  }

  #addSource(owner: SourceOwner, description: MediaSource): Source {
    const source = new Source(owner, description);
    for (const ssrc of ssrcsOf(description)) this.#ssrcs.set(ssrc, source);
    for (const stream of source.streams) {
      owner.streamsBySsrc.set(stream.ssrc | 0, stream);
      if (stream.rtxSsrc !== undefined) owner.streamsByRtxSsrc.set(stream.rtxSsrc | 0, stream);
    }
    const cachedType = owner.videoTypes.get(source.name);
    if (source.type === 'video' && cachedType !== undefined) source.videoType = cachedType;
    for (const receiver of this.endpoints.values()) {
      if (receiver !== owner) this.#context.wiring.connect(source, receiver);
    }
    return source;
  }

  /** Nobody is sent anything of it any more. */
  #forget(owner: SourceOwner): void {
    for (const source of owner.sources) this.#removeSource(source);
    owner.sources = [];
    this.speakers.remove(owner.id);
    this.loudest.remove(owner.id);
    this.loudestInSlots.remove(owner.id);
    this.recentSpeakers = this.recentSpeakers.filter((id) => id !== owner.id);
  }

  #removeSource(source: Source): void {
    for (const [ssrc, owner] of this.#ssrcs) if (owner === source) this.#ssrcs.delete(ssrc);
    for (const stream of source.streams) {
      source.owner.streamsBySsrc.delete(stream.ssrc | 0);
      source.owner.incompleteStreams.delete(stream);
      if (stream.rtxSsrc !== undefined) {
        source.owner.streamsByRtxSsrc.delete(stream.rtxSsrc | 0);
      }
    }
    this.#context.wiring.disconnectSource(source);
  }
}
