/**
 * One conference: an occupant named `focus` in the room, who follows who comes and goes and keeps
 * everybody's media session. State and order only; each behaviour is a file of its own.
 */
import type { TimerHandle } from '@conclave/base';
import { JINGLE_NS } from '@conclave/protocols/jingle';
import type { XmlElement } from '@conclave/protocols/xml';
import {
  errorReply,
  iqPayload,
  iqResult,
  type Jid,
  mucUserFromXml,
  parseJid,
} from '@conclave/protocols/xmpp';
import type { FocusOptions } from '../options.ts';
import { absentService } from './absent-services.ts';
import { AvModeration, type MuteMedia, moderationNewsFromJson } from './av-moderation.ts';
import { type ConferenceDependencies, ConferenceState } from './conference-state.ts';
import { ExpectedClients } from './expected-clients.ts';
import { Invitations } from './invitations.ts';
import { JingleRequests } from './jingle-requests.ts';
import { isMuteRequest, Mute } from './mute.ts';
import { OwnPresence } from './own-presence.ts';
import { Participant } from './participant.ts';
import { RateLimit } from './rate-limit.ts';
import { RoleManager } from './role-manager.ts';
import { SourceDistribution } from './source-distribution.ts';
import { startMutedFromJson } from './start-muted.ts';

/** The nick by which clients know the focus: Jingle from any other is taken for a peer-to-peer call. */
const FOCUS_NICK = 'focus';

/** Owner of the bridge's own sources; nobody in the room may be called so. */
const BRIDGE_OWNER = 'jvb';

export interface ConferenceEvents {
  /** The conference is over, whoever ended it; called once. */
  readonly onEnded: () => void;
}

export class Conference {
  readonly #state: ConferenceState;
  readonly #events: ConferenceEvents;
  readonly #distribution: SourceDistribution;
  readonly #invitations: Invitations;
  readonly #jingle: JingleRequests;
  readonly #roles: RoleManager;
  readonly #moderation = new AvModeration();
  readonly #mute: Mute;
  readonly #occupantJid: string;
  readonly #presence: OwnPresence;
  readonly #expected = new ExpectedClients();
  #phase: 'joining' | 'joined' | 'ended' = 'joining';
  readonly #whenJoined: ((joined: boolean) => void)[] = [];
  #joinTimer: TimerHandle | undefined;
  /** Ends an empty conference. */
  #emptyTimer: TimerHandle | undefined;
  /** Ends the session of a lone participant. */
  #loneTimer: TimerHandle | undefined;
  #breakouts = { isOpen: false, hasModerator: false };
  #startMutedPolicy = { audio: false, video: false };
  #joinCount = 0;

  constructor(
    room: Jid,
    deps: ConferenceDependencies,
    options: FocusOptions,
    events: ConferenceEvents,
  ) {
    this.#state = new ConferenceState(room, deps, options);
    this.#events = events;
    this.#occupantJid = room.withResource(FOCUS_NICK).full;
    this.#presence = new OwnPresence(this.#state, this.#occupantJid);
    this.#distribution = new SourceDistribution(this.#state);
    this.#invitations = new Invitations(this.#state, this.#distribution);
    this.#jingle = new JingleRequests(this.#state, {
      invitations: this.#invitations,
      distribution: this.#distribution,
      moderation: this.#moderation,
    });
    this.#mute = new Mute(this.#state, this.#invitations, this.#moderation);
    this.#roles = new RoleManager({
      request: (payload, onReply) => this.#state.request(room.bare, payload, onReply),
      mayBecomeOwner: ({ realJid }) => options.mayBecomeOwner(realJid, room),
      hasToLead: ({ realJid }) => deps.hasToLead(realJid),
    });
  }

  get room(): Jid {
    return this.#state.room;
  }

  get participantCount(): number {
    return this.#state.participants.size;
  }

  /** Joins the room. */
  start(): void {
    const { deps, options } = this.#state;
    this.#joinTimer = deps.timers.schedule(options.joinTimeoutMs, () => {
      deps.logger.error('conference.join.timeout');
      this.end();
    });
    this.#publishPresence();
  }

  /** A participant asked for the conference: it is expected to join soon. */
  expect(realJid: string): void {
    const { clock } = this.#state.deps;
    this.#expected.add(realJid, clock.nowMs() + this.#state.options.initialTimeoutMs);
    if (this.#phase === 'joined') this.#review();
  }

  /** Thresholds of the first request that had some (clients before 2022). */
  setStartMuted(startMuted: { audio: number | undefined; video: number | undefined }): void {
    const { audio, video } = this.#state.startMuted;
    this.#state.startMuted = {
      audio: audio ?? startMuted.audio,
      video: video ?? startMuted.video,
    };
  }

  /** Calls back once: at once when the focus is in the room, or when that is settled. */
  whenJoined(callback: (joined: boolean) => void): void {
    if (this.#phase === 'joining') this.#whenJoined.push(callback);
    else callback(this.#phase === 'joined');
  }

  handlePresence(presence: XmlElement): void {
    const from = parseJid(presence.attribute('from') ?? '');
    if (from === undefined || this.#phase === 'ended') return;
    const type = presence.attribute('type');
    if (from.resource === FOCUS_NICK || from.resource === '') {
      this.#handleOwnPresence(presence, type);
    } else if (type === undefined) {
      this.#handleAvailable(from, presence);
    } else if (type === 'unavailable') {
      this.#handleUnavailable(from.resource);
    }
  }

  /** A request from an occupant; answers it. */
  handleRequest(iq: XmlElement): void {
    const { deps, participants } = this.#state;
    const from = parseJid(iq.attribute('from') ?? '');
    const participant = from === undefined ? undefined : participants.get(from.resource);
    const payload = iqPayload(iq);
    if (participant === undefined || payload === undefined) {
      deps.send(errorReply(iq, { condition: 'forbidden' }));
    } else if (payload.ns === JINGLE_NS && payload.name === 'jingle') {
      this.#handleJingle(participant, iq, payload);
    } else if (isMuteRequest(payload)) {
      const error = this.#mute.handle(participant, payload);
      deps.send(error === undefined ? iqResult(iq) : errorReply(iq, error));
    } else {
      deps.send(errorReply(iq, absentService(payload)));
    }
  }

  /** See `Mute.muteByAdministrator`. */
  muteByAdministrator(
    endpointId: string | undefined,
    media: readonly MuteMedia[],
  ): number | undefined {
    return this.#mute.muteByAdministrator(endpointId, media, this.#occupantJid);
  }

  /** News of the moderation component about this room. */
  handleModerationNews(text: string): void {
    const news = moderationNewsFromJson(text);
    if (news === undefined) return;
    this.#moderation.apply(news);
    if (news.type === 'enabled') this.#mute.muteAll(news.media, news.actor);
    for (const participant of this.#state.participants.values()) this.#mute.enforce(participant);
  }

  /** Whether this conference has breakout rooms, and a moderator in any of its rooms. */
  setBreakouts(breakouts: { readonly isOpen: boolean; readonly hasModerator: boolean }): void {
    this.#breakouts = breakouts;
    if (this.#phase === 'joined') this.#review();
  }

  /** The metadata of the room has changed. */
  handleMetadata(text: string): void {
    this.#startMutedPolicy = startMutedFromJson(text);
  }

  /** The bridge has expired an endpoint on its own. */
  handleEndpointExpired(meetingId: string, endpointId: string): void {
    const participant = this.#state.participants.get(endpointId);
    if (participant?.session === undefined) return;
    if (this.#state.bridges.of(endpointId)?.meetingId === meetingId) {
      this.#invitations.reinvite(participant);
    }
  }

  /** The bridge has given this conference up. */
  handleBridgeConferenceFailed(meetingId: string): void {
    const session = this.#state.bridges.withMeeting(meetingId);
    if (session !== undefined) this.#invitations.move(session);
  }

  /** A bridge is gone. Sessions on it end; clients are invited to another, or wait for `handleBridgeRestored`. */
  handleBridgeFailed(bridgeId: string): void {
    const session = this.#state.bridges.on(bridgeId);
    if (session === undefined) return;
    this.#invitations.bridgeFailed(session);
    if (this.#phase === 'joined') this.#publishPresence();
  }

  countOn(bridgeId: string): number {
    return this.#state.bridges.countOn(bridgeId);
  }

  /** See `Invitations.moveAway`. */
  moveAway(bridgeId: string, count: number): number {
    const moved = this.#invitations.moveAway(bridgeId, count);
    if (moved > 0) this.#publishPresence();
    return moved;
  }

  handleBridgeRestored(): void {
    this.setBridgeNotAvailable(false);
    if (this.#phase === 'joined') this.#invitations.resume();
  }

  /** Tells clients that there is no bridge, or that there is one again. */
  setBridgeNotAvailable(value: boolean): void {
    this.#presence.bridgeNotAvailable = value;
    if (this.#phase === 'joined') this.#publishPresence();
  }

  /** Leaves the room and ends everything. Idempotent. */
  end(): void {
    if (this.#phase === 'ended') return;
    this.#phase = 'ended';
    for (const timer of [this.#joinTimer, this.#emptyTimer, this.#loneTimer]) timer?.cancel();
    this.#distribution.close();
    this.#invitations.close();
    this.#state.bridges.expire();
    this.#presence.leave();
    for (const callback of this.#whenJoined.splice(0)) callback(false);
    this.#events.onEnded();
  }

  #handleOwnPresence(presence: XmlElement, type: string | undefined): void {
    const { logger } = this.#state.deps;
    if (type === 'error') {
      logger.error('conference.join.refused', { error: presence.child('error')?.toString() });
      if (this.#phase === 'joining') this.end();
    } else if (type === 'unavailable') {
      logger.info('conference.room.closed');
      this.end();
    } else if (this.#phase === 'joining') {
      this.#phase = 'joined';
      this.#joinTimer?.cancel();
      for (const callback of this.#whenJoined.splice(0)) callback(true);
      this.#review();
    }
  }

  #handleAvailable(occupantJid: Jid, presence: XmlElement): void {
    const item = mucUserFromXml(presence)?.item;
    if (item === undefined || occupantJid.resource === BRIDGE_OWNER) return;
    let participant = this.#state.participants.get(occupantJid.resource);
    const isNew = participant === undefined;
    participant ??= this.#addParticipant(occupantJid, item.jid);
    if (participant === undefined) return;
    const wasVisitor = participant.role === 'visitor';
    participant.role = item.role;
    participant.affiliation = item.affiliation;
    participant.statsId = presence.child('stats-id')?.text.slice(0, 64);
    this.#mute.enforce(participant);
    if (isNew) this.#discover(participant, presence);
    // Its sources were not taken until now, or are taken no more: a session from the beginning.
    else if (wasVisitor !== (item.role === 'visitor')) this.#invitations.reinvite(participant);
    if (this.#phase === 'joined') this.#review();
  }

  #addParticipant(occupantJid: Jid, realJidText: string | undefined): Participant | undefined {
    const { deps, options, participants } = this.#state;
    const realJid = realJidText === undefined ? undefined : parseJid(realJidText);
    if (realJid === undefined) {
      deps.logger.error('conference.occupant.no-real-jid', { endpoint: occupantJid.resource });
      return undefined;
    }
    const participant = new Participant({
      occupantJid,
      realJid,
      isHidden: realJid.domain === options.hiddenDomain,
      number: this.#joinCount++,
      startMuted: this.#startMutedPolicy,
      restartLimit: new RateLimit(options.restartLimit, deps.clock.nowMs()),
      sourceChangeLimit: new RateLimit(options.sourceChangeLimit, deps.clock.nowMs()),
    });
    participants.set(occupantJid.resource, participant);
    this.#expected.hasCome(realJid.full);
    return participant;
  }

  #discover(participant: Participant, presence: XmlElement): void {
    const { deps } = this.#state;
    deps.discovery.discover(participant.realJid.full, presence, (features) => {
      participant.features = features;
      if (this.#phase === 'joined' && this.#state.isPresent(participant)) this.#review();
    });
  }

  #handleUnavailable(nick: string): void {
    const participant = this.#state.participants.get(nick);
    if (participant === undefined) return;
    this.#state.participants.delete(nick);
    this.#invitations.left(participant);
    if (this.#phase === 'joined') this.#review();
  }

  #handleJingle(from: Participant, iq: XmlElement, payload: XmlElement): void {
    const { send, logger } = this.#state.deps;
    const outcome = this.#jingle.handle(from, payload);
    if (outcome.type === 'refused') {
      const { condition, text } = outcome.error;
      logger.info('session.request.refused', {
        endpoint: from.endpointId,
        action: payload.attribute('action'),
        condition,
        text,
      });
      send(errorReply(iq, outcome.error));
      return;
    }
    send(iqResult(iq));
    outcome.proceed();
    if (payload.attribute('action') === 'session-accept') this.#tellVisitor(from);
    this.#publishPresence();
  }

  /** A visitor is not heard nor seen: its client is to show microphone and camera as off. */
  #tellVisitor(participant: Participant): void {
    if (participant.role !== 'visitor') return;
    this.#mute.apply(participant, 'audio', true, this.#occupantJid);
    // COMPAT: clients of 2021 do not signal a camera that was off when its session began anew.
    if (participant.showsOneVideo) return;
    this.#mute.apply(participant, 'video', true, this.#occupantJid);
  }

  /** What follows from who is here: owner, invitations, ends of sessions and of the conference. */
  #review(): void {
    const { participants, options } = this.#state;
    if (participants.size === 0) {
      this.#reviewEmpty();
      return;
    }
    this.#emptyTimer?.cancel();
    this.#emptyTimer = undefined;
    this.#roles.reviewLogins(participants.values());
    if (this.#electsOwner) this.#roles.review(participants.values());
    if (this.#state.hasEnoughParticipants) {
      this.#loneTimer?.cancel();
      this.#loneTimer = undefined;
      this.#invitations.inviteAll();
    } else if (this.#state.hasSessions) {
      this.#loneTimer ??= this.#state.deps.timers.schedule(
        options.singleParticipantTimeoutMs,
        () => {
          this.#loneTimer = undefined;
          this.#invitations.terminateAll({ condition: 'expired', text: 'Idle session timeout' });
          this.#publishPresence();
        },
      );
    }
    this.#publishPresence();
  }

  /** In breakout rooms those lead who lead the main room. */
  get #electsOwner(): boolean {
    const { autoOwner, breakoutAddress } = this.#state.options;
    return autoOwner && this.room.domain !== breakoutAddress && !this.#breakouts.hasModerator;
  }

  /** Ends an empty conference, unless somebody who asked for it is still on the way. */
  #reviewEmpty(): void {
    if (this.#breakouts.isOpen) return;
    const { clock, timers } = this.#state.deps;
    this.#emptyTimer?.cancel();
    this.#emptyTimer = undefined;
    const waitMs = this.#expected.waitMs(clock.nowMs());
    if (waitMs === 0) {
      this.end();
      return;
    }
    this.#emptyTimer = timers.schedule(waitMs, () => this.#reviewEmpty());
  }

  #publishPresence(): void {
    if (this.#phase !== 'ended') this.#presence.publish(this.#phase === 'joining');
  }
}
