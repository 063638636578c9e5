/** Requests to the address of the focus: a conference, who has logged in, and what any XMPP entity answers. */
import type { Clock } from '@conclave/base';
import { JINGLE_NS } from '@conclave/protocols/jingle';
import { type XmlElement, xml } from '@conclave/protocols/xml';
import {
  discoInfoToXml,
  errorReply,
  iqResult,
  type Jid,
  NS,
  parseJid,
  type StanzaError,
} from '@conclave/protocols/xmpp';
import type { FocusOptions } from '../options.ts';
import {
  type ConferenceRequest,
  conferenceReplyToXml,
  conferenceRequestFromXml,
  RequestLimiter,
} from './conference-request.ts';
import { type LoginAnswer, type LoginSessions, SESSION_INVALID } from './login-sessions.ts';

export interface ServiceRequestsDependencies {
  readonly clock: Clock;
  readonly send: (stanza: XmlElement) => void;
  /** Absent: nobody has to log in. */
  readonly logins: LoginSessions | undefined;
  /** Whether there is a conference in this room (a bare JID). */
  readonly hasConference: (room: string) => boolean;
  readonly requestConference: (
    request: ConferenceRequest,
    realJid: string,
    onSettled: (ready: boolean) => void,
    onRefused: (error: StanzaError) => void,
  ) => void;
}

export class ServiceRequests {
  /** For conferences, of any outcome. */
  count = 0;
  readonly #deps: ServiceRequestsDependencies;
  readonly #options: FocusOptions;
  readonly #limiter: RequestLimiter;

  constructor(deps: ServiceRequestsDependencies, options: FocusOptions) {
    this.#deps = deps;
    this.#options = options;
    this.#limiter = new RequestLimiter(options.conferenceRequestLimit);
  }

  /** Discovery and ping. */
  handleQuery(iq: XmlElement, payload: XmlElement): void {
    if (payload.ns === NS.ping) {
      this.#deps.send(iqResult(iq));
      return;
    }
    const node = payload.attribute('node');
    const info = {
      ...(node !== undefined && { node }),
      identities: [{ category: 'conference', type: 'focus', name: 'focus' }],
      features: [NS.discoInfo, NS.ping, NS.focus, JINGLE_NS],
    };
    this.#deps.send(iqResult(iq, discoInfoToXml(info)));
  }

  handle(iq: XmlElement, payload: XmlElement): void {
    const isSet = iq.attribute('type') === 'set';
    if (payload.ns !== NS.focus) {
      this.#deps.send(errorReply(iq, { condition: 'service-unavailable' }));
    } else if (payload.name === 'conference' && isSet) {
      this.#handleConferenceRequest(iq, payload);
    } else if (payload.name === 'logout' && isSet) {
      this.#handleLogout(iq, payload);
    } else if (payload.name === 'login-url' && !isSet && this.#deps.logins !== undefined) {
      const room = parseJid(payload.attribute('room') ?? '')?.node ?? '';
      const url = `./${encodeURI(room)}?login=true`;
      this.#deps.send(iqResult(iq, xml('login-url', NS.focus, { url })));
    } else {
      const text = `${payload.name} is not supported: log in over XMPP or with a token`;
      this.#deps.send(errorReply(iq, { condition: 'feature-not-implemented', text }));
    }
  }

  /** Ends the session id; the log-in of an XMPP stream ends with the stream. */
  #handleLogout(iq: XmlElement, payload: XmlElement): void {
    const id = payload.attribute('session-id');
    if (id !== undefined && this.#deps.logins !== undefined && !this.#deps.logins.logOut(id)) {
      this.#deps.send(errorReply(iq, SESSION_INVALID));
      return;
    }
    this.#deps.send(iqResult(iq, xml('logout', NS.focus)));
  }

  #handleConferenceRequest(iq: XmlElement, payload: XmlElement): void {
    this.count++;
    const { clock, send } = this.#deps;
    const from = parseJid(iq.attribute('from') ?? '');
    if (from === undefined || !this.#limiter.tryTake(this.#requesterOf(from), clock.nowMs())) {
      send(errorReply(iq, { condition: 'resource-constraint', text: 'too many requests' }));
      return;
    }
    const result = conferenceRequestFromXml(payload, this.#options);
    if (result.type === 'refused') {
      send(errorReply(iq, result.error));
      return;
    }
    const { request } = result;
    const login = this.#logIn(from, request);
    if (login?.type === 'refused') {
      send(errorReply(iq, login.error));
      return;
    }
    this.#deps.requestConference(
      request,
      from.full,
      (joined) => {
        // COMPAT: a breakout room that is gone refuses the join, which sends clients back to the main room.
        const ready = joined || request.room.domain === this.#options.breakoutAddress;
        const reply = conferenceReplyToXml(
          request.roomText,
          ready,
          this.#options,
          login?.session,
          joined ? this.#visitorNodeFor(request, from) : undefined,
        );
        send(iqResult(iq, reply));
      },
      (error) => send(errorReply(iq, error)),
    );
  }

  /** Where the client is to go instead; those that know no node come in as visitors all the same. */
  #visitorNodeFor({ room, visit }: ConferenceRequest, from: Jid): string | undefined {
    const { visitorNode, breakoutAddress } = this.#options;
    if (visitorNode === undefined || !visit.knowsNode || room.domain === breakoutAddress) {
      return undefined;
    }
    return visit.isWanted || visitorNode.expects(from, room) ? visitorNode.name : undefined;
  }

  /** For limits: an account is in several places, everybody else has a name of its own. */
  #requesterOf(from: Jid): string {
    return this.#options.logins?.accountOf(from) === undefined ? from.bare : from.full;
  }

  /** Undefined on a server where nobody has to log in. */
  #logIn(from: Jid, { room, login }: ConferenceRequest): LoginAnswer | undefined {
    // Breakout rooms are made by a moderator of the main room.
    const exists =
      this.#deps.hasConference(room.bare) || room.domain === this.#options.breakoutAddress;
    return this.#deps.logins?.handleRequest(from, login, exists, this.#deps.clock.nowMs());
  }
}
