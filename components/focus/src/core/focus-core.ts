/** The focus as an XMPP entity: takes stanzas, keeps the conferences, and keeps them from each other's bugs. */
import {
  type AuditLog,
  type Clock,
  type Logger,
  noAuditLog,
  type RandomSource,
  type Timers,
} from '@conclave/base';
import type { BridgeStatus, ColibriEvent } from '@conclave/protocols/colibri';
import { type XmlElement, xml } from '@conclave/protocols/xml';
import {
  errorReply,
  iqPayload,
  isValidIq,
  type Jid,
  NS,
  parseJid,
  type StanzaError,
} from '@conclave/protocols/xmpp';
import type { FocusOptions } from '../options.ts';
import type { MuteMedia } from './av-moderation.ts';
import { BridgeSelector } from './bridge-selector.ts';
import type { BridgeLink } from './bridge-session.ts';
import { componentNewsFromXml } from './component-news.ts';
import { Conference } from './conference.ts';
import type { ConferenceRequest } from './conference-request.ts';
import type { ConferenceDependencies } from './conference-state.ts';
import { FeatureDiscovery } from './feature-discovery.ts';
import { guarded } from './guarded-dependencies.ts';
import { IqTracker } from './iq-tracker.ts';
import { LoadRedistributor, type MovableConference } from './load-redistributor.ts';
import { LoginSessions } from './login-sessions.ts';
import { Outbox } from './outbox.ts';
import {
  type Reservation,
  type ReservationLink,
  Reservations,
  reservationError,
} from './reservations.ts';
import { ServiceRequests } from './service-requests.ts';

export interface FocusCoreDependencies {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: RandomSource;
  readonly logger: Logger;
  readonly audit?: AuditLog;
  readonly send: (stanza: XmlElement) => void;
  readonly bridgeLink: BridgeLink;
  /** All there are, whatever their state. */
  readonly bridges: () => readonly BridgeStatus[];
  /** Absent: rooms need not be reserved. */
  readonly reservationLink?: ReservationLink;
  /** SHA-1 of UTF-8 text, in base64 (XEP-0115). */
  readonly sha1Base64: (text: string) => string;
}

/** Totals since the start. */
export interface FocusCounters {
  readonly conferencesCreated: number;
  /** Of any outcome. */
  readonly conferenceRequests: number;
  /** Ended by an exception. */
  readonly conferencesCrashed: number;
  /** People who were moved away from a bridge that had too much to do. */
  readonly participantsMoved: number;
}

export class FocusCore {
  readonly #counters = { conferencesCreated: 0, conferencesCrashed: 0 };
  readonly #deps: FocusCoreDependencies;
  readonly #options: FocusOptions;
  readonly #outbox: Outbox;
  readonly #iqs: IqTracker;
  readonly #discovery: FeatureDiscovery;
  readonly #services: ServiceRequests;
  readonly #reservations: Reservations | undefined;
  readonly #logins: LoginSessions | undefined;
  /** By bare JID of the room. */
  readonly #conferences = new Map<string, Conference>();
  readonly #bridgeSelector: BridgeSelector;
  readonly #redistributor: LoadRedistributor;
  #noticeTimer: { cancel(): void } | undefined;
  #isDraining = false;

  constructor(deps: FocusCoreDependencies, options: FocusOptions) {
    this.#outbox = new Outbox(deps.send);
    this.#deps = { ...deps, send: (stanza) => this.#outbox.push(stanza) };
    this.#options = options;
    this.#bridgeSelector = new BridgeSelector(deps.clock, deps.bridges, options.bridgeSelection);
    this.#redistributor = new LoadRedistributor(
      { ...deps, selector: this.#bridgeSelector, conferences: () => this.#movableConferences() },
      options.loadRedistribution,
    );
    this.#iqs = new IqTracker(this.#deps);
    this.#discovery = new FeatureDiscovery({ ...this.#deps, iqs: this.#iqs }, options);
    const { reservationLink: link } = deps;
    this.#reservations =
      link &&
      new Reservations({
        ...this.#deps,
        link,
        requestRoom: (room, payload) =>
          this.#outbox.run(() =>
            this.#iqs.send({ type: 'set', from: options.focusJid, to: room.bare, payload }),
          ),
      });
    this.#logins = options.logins && new LoginSessions(options.logins, deps.random);
    this.#services = new ServiceRequests(
      {
        clock: deps.clock,
        send: this.#deps.send,
        logins: this.#logins,
        hasConference: (room) => this.#conferences.has(room),
        requestConference: (...request) => this.requestConference(...request),
      },
      options,
    );
  }

  get counters(): FocusCounters {
    return {
      ...this.#counters,
      conferenceRequests: this.#services.count,
      participantsMoved: this.#redistributor.moved,
    };
  }

  stats(): { readonly conferences: number; readonly participants: number } {
    let participants = 0;
    for (const conference of this.#conferences.values()) {
      participants += conference.participantCount;
    }
    return { conferences: this.#conferences.size, participants };
  }

  handleStanza(stanza: XmlElement): void {
    this.#outbox.run(() => {
      if (stanza.name === 'iq') this.#handleIq(stanza);
      else if (stanza.name === 'message') this.#handleMessage(stanza);
      else this.#withConference(stanza, (conference) => conference.handlePresence(stanza));
    });
  }

  handleBridgeEvent(event: ColibriEvent): void {
    this.#forAll((conference) => {
      if (event.type === 'endpointExpired') {
        conference.handleEndpointExpired(event.meetingId, event.endpointId);
      } else {
        conference.handleBridgeConferenceFailed(event.meetingId);
      }
    });
  }

  handleBridgeFailed(bridgeId: string): void {
    this.#deps.logger.error('focus.bridge.failed', { bridgeId });
    this.#bridgeSelector.failed(bridgeId);
    this.#forAll((conference) => conference.handleBridgeFailed(bridgeId));
    if (this.#bridgeSelector.hasBridge || this.#noticeTimer !== undefined) return;
    const { bridgeUnavailableNoticeMs } = this.#options;
    this.#noticeTimer = this.#deps.timers.schedule(bridgeUnavailableNoticeMs, () => {
      this.#forAll((conference) => conference.setBridgeNotAvailable(true));
    });
  }

  handleBridgeRestored(bridgeId: string): void {
    this.#bridgeSelector.restored(bridgeId);
    this.#noticeTimer?.cancel();
    this.#noticeTimer = undefined;
    this.#deps.logger.info('focus.bridge.restored', { bridgeId });
    this.#forAll((conference) => conference.handleBridgeRestored());
  }

  /**
   * A request for a conference that did not come as a stanza (HTTP). `realJid` is who is going to
   * join. Calls back with true when the focus is in the room, with false for "ask again later".
   */
  requestConference(
    request: ConferenceRequest,
    realJid: string,
    onSettled: (ready: boolean) => void,
    onRefused: (error: StanzaError) => void = () => onSettled(false),
  ): void {
    const { room } = request;
    const isBreakout = room.domain === this.#options.breakoutAddress;
    if (this.#isDraining && !isBreakout && !this.#conferences.has(room.bare)) {
      onSettled(false);
      return;
    }
    if (this.#reservations === undefined || isBreakout || this.#conferences.has(room.bare)) {
      this.#admit(request, realJid, onSettled);
      return;
    }
    this.#reservations.book(room, realJid, (result) => {
      this.#outbox.run(() => {
        if (result.type === 'refused') onRefused(reservationError(result.code, result.text));
        else this.#admit(request, realJid, onSettled, result.reservation);
      });
    });
  }

  #admit(
    request: ConferenceRequest,
    realJid: string,
    onSettled: (ready: boolean) => void,
    reservation?: Reservation,
  ): void {
    const isNew = !this.#conferences.has(request.room.bare);
    this.#outbox.run(() => {
      const conference = this.#conferenceFor(request.room);
      if (conference === undefined) {
        this.#reservations?.release(request.room);
        onSettled(false);
        return;
      }
      if (reservation !== undefined && isNew) {
        conference.whenJoined((joined) => {
          if (joined) this.#reservations?.apply(request.room, reservation);
        });
      }
      this.#guard(request.room.bare, conference, () => {
        conference.setStartMuted(request.startMuted);
        conference.expect(realJid);
        conference.whenJoined(onSettled);
      });
    });
  }

  /**
   * The administrator of the server mutes `endpointId` in `room` (a bare JID), or everybody when it is
   * undefined. The number of people whom it concerned; undefined when there is no such conference or
   * person.
   */
  mute(
    room: string,
    endpointId: string | undefined,
    media: readonly MuteMedia[],
  ): number | undefined {
    const conference = this.#conferences.get(room);
    if (conference === undefined) return undefined;
    let count: number | undefined;
    this.#guard(room, conference, () => {
      count = conference.muteByAdministrator(endpointId, media);
    });
    return count;
  }

  /** From here on no conference begins, but for breakout rooms of those there are. Who asks for one is told to ask again. */
  drain(): void {
    this.#isDraining = true;
  }

  /** Ends all conferences. */
  close(): void {
    this.#noticeTimer?.cancel();
    this.#redistributor.close();
    this.#forAll((conference) => conference.end());
    this.#iqs.close();
    this.#reservations?.close();
  }

  #handleIq(iq: XmlElement): void {
    const type = iq.attribute('type');
    if (type === 'result' || type === 'error') {
      this.#iqs.handleReply(iq);
      return;
    }
    const payload = iqPayload(iq);
    if (!isValidIq(iq) || payload === undefined) {
      if (type === 'get' || type === 'set') {
        this.#deps.send(errorReply(iq, { condition: 'bad-request' }));
      }
      return;
    }
    if (payload.ns === NS.discoInfo || payload.ns === NS.ping) {
      this.#services.handleQuery(iq, payload);
    } else if (parseJid(iq.attribute('to') ?? '')?.bare === this.#options.focusAddress) {
      this.#services.handle(iq, payload);
    } else if (!this.#withConference(iq, (conference) => conference.handleRequest(iq))) {
      this.#deps.send(errorReply(iq, { condition: 'service-unavailable' }));
    }
  }

  /** Accounts with a session id, once each. */
  accountsInUse(): Set<string> {
    return new Set(this.#logins?.accounts());
  }

  /** An account that is no more: its session ids are worth nothing. Returns the JIDs that had shown one. */
  endAccount(account: string): string[] {
    return this.#logins?.endAccount(account) ?? [];
  }

  #handleMessage(message: XmlElement): void {
    const news = componentNewsFromXml(message, this.#options);
    const conference = news && this.#conferences.get(news.room);
    if (news === undefined || conference === undefined) return;
    this.#guard(news.room, conference, () => news.apply(conference));
  }

  /** False when the stanza comes from no room with a conference. */
  #withConference(stanza: XmlElement, action: (conference: Conference) => void): boolean {
    const room = parseJid(stanza.attribute('from') ?? '')?.bare ?? '';
    const conference = this.#conferences.get(room);
    if (conference === undefined) return false;
    this.#guard(room, conference, () => action(conference));
    return true;
  }

  #conferenceFor(room: Jid): Conference | undefined {
    const existing = this.#conferences.get(room.bare);
    if (existing !== undefined) return existing;
    if (this.#conferences.size >= this.#options.maxConferences) {
      this.#deps.logger.warn('focus.conferences.limit', { limit: this.#options.maxConferences });
      return undefined;
    }
    return this.#startConference(room);
  }

  #startConference(room: Jid): Conference | undefined {
    const key = room.bare;
    const logger = this.#deps.logger.child({ conference: key });
    const guard = (action: () => void) => {
      if (this.#conferences.get(key) === conference) this.#guard(key, conference, action);
    };
    const { timers, bridgeLink } = this.#deps;
    const deps: ConferenceDependencies = {
      clock: this.#deps.clock,
      random: this.#deps.random,
      send: this.#deps.send,
      logger,
      audit: this.#deps.audit ?? noAuditLog,
      hasToLead: (realJid) => this.#logins?.leads(realJid, this.#deps.clock.nowMs()) === true,
      bridgeSelector: this.#bridgeSelector,
      ...guarded({ timers, bridgeLink, iqs: this.#iqs, discovery: this.#discovery }, guard),
    };
    const conference: Conference = new Conference(room, deps, this.#options, {
      onEnded: () => {
        if (this.#conferences.get(key) === conference) {
          this.#conferences.delete(key);
          this.#reservations?.release(room);
        }
        logger.info('conference.ended');
      },
    });
    this.#conferences.set(key, conference);
    this.#counters.conferencesCreated++;
    logger.info('conference.started');
    this.#guard(key, conference, () => conference.start());
    return this.#conferences.get(key);
  }

  *#movableConferences(): Generator<MovableConference> {
    for (const [room, conference] of this.#conferences) {
      yield {
        countOn: (bridgeId) => conference.countOn(bridgeId),
        moveAway: (bridgeId, count) => {
          let moved = 0;
          this.#guard(room, conference, () => {
            moved = conference.moveAway(bridgeId, count);
          });
          return moved;
        },
      };
    }
  }

  #forAll(action: (conference: Conference) => void): void {
    for (const [room, conference] of [...this.#conferences]) {
      this.#guard(room, conference, () => action(conference));
    }
  }

  /** Runs `action` of a conference; an exception ends that conference, and clients ask for a new one. */
  #guard(room: string, conference: Conference, action: () => void): void {
    this.#outbox.run(() => this.#tryRun(room, conference, action));
  }

  #tryRun(room: string, conference: Conference, action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#counters.conferencesCrashed++;
      this.#deps.logger.error('conference.crashed', { conference: room, error });
      try {
        conference.end();
      } catch (again) {
        this.#deps.logger.error('conference.crashed.again', { conference: room, error: again });
      }
      if (this.#conferences.get(room) !== conference) return;
      this.#conferences.delete(room);
      this.#reservations?.release(conference.room);
      const { focusJid } = this.#options;
      const to = `${room}/focus`;
      this.#deps.send(xml('presence', NS.client, { from: focusJid, to, type: 'unavailable' }));
    }
  }
}
