/**
 * The Jingle session with the focus and all that hangs on it: peer connection, bridge channel, local tracks, repair
 * (XEP-0166, 0167 and Jitsi's source-add and source-remove). One at a time; a new offer replaces the old session.
 */
import { type RandomSource, randomHex } from '@conclave/base';
import type { BridgeMessage, ClientMessage } from '@conclave/protocols/bridge-channel';
import {
  CLIENT_JINGLE_LIMITS,
  type Jingle,
  jingleFromXml,
  jingleToXml,
  ownedSourcesOf,
} from '@conclave/protocols/jingle';
import { type XmlElement, xml } from '@conclave/protocols/xml';
import { NS } from '@conclave/protocols/xmpp';
import type { Platform } from '../platform/platform.ts';
import { type ReadonlyStore, Store } from '../store.ts';
import type { IqReply } from '../xmpp/iq-handlers.ts';
import { RequestError } from '../xmpp/request-error.ts';
import { BridgeChannel } from './bridge-channel.ts';
import { collectCallStats } from './call-stats.ts';
import { carrierOf, hasDataChannel } from './channel-carrier.ts';
import { ConnectionQuality } from './connection-quality.ts';
import { IceFailure } from './ice-failure.ts';
import type { IceRenewal } from './ice-renewal.ts';
import type { LocalMedia } from './local-media.ts';
import type { LocalScreen } from './local-screen.ts';
import { type IceState, MediaSession, type RemoteTrack } from './media-session.ts';
import type { MediaTraits } from './media-traits.ts';
import { offeredMedia } from './offered-media.ts';
import { type MixAudio, OutgoingAudio } from './outgoing-audio.ts';
import { remoteSourcesOf } from './remote-sources.ts';
import { ScreenSender, screenSourceName } from './screen-sender.ts';
import { sessionAccept } from './session-accept.ts';
import { sessionRenewal } from './session-renewal.ts';
import { INITIAL_LAYOUT, receiverConstraints, type VideoLayout } from './video-layout.ts';
import { VideoTypes } from './video-types.ts';

export type MediaState = 'none' | IceState;

export interface MediaControllerOptions {
  readonly endpointId: string;
  readonly ownJid: string;
  /** What the browser does differently from others. */
  readonly traits: MediaTraits;
}

export interface MediaControllerDependencies {
  readonly platform: Platform;
  readonly random: RandomSource;
  readonly localMedia: LocalMedia;
  readonly screen: LocalScreen;
  createPeerConnection(): RTCPeerConnection;
  readonly mixAudio: MixAudio;
  /** Sends a Jingle request to the focus; rejects with a RequestError. */
  requestFocus(payload: XmlElement): Promise<unknown>;
  checkSignalling(): Promise<unknown>;
  onEndpointMessage(from: string, payload: Readonly<Record<string, unknown>>): void;
  /** How the room wants those to begin who come now; before our devices are sent. */
  onStartMuted(startMuted: { readonly audio: boolean; readonly video: boolean }): void;
  onDominantSpeaker(id: string, isSilent: boolean): void;
  /** The room has no place for our screen. */
  onScreenRefused(): void;
  /** Media cannot be repaired. */
  onFailed(): void;
}

interface Current {
  readonly offer: Jingle;
  readonly session: MediaSession;
  readonly channel: BridgeChannel | undefined;
  readonly iceRenewal: IceRenewal;
  readonly unsubscribe: readonly (() => void)[];
  /** Once the session is accepted. */
  screenSender?: ScreenSender;
}

export class MediaController {
  readonly quality: ConnectionQuality;
  readonly #dependencies: MediaControllerDependencies;
  readonly #options: MediaControllerOptions;
  readonly #tracks = new Store<readonly RemoteTrack[]>([]);
  readonly #state = new Store<MediaState>('none');
  readonly #dominantSpeaker = new Store<string | undefined>(undefined);
  readonly #forwarded = new Store<ReadonlySet<string> | undefined>(undefined);
  readonly #iceFailure: IceFailure;
  readonly #videoTypes: VideoTypes;
  readonly #outgoingAudio: OutgoingAudio;
  readonly #unsubscribeLocal: readonly (() => void)[];
  #layout: VideoLayout = INITIAL_LAYOUT;
  #current: Current | undefined;

  constructor(dependencies: MediaControllerDependencies, options: MediaControllerOptions) {
    this.#dependencies = dependencies;
    this.#options = options;
    const { platform, localMedia } = dependencies;
    this.quality = new ConnectionQuality({
      timers: platform.timers,
      ownId: options.endpointId,
      collect: () => collectCallStats(this.peerConnection),
      send: (stats) => this.#current?.channel?.send(stats),
    });
    this.#videoTypes = new VideoTypes(dependencies, options.endpointId, (key, message) =>
      this.#current?.channel?.sendLasting(key, message),
    );
    this.#iceFailure = new IceFailure(platform.timers, dependencies.random, {
      checkSignalling: dependencies.checkSignalling,
      restart: () => this.#restart('connectivity-error', 'ICE FAILED'),
      giveUp: dependencies.onFailed,
    });
    this.#outgoingAudio = new OutgoingAudio(localMedia, dependencies.screen, dependencies.mixAudio);
    this.#unsubscribeLocal = [
      this.#outgoingAudio.track.subscribe(() => this.#handleLocalChange('audio')),
      localMedia.video.subscribe(() => this.#handleLocalChange('video')),
      dependencies.screen.track.subscribe(() => this.#videoTypes.tell()),
    ];
  }

  get remoteTracks(): ReadonlyStore<readonly RemoteTrack[]> {
    return this.#tracks;
  }

  get state(): ReadonlyStore<MediaState> {
    return this.#state;
  }

  /** Endpoint id of who speaks, or spoke last. */
  get dominantSpeaker(): ReadonlyStore<string | undefined> {
    return this.#dominantSpeaker;
  }

  /** Names of the video sources that the bridge sends us; undefined until it says. */
  get forwardedSources(): ReadonlyStore<ReadonlySet<string> | undefined> {
    return this.#forwarded;
  }

  get peerConnection(): RTCPeerConnection | undefined {
    return this.#current?.session.peerConnection;
  }

  get channelIsOpen(): boolean {
    return this.#current?.channel?.isOpen.get() ?? false;
  }

  setLayout(layout: VideoLayout): void {
    const before = JSON.stringify(receiverConstraints(this.#layout));
    this.#layout = layout;
    const constraints = receiverConstraints(layout);
    if (JSON.stringify(constraints) === before) return;
    this.#current?.channel?.sendLasting('layout', constraints);
  }

  /** False when the channel is not open. */
  sendEndpointMessage(to: string, msgPayload: Readonly<Record<string, unknown>>): boolean {
    const message: ClientMessage = { colibriClass: 'EndpointMessage', to, msgPayload };
    return this.#current?.channel?.send(message) ?? false;
  }

  /** A Jingle request from the focus. */
  handleJingle(payload: XmlElement): IqReply {
    const result = jingleFromXml(payload, CLIENT_JINGLE_LIMITS);
    if (result.type === 'error') {
      this.#dependencies.platform.logger.warn('jingle.refused', { reason: result.reason });
      return { type: 'error', condition: 'bad-request' };
    }
    const { jingle } = result;
    const known = this.#current?.offer.sid === jingle.sid;
    if (jingle.action === 'session-initiate') {
      if (known) return { type: 'error', condition: 'service-unavailable' };
      this.#start(jingle);
      return { type: 'result' };
    }
    if (!known) {
      const extra = [xml('unknown-session', NS.jingleErrors)];
      return { type: 'error', condition: 'item-not-found', kind: 'cancel', extra };
    }
    switch (jingle.action) {
      case 'source-add':
        this.#current?.session.addSources(remoteSourcesOf(ownedSourcesOf(jingle, '')));
        break;
      case 'source-remove': {
        const names = remoteSourcesOf(ownedSourcesOf(jingle, '')).map(({ name }) => name);
        this.#current?.session.removeSources(names);
        break;
      }
      case 'transport-info': {
        const transport = jingle.contents.find((content) => content.transport)?.transport;
        if (transport !== undefined) this.#current?.iceRenewal.handleTransport(transport);
        break;
      }
      case 'session-terminate':
        this.#end();
        break;
      default:
    }
    return { type: 'result' };
  }

  handleParticipantLeft(id: string): void {
    this.#current?.session.removeOwner(id);
    this.quality.handleLeft(id);
    if (this.#dominantSpeaker.get() === id) this.#dominantSpeaker.set(undefined);
  }

  /** The network came back, or changed. */
  retryNow(): void {
    this.#current?.channel?.retryNow();
    this.#current?.iceRenewal.retryNow();
    if (this.#state.get() === 'failed') this.#iceFailure.handleFailed();
  }

  /** Idempotent. Does not tell the focus: leaving the room does. */
  close(): void {
    for (const unsubscribe of this.#unsubscribeLocal) unsubscribe();
    this.#outgoingAudio.close();
    this.#iceFailure.close();
    this.#end();
  }

  #start(offer: Jingle): void {
    this.#end();
    const transport = offer.contents.find((content) => content.transport)?.transport;
    if (transport === undefined) return;
    if (offer.startMuted !== undefined) this.#dependencies.onStartMuted(offer.startMuted);
    const session = new MediaSession(
      {
        random: this.#dependencies.random,
        timers: this.#dependencies.platform.timers,
        logger: this.#dependencies.platform.logger,
        createPeerConnection: this.#dependencies.createPeerConnection,
      },
      {
        transport,
        media: offeredMedia(offer),
        sources: remoteSourcesOf(ownedSourcesOf(offer, '')),
        hasDataChannel: hasDataChannel(offer),
      },
      this.#options.traits,
    );
    const channel = this.#openChannel(offer, session);
    this.#current = {
      offer,
      session,
      channel,
      iceRenewal: sessionRenewal(offer, session, this.#dependencies),
      unsubscribe: [
        session.remoteTracks.subscribe(() => this.#tracks.set(session.remoteTracks.get())),
        session.iceState.subscribe(() => this.#handleIceState(session.iceState.get())),
      ],
    };
    this.#state.set('connecting');
    this.quality.start();
    for (const kind of ['audio', 'video'] as const) this.#handleLocalChange(kind);
    this.#accept(offer, session).catch((error: unknown) => {
      this.#dependencies.platform.logger.error('jingle.accept.failed', { reason: String(error) });
      // A refusal of a session that is gone already means nothing.
      if (this.#current?.session !== session) return;
      this.#restart('failed-application', 'the offer could not be applied').catch(() =>
        this.#dependencies.onFailed(),
      );
    });
  }

  async #accept(offer: Jingle, session: MediaSession): Promise<void> {
    const answer = await session.accept();
    if (this.#current?.session !== session) return;
    const { endpointId, ownJid } = this.#options;
    const accept = sessionAccept(offer, answer, {
      endpointId,
      responder: ownJid,
      streamTag: randomHex(this.#dependencies.random, 8),
    });
    await this.#dependencies.requestFocus(jingleToXml(accept));
    if (this.#current?.session !== session) return;
    const { requestFocus, screen, onScreenRefused } = this.#dependencies;
    this.#current.screenSender = new ScreenSender(
      {
        screen,
        sendTrack: (track) => session.setScreenTrack(track),
        requestFocus,
        onRefused: onScreenRefused,
      },
      { endpointId, offer, streamTag: randomHex(this.#dependencies.random, 8) },
    );
  }

  #openChannel(offer: Jingle, session: MediaSession): BridgeChannel | undefined {
    const { platform } = this.#dependencies;
    const openCarrier = carrierOf(offer, platform, session.peerConnection);
    if (openCarrier === undefined) return undefined;
    const channel = new BridgeChannel(platform, openCarrier, (message) =>
      this.#handleBridgeMessage(message),
    );
    channel.sendLasting('layout', receiverConstraints(this.#layout));
    channel.open();
    return channel;
  }

  #handleLocalChange(kind: 'audio' | 'video'): void {
    const track =
      kind === 'audio'
        ? this.#outgoingAudio.track.get()
        : this.#dependencies.localMedia.video.get().track;
    this.#current?.session.setLocalTrack(kind, track);
    if (kind === 'video') this.#videoTypes.tell();
  }

  #handleBridgeMessage(message: BridgeMessage): void {
    switch (message.colibriClass) {
      case 'SenderSourceConstraints':
        if (message.sourceName === `${this.#options.endpointId}-v0`) {
          this.#current?.session.setSenderMaxHeight(message.maxHeight);
        } else if (message.sourceName === screenSourceName(this.#options.endpointId)) {
          this.#current?.session.setScreenWanted(message.maxHeight !== 0);
        }
        return;
      case 'AudioSourcesMap':
        this.#current?.session.mapSources('audio', message.mappedSources);
        return;
      case 'VideoSourcesMap':
        this.#current?.session.mapSources('video', message.mappedSources);
        return;
      case 'ForwardedSources':
        this.#forwarded.set(new Set(message.forwardedSources));
        return;
      case 'DominantSpeakerEndpointChangeEvent':
        this.#dominantSpeaker.set(message.dominantSpeakerEndpoint);
        this.#dependencies.onDominantSpeaker(message.dominantSpeakerEndpoint, message.silence);
        return;
      case 'EndpointStats':
        if (message.from !== undefined) this.quality.handleStats(message.from, message);
        return;
      case 'EndpointMessage':
        if (message.from !== undefined) {
          this.#dependencies.onEndpointMessage(message.from, message.msgPayload);
        }
        return;
      default:
    }
  }

  #handleIceState(state: IceState): void {
    this.#state.set(state);
    this.#current?.iceRenewal.handleState(state);
    if (state === 'connected') this.#iceFailure.handleConnected();
    else if (state === 'failed') this.#iceFailure.handleFailed();
  }

  /** Ends the session and asks the focus for another one. */
  async #restart(condition: string, text: string): Promise<void> {
    const current = this.#current;
    if (current === undefined) return;
    const { sid, initiator, bridgeSession } = current.offer;
    this.#end();
    this.#state.set('connecting');
    const terminate: Jingle = {
      action: 'session-terminate',
      sid,
      ...(initiator !== undefined && { initiator }),
      contents: [],
      bundle: [],
      reason: { condition, text },
      ...(bridgeSession !== undefined && { bridgeSession: { ...bridgeSession, restart: true } }),
    };
    try {
      await this.#dependencies.requestFocus(jingleToXml(terminate));
    } catch (error) {
      // The focus no longer knows the session: it has ended it, and will offer another.
      if (error instanceof RequestError && error.condition === 'item-not-found') return;
      throw error;
    }
  }

  #end(): void {
    const current = this.#current;
    this.#current = undefined;
    this.quality.stop();
    if (current !== undefined) {
      for (const unsubscribe of current.unsubscribe) unsubscribe();
      current.screenSender?.close();
      current.iceRenewal.close();
      current.session.close();
      current.channel?.close();
    }
    this.#tracks.set([]);
    this.#forwarded.set(undefined);
    this.#state.set('none');
  }
}
