/**
 * Being in a room: asks the focus, joins or knocks, follows who is there, and leaves. State and order only; what is said
 * and done in the room is its parts' (XEP-0045, and the conference request of Jitsi's focus).
 */
import { randomHex } from '@conclave/base';
import type { XmlElement } from '@conclave/protocols/xml';
import { NS, resourceOf } from '@conclave/protocols/xmpp';
import { Emitter } from '../emitter.ts';
import type { LocalKind } from '../media/local-media.ts';
import { MediaController } from '../media/media-controller.ts';
import { type ReadonlyStore, Store } from '../store.ts';
import type { IqReply } from '../xmpp/iq-handlers.ts';
import { Chat } from './chat.ts';
import { answerDiscoInfo, clientInfo } from './client-caps.ts';
import {
  type ConferenceFailure,
  exitFailureFrom,
  joinFailureFrom,
  requestFailureFrom,
} from './conference-failure.ts';
import type {
  ConferenceDependencies,
  ConferenceOptions,
  ConferenceState,
} from './conference-options.ts';
import { declinePeerSession } from './decline-peer-session.ts';
import { Departure } from './departure.ts';
import { Entrance } from './entrance.ts';
import { LobbyVisit } from './lobby-visit.ts';
import type { ModeratedMedium } from './moderation.ts';
import { OwnOccupant } from './own-occupant.ts';
import type { Participant } from './participant.ts';
import type { Permissions } from './permissions.ts';
import { Reactions } from './reactions.ts';
import { endpointIdFor, roomJid } from './room-address.ts';
import { FOCUS_NICK, isFromRoom, type RoomContext } from './room-context.ts';
import { RoomFeatures } from './room-features.ts';
import { readRoomPresence } from './room-presence.ts';
import { Roster } from './roster.ts';

type ConferenceEvents = {
  participantJoined: [participant: Participant];
  participantLeft: [participant: Participant];
  /** A moderator silenced us; `byId` is empty when unknown. */
  mutedByModerator: [medium: ModeratedMedium, byId: string];
  /** As a visitor we asked to take part, and a moderator said no. */
  promotionRefused: [];
  /** The room has no place for our screen; it is no longer shared. */
  screenRefused: [];
  endpointMessage: [fromId: string, payload: Readonly<Record<string, unknown>>];
};

export class Conference {
  readonly chat: Chat;
  readonly media: MediaController;
  readonly reactions: Reactions;
  /** How the focus knows us. */
  readonly entrance: Entrance;
  /** Lobby, moderation and the like. */
  readonly features: RoomFeatures;
  readonly #dependencies: ConferenceDependencies;
  readonly #context: RoomContext;
  readonly #state = new Store<ConferenceState>({ type: 'idle' });
  readonly #roster = new Roster();
  readonly #own: OwnOccupant;
  readonly #bridgeAvailable = new Store(true);
  readonly #startedMuted = new Store<readonly LocalKind[]>([]);
  readonly #events = new Emitter<ConferenceEvents>();
  readonly #abort = new AbortController();
  readonly #departure: Departure;
  readonly #unsubscribe: (() => void)[] = [];
  #visit: LobbyVisit | undefined;
  #focusIsHere = false;
  #hadSession = false;
  #password: string | undefined;

  /** @param dependencies its connection must be connected: our name in the room comes from it */
  constructor(dependencies: ConferenceDependencies, options: ConferenceOptions) {
    this.#dependencies = dependencies;
    const { platform, connection, localMedia, screen } = dependencies;
    const context: RoomContext = {
      roomJid: options.breakoutJid ?? roomJid(options.roomName, options.mucDomain),
      ownId: endpointIdFor(connection.jid, platform.random),
      send: (stanza) => connection.send(stanza),
      request: (type, to, payload) => connection.request(type, to, payload),
    };
    this.#context = context;
    const { ownId } = context;
    const devices = { clock: platform.clock, localMedia, screen };
    this.#own = new OwnOccupant(context, connection.jid, devices, options);
    this.#departure = new Departure(context, platform.timers);
    const people = {
      nameOf: (id: string) => this.participant(id)?.displayName ?? '',
      newId: () => randomHex(platform.random, 16),
      nowMs: () => platform.clock.nowMs(),
    };
    this.chat = new Chat({ ...people, ownId, wallMs: () => platform.clock.wallMs() });
    this.features = new RoomFeatures(context, people);
    this.entrance = new Entrance(dependencies, context, this.features, options);
    this.reactions = new Reactions({
      ownId,
      send: (payload) => this.media.sendEndpointMessage('', payload),
      wallMs: () => platform.clock.wallMs(),
    });
    this.media = new MediaController(
      {
        platform,
        random: platform.random,
        localMedia,
        screen,
        createPeerConnection: dependencies.createPeerConnection,
        mixAudio: dependencies.mixAudio,
        requestFocus: (payload) => context.request('set', this.#occupant(FOCUS_NICK), payload),
        checkSignalling: () => connection.checkNow(),
        onEndpointMessage: (from, payload) => {
          this.reactions.handleMessage(from, payload);
          this.#events.emit('endpointMessage', from, payload);
        },
        onStartMuted: (wish) => {
          if (options.isReturning === true || this.#hadSession) return;
          this.#startedMuted.set(this.#own.startMuted(wish));
        },
        onDominantSpeaker: (id, isSilent) =>
          this.features.speakerStats.handleDominant(id, isSilent),
        onScreenRefused: () => this.#events.emit('screenRefused'),
        onFailed: () => this.#fail({ type: 'mediaFailed' }),
      },
      { endpointId: ownId, ownJid: connection.jid, traits: options.traits },
    );
    this.#unsubscribe.push(
      connection.on('presence', (stanza) => this.#handlePresence(stanza)),
      connection.on('message', (stanza) => this.#handleMessage(stanza)),
      connection.handleIq((iq, payload) => this.#handleIq(iq, payload)),
      connection.handleIq(answerDiscoInfo(clientInfo(options))),
      connection.state.subscribe(() => this.#handleConnectionState()),
      this.features.roomInfo.info.subscribe(() => this.#attendLobby()),
    );
  }

  readonly on: Emitter<ConferenceEvents>['on'] = (name, listener) =>
    this.#events.on(name, listener);

  get state(): ReadonlyStore<ConferenceState> {
    return this.#state;
  }

  /** Everybody else, in order of arrival, without the focus. */
  get participants(): ReadonlyStore<readonly Participant[]> {
    return this.#roster.all;
  }

  get self(): ReadonlyStore<Participant> {
    return this.#own.participant;
  }

  /** False while the server has no media server for this room. */
  get bridgeAvailable(): ReadonlyStore<boolean> {
    return this.#bridgeAvailable;
  }

  /** What was switched off when we came, as the room wants it of everybody. */
  get startedMuted(): ReadonlyStore<readonly LocalKind[]> {
    return this.#startedMuted;
  }

  participant(id: string): Participant | undefined {
    return id === this.#context.ownId ? this.self.get() : this.#roster.find(id);
  }

  /** What our login lets us do, as the room says. */
  get permissions(): ReadonlyStore<Permissions> {
    return this.#own.permissions;
  }

  /** Whether the room lets us switch this on; a moderator can change it. */
  mayUnmute(medium: ModeratedMedium): boolean {
    if (this.self.get().isVisitor) return false;
    const { isOn, isApproved } = this.features.avModeration.state.get()[medium];
    return !isOn || isApproved || this.self.get().isModerator;
  }

  /**
   * Joins; may be called again when joining failed, e.g. with `passwordRequired`, or while knocking. Resolves when the
   * attempt has begun to be decided: the outcome is in `state`.
   */
  async join(password?: string): Promise<void> {
    const { type } = this.#state.get();
    if (type === 'joined' || type === 'joining' || type === 'left') return;
    if (this.#unsubscribe.length === 0) return;
    this.#state.set({ type: 'joining' });
    this.#password = password;
    let caps: XmlElement;
    try {
      caps = await this.entrance.prepare(this.#abort.signal);
    } catch (error) {
      if (this.#state.get().type === 'joining') this.#fail(requestFailureFrom(error));
      return;
    }
    if (this.#state.get().type === 'joining') this.#own.sendJoin(caps, this.#password);
  }

  /** After `membersOnly`: waits in the lobby until a moderator decides. */
  knock(): void {
    const state = this.#state.get();
    if (state.type !== 'failed' || state.failure.type !== 'membersOnly') return;
    const { lobbyJid, waitingForHost } = state.failure;
    const visit =
      this.#visit ??
      new LobbyVisit(this.#context, lobbyJid, {
        onAdmitted: (password) => void this.join(password ?? this.#password),
        onFailed: (failure) => this.#endVisit(failure),
      });
    this.#visit = visit;
    this.#state.set({ type: 'knocking', visit, waitingForHost });
    visit.enter(this.#own.displayName);
  }

  setDisplayName(name: string): void {
    this.#own.setDisplayName(name);
  }

  setRaisedHand(raised: boolean): void {
    this.#own.setRaisedHand(raised);
  }

  /** @param toId only for this participant, or undefined for everybody */
  sendChat(text: string, toId?: string): void {
    if (text.trim() === '' || this.#state.get().type !== 'joined') return;
    this.#context.send(this.chat.compose(this.#context.roomJid, text, toId));
  }

  /** Our way to another room of the same meeting is told by `switch_room`. Leaves and resolves when the room has confirmed it, after 5 s at most. Closes media at once. */
  async leave(status?: 'switch_room'): Promise<void> {
    const { type } = this.#state.get();
    if (type === 'left') return;
    this.#state.set({ type: 'left' });
    this.#own.leave();
    this.#abort.abort();
    this.media.close();
    this.#visit?.leave();
    this.features.setModerator(false);
    if (type === 'joined' || type === 'joining') {
      const confirmed = this.#departure.leave(status);
      if (this.#dependencies.connection.state.get().type === 'connected') await confirmed;
    }
    this.#release();
  }

  #occupant(nick: string): string {
    return `${this.#context.roomJid}/${nick}`;
  }

  #handlePresence(stanza: XmlElement): void {
    const { roomJid, ownId } = this.#context;
    if (!isFromRoom(stanza.attribute('from') ?? '', roomJid)) {
      this.#visit?.handlePresence(stanza);
      this.features.handlePresence(stanza);
      return;
    }
    const presence = readRoomPresence(stanza, ownId, this.entrance.focusJid);
    switch (presence?.type) {
      case 'refused':
        if (this.#state.get().type !== 'joining') return;
        this.#fail(joinFailureFrom(stanza, this.#password !== undefined));
        return;
      case 'focus':
        this.#focusIsHere = true;
        this.#bridgeAvailable.set(presence.bridgeAvailable);
        this.features.visitors.handleCount(presence.visitorCount);
        return;
      case 'self':
        this.#handleSelf(presence.participant, presence.permissions);
        return;
      case 'participant':
        this.#handleParticipant(presence.participant);
        return;
      case 'focusLeft':
        if (this.#focusIsHere) this.#fail({ type: 'conferenceGone' });
        return;
      case 'participantLeft':
        this.#handleParticipantLeft(presence.id);
        return;
      case 'selfLeft':
        this.#departure.confirmed();
        if (this.#state.get().type !== 'left') {
          this.#fail(exitFailureFrom(presence.reason, (id) => this.participant(id)?.displayName));
        }
        return;
      case undefined:
        return;
      default: {
        const never: never = presence;
        throw never;
      }
    }
  }

  #handleParticipant(participant: Participant): void {
    if (!this.#roster.put(participant)) return;
    this.features.visitors.handleParticipant(participant.id);
    // Those who were there before us did not join now.
    if (this.#state.get().type === 'joined') {
      this.chat.addPresence('joined', participant.displayName);
    }
    this.#events.emit('participantJoined', participant);
  }

  #handleParticipantLeft(id: string): void {
    const participant = this.#roster.remove(id);
    if (participant === undefined) return;
    this.media.handleParticipantLeft(id);
    this.features.speakerStats.handleLeft(id, participant.displayName);
    this.chat.addPresence('left', participant.displayName);
    this.#events.emit('participantLeft', participant);
  }

  #handleSelf(self: Participant, permissions: Permissions): void {
    this.#own.takeRole(self, permissions);
    if (this.#state.get().type === 'joining') {
      this.#state.set({ type: 'joined' });
      this.#visit?.leave();
      this.#visit = undefined;
      this.#own.enter();
      this.features.roomInfo.read();
    }
    this.#attendLobby();
  }

  #attendLobby(): void {
    const isJoined = this.#state.get().type === 'joined';
    this.features.setModerator(isJoined && this.self.get().isModerator);
  }

  #handleMessage(stanza: XmlElement): void {
    const from = stanza.attribute('from') ?? '';
    this.#visit?.handleMessage(stanza);
    this.features.handleMessage(stanza);
    if (isFromRoom(from, this.#context.roomJid)) this.chat.handleMessage(stanza, resourceOf(from));
  }

  #handleIq(iq: XmlElement, payload: XmlElement): IqReply | undefined {
    const from = iq.attribute('from') ?? '';
    const isFocus = this.#focusIsHere && from === this.#occupant(FOCUS_NICK);
    if (payload.ns === NS.jingle && payload.name === 'jingle') {
      if (isFocus) {
        const reply = this.media.handleJingle(payload);
        this.#hadSession = true;
        return reply;
      }
      const isDeclined =
        isFromRoom(from, this.#context.roomJid) && declinePeerSession(this.#context, from, payload);
      return isDeclined ? { type: 'result' } : undefined;
    }
    if (payload.ns === NS.visitors && from === this.#context.roomJid) {
      this.setRaisedHand(false);
      this.#events.emit('promotionRefused');
      return { type: 'result' };
    }
    const muted = isFocus ? this.#own.handleMute(payload) : undefined;
    if (muted === undefined) return undefined;
    // Who looks on is silent anyway.
    if (!this.self.get().isVisitor) {
      this.#events.emit('mutedByModerator', muted.medium, muted.byId);
    }
    return { type: 'result' };
  }

  #handleConnectionState(): void {
    const state = this.#dependencies.connection.state.get();
    if (state.type === 'connected') this.media.retryNow();
    if (state.type !== 'closed') return;
    this.#departure.confirmed();
    const { type } = this.#state.get();
    if (type === 'joined' || type === 'joining' || type === 'knocking') {
      this.#fail({ type: 'connectionLost', text: state.text });
    }
  }

  #endVisit(failure: ConferenceFailure): void {
    this.#visit = undefined;
    this.#fail(failure);
  }

  /** A join that was refused may be tried again; everything else is the end. */
  #fail(failure: ConferenceFailure): void {
    const { type } = this.#state.get();
    if (type === 'left' || type === 'failed') return;
    this.#state.set({ type: 'failed', failure });
    if (type === 'joining' && failure.type !== 'connectionLost') return;
    this.media.close();
    this.#release();
  }

  #release(): void {
    for (const unsubscribe of this.#unsubscribe.splice(0)) unsubscribe();
    this.#own.close();
    this.#roster.clear();
  }
}
