/**
 * One peer connection with the bridge. The bridge always offers, we always answer; all changes go through one
 * queue, and changes that wait together cost one negotiation (RFC 8829).
 */
import { type Logger, type RandomSource, randomUint32, type Timers } from '@conclave/base';
import type { AudioSourceMapping, VideoSourceMapping } from '@conclave/protocols/bridge-channel';
import type { IceTransport, MediaDescription } from '@conclave/protocols/colibri';
import {
  addSimulcast,
  type LocalAnswer,
  type LocalMedia as LocalLine,
  MediaLines,
  readLocalAnswer,
  writeRemoteOffer,
} from '@conclave/protocols/sdp';
import { type ReadonlyStore, Store } from '../store.ts';
import type { LocalKind } from './local-media.ts';
import type { MediaTraits } from './media-traits.ts';
import { RemoteLines } from './remote-lines.ts';
import type { OwnedRemoteSource } from './remote-sources.ts';
import { LAYER_RIDS, layerEncodings, SIMULCAST_LAYERS } from './simulcast-layers.ts';
import { Turnover } from './turnover.ts';

export interface RemoteTrack {
  readonly sourceName: string;
  /** Endpoint id. */
  readonly owner: string;
  readonly type: 'audio' | 'video';
  readonly videoType: 'camera' | 'desktop';
  /** Holds just this track. */
  readonly stream: MediaStream;
}

export type IceState = 'connecting' | 'connected' | 'interrupted' | 'failed';

export interface MediaSessionDependencies {
  readonly timers: Timers;
  readonly random: RandomSource;
  readonly logger: Logger;
  createPeerConnection(): RTCPeerConnection;
}

export interface MediaOffer {
  readonly transport: IceTransport;
  readonly media: readonly MediaDescription[];
  readonly sources: readonly OwnedRemoteSource[];
  /** The bridge channel is a data channel. */
  readonly hasDataChannel: boolean;
}

const SCREEN_MAX_BITRATE_BPS = 2_500_000;
const OWN_LINES = { audio: '0', video: '1' } as const;

export class MediaSession {
  readonly #dependencies: MediaSessionDependencies;
  readonly #offer: MediaOffer;
  readonly #pc: RTCPeerConnection;
  readonly #lines: MediaLines;
  readonly #remote: RemoteLines;
  readonly #tracks = new Store<readonly RemoteTrack[]>([]);
  /** As published last, by mid. */
  readonly #trackOnLine = new Map<string, RemoteTrack>();
  readonly #iceState = new Store<IceState>('connecting');
  readonly #local: Record<LocalKind, MediaStreamTrack | null> = { audio: null, video: null };
  readonly #turnover: Turnover;
  readonly #sessionId: string;
  readonly #traits: MediaTraits;
  #transport: IceTransport;
  #version = 0;
  #queue: Promise<void> = Promise.resolve();
  #negotiationWaits = false;
  #maxHeightPx = -1;
  #screenMid: string | undefined;
  #screenWanted = true;
  #closed = false;

  constructor(dependencies: MediaSessionDependencies, offer: MediaOffer, traits: MediaTraits) {
    this.#dependencies = dependencies;
    this.#offer = offer;
    this.#transport = offer.transport;
    this.#traits = traits;
    this.#sessionId = String(randomUint32(dependencies.random));
    this.#lines = new MediaLines(undefined, offer.hasDataChannel);
    if (traits.guessesLines) this.#addSpareLines();
    this.#remote = new RemoteLines(this.#lines);
    for (const source of offer.sources) this.#remote.add(source);
    this.#turnover = new Turnover(dependencies.timers, () => this.#publishTracks());
    this.#pc = dependencies.createPeerConnection();
    this.#pc.oniceconnectionstatechange = () => this.#handleIceState();
  }

  /** One more line of each type that nobody is ever on: with two there is nothing to guess. */
  #addSpareLines(): void {
    for (const type of ['audio', 'video'] as const) {
      const ssrcs = [randomUint32(this.#dependencies.random)];
      this.#lines.add({ type, name: `spare-${type}`, ssrcs, groups: [] });
    }
  }

  get remoteTracks(): ReadonlyStore<readonly RemoteTrack[]> {
    return this.#tracks;
  }

  get iceState(): ReadonlyStore<IceState> {
    return this.#iceState;
  }

  get peerConnection(): RTCPeerConnection {
    return this.#pc;
  }

  /** The first negotiation. Rejects when the browser refuses the offer. */
  accept(): Promise<LocalAnswer> {
    return this.#request(() => this.#accept());
  }

  async #accept(): Promise<LocalAnswer> {
    const sdp = await this.#negotiate(async () => {
      for (const kind of ['audio', 'video'] as const) {
        const transceiver = this.#transceiver(OWN_LINES[kind]);
        if (transceiver === undefined) continue;
        transceiver.direction = 'sendrecv';
        await transceiver.sender.replaceTrack(this.#local[kind]);
      }
    });
    await this.#applyEncodings();
    this.#publishTracks();
    const result = readLocalAnswer(sdp);
    if (result.type === 'error') throw new Error(`unusable answer: ${result.reason}`);
    return result.value;
  }

  /** Sends this track from now on; undefined sends nothing. No negotiation is needed. */
  setLocalTrack(kind: LocalKind, track: MediaStreamTrack | undefined): void {
    this.#local[kind] = track ?? null;
    this.#enqueue(async () => {
      await this.#transceiver(OWN_LINES[kind])?.sender.replaceTrack(this.#local[kind]);
    });
  }

  /**
   * Sends a screen from now on, or nothing; after `accept`. Resolves with the line that it goes out on. Rejects when the
   * browser refuses.
   */
  setScreenTrack(track: MediaStreamTrack | undefined): Promise<LocalLine | undefined> {
    return this.#request(() => this.#negotiateScreen(track));
  }

  /** @param wanted whether anybody looks at the screen */
  setScreenWanted(wanted: boolean): void {
    if (wanted === this.#screenWanted) return;
    this.#screenWanted = wanted;
    this.#enqueue(() => this.#applyScreenEncoding());
  }

  /** @param maxHeightPx greatest height anybody wants of our camera; 0 nobody, -1 no limit */
  setSenderMaxHeight(maxHeightPx: number): void {
    if (maxHeightPx === this.#maxHeightPx) return;
    this.#maxHeightPx = maxHeightPx;
    this.#enqueue(() => this.#applyEncodings());
  }

  /** Takes new ICE credentials of the bridge; resolves with ours (RFC 8445 §9). Rejects when the browser refuses. */
  renewIce(transport: IceTransport): Promise<IceTransport> {
    return this.#request(async () => {
      // Candidates only afterwards: with them at once the browser gives up the present path before it has another.
      this.#transport = { ...this.#transport, ...transport, candidates: [] };
      await this.#negotiate();
      this.#transport = { ...this.#transport, candidates: transport.candidates };
      const answer = readLocalAnswer(await this.#negotiate());
      if (answer.type === 'error') throw new Error(`unusable answer: ${answer.reason}`);
      return answer.value.transport;
    });
  }

  addSources(sources: readonly OwnedRemoteSource[]): void {
    for (const source of sources) {
      if (!this.#remote.add(source)) {
        this.#dependencies.logger.warn('media.source.refused', { name: source.name });
      }
    }
    this.#negotiateSoon();
  }

  removeSources(names: readonly string[]): void {
    if (!this.#remote.remove(names)) return;
    // The picture goes at once; the browser is told a moment later.
    this.#publishTracks();
    this.#negotiateSoon();
  }

  /** SSRC rewriting: whose the bridge's SSRCs are from now on. */
  mapSources(
    type: 'audio' | 'video',
    mappings: readonly (AudioSourceMapping | VideoSourceMapping)[],
  ): void {
    const { isNegotiationNeeded, changedHands } = this.#remote.map(type, mappings);
    for (const mid of type === 'video' ? changedHands : []) {
      const receiver = this.#transceiver(mid)?.receiver;
      if (receiver !== undefined) this.#turnover.begin(mid, receiver);
    }
    this.#publishTracks();
    if (isNegotiationNeeded) this.#negotiateSoon();
  }

  /** Somebody left: the focus sends no source-remove for that. */
  removeOwner(owner: string): void {
    const isNegotiationNeeded = this.#remote.removeOwner(owner);
    this.#publishTracks();
    if (isNegotiationNeeded) this.#negotiateSoon();
  }

  /** Idempotent. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#turnover.close();
    this.#pc.oniceconnectionstatechange = null;
    this.#pc.close();
    this.#tracks.set([]);
  }

  #negotiateSoon(): void {
    if (this.#negotiationWaits) return;
    this.#negotiationWaits = true;
    this.#enqueue(async () => {
      this.#negotiationWaits = false;
      await this.#negotiate();
      this.#publishTracks();
    });
  }

  /** Offers the lines as they are now and answers; resolves with the answer. */
  async #negotiate(prepareAnswer?: () => Promise<void>): Promise<string> {
    const detour = this.#lines.takeDetour();
    if (detour !== undefined) {
      await this.#pc.setRemoteDescription({ type: 'offer', sdp: this.#writeOffer(detour) });
      await this.#answer();
    }
    await this.#pc.setRemoteDescription({ type: 'offer', sdp: this.#writeOffer() });
    await prepareAnswer?.();
    return this.#answer();
  }

  async #negotiateScreen(track: MediaStreamTrack | undefined): Promise<LocalLine | undefined> {
    if (track === undefined && this.#screenMid === undefined) return undefined;
    const mid = this.#lines.addScreen();
    this.#screenMid = mid;
    const sdp = await this.#negotiate(async () => {
      const transceiver = this.#transceiver(mid);
      if (transceiver === undefined) throw new Error('the browser has no line for a screen');
      transceiver.direction = track === undefined ? 'inactive' : 'sendonly';
      await transceiver.sender.replaceTrack(track ?? null);
    });
    const answer = readLocalAnswer(sdp);
    await this.#applyScreenEncoding();
    this.#publishTracks();
    if (track === undefined) return undefined;
    const line =
      answer.type === 'ok' ? answer.value.media.find((media) => media.mid === mid) : undefined;
    if (line === undefined || line.ssrcs.length === 0) throw new Error('the screen has no SSRC');
    return line;
  }

  async #applyScreenEncoding(): Promise<void> {
    const sender = this.#screenMid && this.#transceiver(this.#screenMid)?.sender;
    if (!sender) return;
    const parameters = sender.getParameters();
    const encoding = { active: this.#screenWanted, maxBitrate: SCREEN_MAX_BITRATE_BPS };
    for (const known of parameters.encodings) Object.assign(known, encoding);
    // Text that moves in jerks can be read; text that is blurred cannot.
    parameters.degradationPreference = 'maintain-resolution';
    await sender.setParameters(parameters);
  }

  /** Runs `change` after all earlier ones; its result and its failure are the caller's. */
  #request<T>(change: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#enqueue(() => change().then(resolve, reject));
    });
  }

  /** Runs `change` after all earlier ones; a failure is logged and does not stop the later ones. */
  #enqueue(change: () => Promise<void>): void {
    this.#queue = this.#queue.then(async () => {
      if (this.#closed) return;
      try {
        await change();
      } catch (error) {
        if (!this.#closed) {
          this.#dependencies.logger.error('media.change.failed', { reason: String(error) });
        }
      }
    });
  }

  #writeOffer(lines = this.#lines.lines): string {
    return writeRemoteOffer({
      sessionId: this.#sessionId,
      sessionVersion: ++this.#version,
      transport: this.#transport,
      media: this.#offer.media,
      lines,
      cameraRids: this.#traits.simulcast === 'rid' ? LAYER_RIDS : [],
    });
  }

  async #answer(): Promise<string> {
    const { sdp = '' } = await this.#pc.createAnswer();
    const layers = this.#traits.simulcast === 'ssrc' ? SIMULCAST_LAYERS.length : 1;
    const munged = addSimulcast(sdp, OWN_LINES.video, layers, () =>
      randomUint32(this.#dependencies.random),
    );
    await this.#pc.setLocalDescription({ type: 'answer', sdp: munged });
    return munged;
  }

  async #applyEncodings(): Promise<void> {
    const sender = this.#transceiver(OWN_LINES.video)?.sender;
    if (sender === undefined) return;
    const parameters = sender.getParameters();
    const wanted = layerEncodings(this.#maxHeightPx, parameters.encodings.length);
    for (const [index, encoding] of parameters.encodings.entries()) {
      Object.assign(encoding, wanted[index]);
    }
    parameters.degradationPreference = 'maintain-framerate';
    await sender.setParameters(parameters);
  }

  #transceiver(mid: string): RTCRtpTransceiver | undefined {
    return this.#pc.getTransceivers().find((transceiver) => transceiver.mid === mid);
  }

  /** Only when something changed. A line keeps its stream when it changes hands: what plays it goes on playing. */
  #publishTracks(): void {
    if (this.#closed) return;
    const before = this.#tracks.get();
    const tracks: RemoteTrack[] = [];
    for (const { mid, source } of this.#remote.carried()) {
      const track = this.#transceiver(mid)?.receiver.track;
      if (track === undefined || this.#turnover.isUnderWay(mid)) continue;
      const known = this.#trackOnLine.get(mid);
      const isSameStream = known?.stream.getTracks()[0] === track;
      const { name, owner, type, videoType } = source;
      const stream = isSameStream ? known.stream : new MediaStream([track]);
      const isSame = isSameStream && known.sourceName === name && known.owner === owner;
      const published = isSame ? known : { sourceName: name, owner, type, videoType, stream };
      this.#trackOnLine.set(mid, published);
      tracks.push(published);
    }
    const isSame = tracks.length === before.length && tracks.every((t, i) => t === before[i]);
    if (!isSame) this.#tracks.set(tracks);
  }

  #handleIceState(): void {
    switch (this.#pc.iceConnectionState) {
      case 'connected':
      case 'completed':
        this.#iceState.set('connected');
        return;
      case 'disconnected':
        this.#iceState.set('interrupted');
        return;
      case 'failed':
        this.#iceState.set('failed');
        return;
      default:
    }
  }
}
