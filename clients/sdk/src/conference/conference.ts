/**
 * Being in a room: asks the focus, joins, follows who is there, talks, and leaves. Media is the MediaController's.
 * State and order only (XEP-0045, and the conference request of Jitsi's focus).
 */
import { randomHex, randomUuid } from '@conclave/base';
import { type XmlElement, xml } from '@conclave/protocols/xml';
import { mucUserFromXml, NS, resourceOf } from '@conclave/protocols/xmpp';
import { Emitter } from '../emitter.ts';
import type { LocalMedia } from '../media/local-media.ts';
import { MediaController } from '../media/media-controller.ts';
import type { Platform } from '../platform/platform.ts';
import { type ReadonlyStore, Store } from '../store.ts';
import type { Connection, IqReply } from '../xmpp/connection.ts';
import { RequestError } from '../xmpp/request-error.ts';
import { Chat } from './chat.ts';
import { answerDiscoInfo, capsElement } from './client-caps.ts';
import { type ConferenceFailure, joinFailureFrom } from './conference-failure.ts';
import { requestConference } from './conference-request.ts';
import { declinePeerSession } from './decline-peer-session.ts';
import { joinPresence, type OwnPresence, presenceUpdate } from './own-presence.ts';
import { type Participant, participantFromPresence } from './participant.ts';
import { endpointIdFor, roomJid } from './room-address.ts';

export interface ConferenceOptions {
  /** As in the address bar. */
  readonly roomName: string;
  readonly mucDomain: string;
  readonly focusAddress: string;
  readonly displayName: string;
  /** What the browser can send and receive, preferred first, in lower case. */
  readonly videoCodecs: readonly string[];
  /** Whether the browser takes simulcast by SSRC in its own answer. */
  readonly simulcast: boolean;
}

export interface ConferenceDependencies {
  readonly platform: Platform;
  readonly connection: Connection;
  readonly localMedia: LocalMedia;
  createPeerConnection(): RTCPeerConnection;
}

export type ConferenceState =
  | { readonly type: 'idle' }
  | { readonly type: 'joining' }
  | { readonly type: 'joined' }
  | { readonly type: 'left' }
  | { readonly type: 'failed'; readonly failure: ConferenceFailure };

type ConferenceEvents = {
  participantJoined: [participant: Participant];
  participantLeft: [participant: Participant];
  /** A moderator silenced us; `byId` is empty when unknown. */
  mutedByModerator: [kind: 'audio' | 'video', byId: string];
  endpointMessage: [fromId: string, payload: Readonly<Record<string, unknown>>];
};

const FOCUS_NICK = 'focus';
const LEAVE_TIMEOUT_MS = 5_000;
const SIGNALLING_CHECK_MS = 65_000;
const MAX_PARTICIPANTS = 5_000;

export class Conference {
  readonly #dependencies: ConferenceDependencies;
  readonly #options: ConferenceOptions;
  readonly #roomJid: string;
  readonly #state = new Store<ConferenceState>({ type: 'idle' });
  readonly #participants = new Store<readonly Participant[]>([]);
  readonly #self: Store<Participant>;
  readonly #bridgeAvailable = new Store(true);
  readonly #events = new Emitter<ConferenceEvents>();
  readonly #abort = new AbortController();
  readonly #endpointId: string;
  readonly #chat: Chat;
  readonly #media: MediaController;
  readonly #unsubscribe: (() => void)[] = [];
  #nick: string;
  #displayName: string;
  #raisedHand = false;
  #focusJid = '';
  #focusIsHere = false;
  #caps: XmlElement | undefined;
  #password: string | undefined;
  #published = '';
  #leaveResolve: (() => void) | undefined;

  /** @param dependencies its connection must be connected: our name in the room comes from it */
  constructor(dependencies: ConferenceDependencies, options: ConferenceOptions) {
    this.#dependencies = dependencies;
    this.#options = options;
    const { platform, connection, localMedia } = dependencies;
    this.#roomJid = roomJid(options.roomName, options.mucDomain);
    this.#displayName = options.displayName;
    this.#endpointId = endpointIdFor(connection.jid, platform.random);
    this.#nick = this.#endpointId;
    this.#self = new Store<Participant>({
      id: this.#endpointId,
      displayName: options.displayName,
      isModerator: false,
      sources: [],
      audioMuted: true,
      videoMuted: true,
      raisedHand: false,
    });
    this.#chat = new Chat({
      ownId: this.#endpointId,
      nameOf: (id) => this.participant(id)?.displayName ?? '',
      newId: () => randomHex(platform.random, 16),
      wallMs: () => platform.clock.wallMs(),
    });
    this.#media = new MediaController(
      {
        platform,
        random: platform.random,
        localMedia,
        createPeerConnection: dependencies.createPeerConnection,
        requestFocus: (payload) => connection.request('set', this.#occupant(FOCUS_NICK), payload),
        checkSignalling: () =>
          connection.request('get', undefined, xml('ping', NS.ping), {
            timeoutMs: SIGNALLING_CHECK_MS,
          }),
        onEndpointMessage: (from, payload) => this.#events.emit('endpointMessage', from, payload),
        onFailed: () => this.#fail({ type: 'mediaFailed' }),
      },
      {
        endpointId: this.#endpointId,
        ownJid: connection.jid,
        simulcast: options.simulcast,
      },
    );
    this.#unsubscribe.push(
      connection.on('presence', (stanza) => this.#handlePresence(stanza)),
      connection.on('message', (stanza) => this.#handleMessage(stanza)),
      connection.handleIq((iq, payload) => this.#handleIq(iq, payload)),
      connection.handleIq(answerDiscoInfo),
      connection.state.subscribe(() => this.#handleConnectionState()),
      localMedia.audio.subscribe(() => this.#publishPresence()),
      localMedia.video.subscribe(() => this.#publishPresence()),
    );
  }

  readonly on: Emitter<ConferenceEvents>['on'] = (name, listener) =>
    this.#events.on(name, listener);

  get state(): ReadonlyStore<ConferenceState> {
    return this.#state;
  }

  /** Everybody else, in order of arrival, without the focus. */
  get participants(): ReadonlyStore<readonly Participant[]> {
    return this.#participants;
  }

  get self(): ReadonlyStore<Participant> {
    return this.#self;
  }

  /** False while the server has no media server for this room. */
  get bridgeAvailable(): ReadonlyStore<boolean> {
    return this.#bridgeAvailable;
  }

  get chat(): Chat {
    return this.#chat;
  }

  get media(): MediaController {
    return this.#media;
  }

  participant(id: string): Participant | undefined {
    if (id === this.#endpointId) return this.#self.get();
    return this.#participants.get().find((participant) => participant.id === id);
  }

  /**
   * Joins; may be called again when joining failed, e.g. with `passwordRequired`. Resolves when the attempt has begun to be
   * decided: the outcome is in `state`.
   */
  async join(password?: string): Promise<void> {
    const { type } = this.#state.get();
    if (type === 'joined' || type === 'joining' || type === 'left') return;
    if (this.#unsubscribe.length === 0) return;
    this.#state.set({ type: 'joining' });
    this.#password = password;
    const { platform, connection } = this.#dependencies;
    try {
      const [ready, caps] = await Promise.all([
        requestConference(
          connection,
          platform.timers,
          {
            focusAddress: this.#options.focusAddress,
            roomJid: this.#roomJid,
            machineUid: randomUuid(platform.random),
          },
          this.#abort.signal,
        ),
        this.#caps ?? capsElement(platform.sha1Base64),
      ]);
      this.#focusJid = ready.focusJid;
      this.#caps = caps;
    } catch (error) {
      if (this.#state.get().type !== 'joining') return;
      const known = error instanceof RequestError;
      const condition = known ? error.condition : 'undefined-condition';
      const text = known ? (error.text ?? '') : String(error);
      if (condition === 'disconnected') this.#fail({ type: 'connectionLost', text });
      else this.#fail({ type: 'requestFailed', condition, text });
      return;
    }
    if (this.#state.get().type === 'joining') this.#sendJoin();
  }

  setDisplayName(name: string): void {
    this.#displayName = name;
    this.#publishPresence();
  }

  setRaisedHand(raised: boolean): void {
    this.#raisedHand = raised;
    this.#publishPresence();
  }

  /** @param toId only for this participant, or undefined for everybody */
  sendChat(text: string, toId?: string): void {
    if (text.trim() === '' || this.#state.get().type !== 'joined') return;
    this.#dependencies.connection.send(this.#chat.compose(this.#roomJid, text, toId));
  }

  /** Leaves and resolves when the room has confirmed it, after 5 s at most. Closes media at once. */
  async leave(): Promise<void> {
    const { type } = this.#state.get();
    if (type === 'left') return;
    const { connection, platform } = this.#dependencies;
    this.#state.set({ type: 'left' });
    this.#abort.abort();
    this.#media.close();
    if (type === 'joined' || type === 'joining') {
      const confirmed = new Promise<void>((resolve) => {
        const timer = platform.timers.schedule(LEAVE_TIMEOUT_MS, resolve);
        this.#leaveResolve = () => {
          timer.cancel();
          resolve();
        };
      });
      connection.send(
        xml('presence', NS.client, { to: this.#occupant(this.#nick), type: 'unavailable' }),
      );
      if (connection.state.get().type === 'connected') await confirmed;
    }
    this.#release();
  }

  #occupant(nick: string): string {
    return `${this.#roomJid}/${nick}`;
  }

  #ownPresence(): OwnPresence {
    const { localMedia } = this.#dependencies;
    return {
      endpointId: this.#endpointId,
      displayName: this.#displayName,
      audioMuted: localMedia.audio.get().muted,
      videoMuted: localMedia.video.get().muted || localMedia.video.get().track === undefined,
      raisedHand: this.#raisedHand,
      videoCodecs: this.#options.videoCodecs,
    };
  }

  #sendJoin(): void {
    if (this.#caps === undefined) return;
    const own = this.#ownPresence();
    this.#published = JSON.stringify(own);
    this.#dependencies.connection.send(
      joinPresence(this.#occupant(this.#nick), own, this.#caps, this.#password),
    );
  }

  /** Presence goes out only when it says something new. */
  #publishPresence(): void {
    const own = this.#ownPresence();
    this.#self.update((self) => ({
      ...self,
      displayName: own.displayName,
      audioMuted: own.audioMuted,
      videoMuted: own.videoMuted,
      raisedHand: own.raisedHand,
    }));
    const text = JSON.stringify(own);
    if (this.#state.get().type !== 'joined' || this.#caps === undefined) return;
    if (text === this.#published) return;
    this.#published = text;
    this.#dependencies.connection.send(presenceUpdate(this.#occupant(this.#nick), own, this.#caps));
  }

  #handlePresence(stanza: XmlElement): void {
    const from = stanza.attribute('from') ?? '';
    if (from !== this.#roomJid && !from.startsWith(`${this.#roomJid}/`)) return;
    const nick = resourceOf(from);
    const type = stanza.attribute('type');
    if (type === 'error') this.#handleJoinError(stanza);
    else if (type === 'unavailable') this.#handleUnavailable(stanza, nick);
    else if (type === undefined) this.#handleAvailable(stanza, nick);
  }

  #handleJoinError(stanza: XmlElement): void {
    if (this.#state.get().type !== 'joining') return;
    this.#fail(joinFailureFrom(stanza, this.#password !== undefined));
  }

  #handleAvailable(stanza: XmlElement, nick: string): void {
    if (nick === '') return;
    if (this.#isFocus(stanza, nick)) {
      this.#focusIsHere = true;
      this.#bridgeAvailable.set(stanza.child('bridgeNotAvailable', NS.focus) === undefined);
      return;
    }
    const participant = participantFromPresence(nick, stanza);
    if (nick === this.#nick) {
      this.#handleSelf(participant);
      return;
    }
    const participants = this.#participants.get();
    const index = participants.findIndex(({ id }) => id === nick);
    if (index >= 0) {
      this.#participants.set(participants.with(index, participant));
      return;
    }
    if (participants.length >= MAX_PARTICIPANTS) return;
    this.#participants.set([...participants, participant]);
    // Those who were there before us did not join now.
    if (this.#state.get().type === 'joined') {
      this.#chat.addPresence('joined', participant.displayName);
    }
    this.#events.emit('participantJoined', participant);
  }

  #handleSelf({ isModerator }: Participant): void {
    this.#self.update((self) =>
      self.isModerator === isModerator ? self : { ...self, isModerator },
    );
    if (this.#state.get().type !== 'joining') return;
    this.#state.set({ type: 'joined' });
    this.#publishPresence();
  }

  /** The nickname alone proves nothing: the room shows everybody's real address. */
  #isFocus(stanza: XmlElement, nick: string): boolean {
    if (nick !== FOCUS_NICK) return false;
    const jid = mucUserFromXml(stanza)?.item?.jid;
    return this.#focusJid !== '' && jid?.startsWith(`${this.#focusJid}/`) === true;
  }

  #handleUnavailable(stanza: XmlElement, nick: string): void {
    const user = mucUserFromXml(stanza);
    if (nick === this.#nick || user?.statusCodes.includes(110) === true) {
      this.#leaveResolve?.();
      if (this.#state.get().type === 'left') return;
      if (user?.destroy !== undefined) {
        this.#fail({ type: 'destroyed', reason: user.destroy.reason ?? '' });
      } else if (user?.statusCodes.includes(307) === true) {
        const by = this.participant(user.item?.actorNick ?? '')?.displayName ?? '';
        this.#fail({ type: 'kicked', by, reason: user.item?.reason ?? '' });
      } else this.#fail({ type: 'conferenceGone' });
      return;
    }
    if (stanza.child('ignore') !== undefined) return;
    if (nick === FOCUS_NICK && this.#focusIsHere) {
      this.#fail({ type: 'conferenceGone' });
      return;
    }
    const participant = this.participant(nick);
    if (participant === undefined) return;
    this.#participants.update((all) => all.filter(({ id }) => id !== nick));
    this.#media.handleParticipantLeft(nick);
    this.#chat.addPresence('left', participant.displayName);
    this.#events.emit('participantLeft', participant);
  }

  #handleMessage(stanza: XmlElement): void {
    const from = stanza.attribute('from') ?? '';
    if (from !== this.#roomJid && !from.startsWith(`${this.#roomJid}/`)) return;
    const nick = resourceOf(from);
    this.#chat.handleMessage(stanza, nick);
  }

  #handleIq(iq: XmlElement, payload: XmlElement): IqReply | undefined {
    const from = iq.attribute('from') ?? '';
    const isFocus = this.#focusIsHere && from === this.#occupant(FOCUS_NICK);
    if (payload.ns === NS.jingle && payload.name === 'jingle') {
      if (isFocus) return this.#media.handleJingle(payload);
      const decline = from.startsWith(`${this.#roomJid}/`) && declinePeerSession(payload);
      if (!decline) return undefined;
      this.#dependencies.connection.request('set', from, decline).catch(() => {
        // The other side has given up meanwhile.
      });
      return { type: 'result' };
    }
    if (payload.name !== 'mute' || !isFocus) return undefined;
    const kind =
      payload.ns === NS.jitmeetAudio
        ? 'audio'
        : payload.ns === NS.jitmeetVideo
          ? 'video'
          : undefined;
    if (kind === undefined || payload.text !== 'true') return undefined;
    void this.#dependencies.localMedia.setMuted(kind, true);
    this.#events.emit('mutedByModerator', kind, resourceOf(payload.attribute('actor') ?? ''));
    return { type: 'result' };
  }

  #handleConnectionState(): void {
    const state = this.#dependencies.connection.state.get();
    if (state.type === 'connected') this.#media.retryNow();
    if (state.type !== 'closed') return;
    this.#leaveResolve?.();
    const { type } = this.#state.get();
    if (type === 'joined' || type === 'joining') {
      this.#fail({ type: 'connectionLost', text: state.text });
    }
  }

  #fail(failure: ConferenceFailure): void {
    const { type } = this.#state.get();
    if (type === 'left' || type === 'failed') return;
    this.#state.set({ type: 'failed', failure });
    if (type === 'joining' && failure.type !== 'connectionLost') return;
    this.#media.close();
    this.#release();
  }

  #release(): void {
    for (const unsubscribe of this.#unsubscribe.splice(0)) unsubscribe();
    this.#participants.set([]);
  }
}
