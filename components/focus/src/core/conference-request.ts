/** The conference request, by which a client asks for a focus before it joins (`http://jitsi.org/protocol/focus`). */
import { type XmlElement, xml } from '@conclave/protocols/xml';
import { type Jid, NS, parseJid, type StanzaError, tenantOf } from '@conclave/protocols/xmpp';
import type { FocusOptions } from '../options.ts';
import type { LoginClaim, LoginSession } from './login-sessions.ts';
import { RateLimit } from './rate-limit.ts';

export interface ConferenceRequest {
  readonly room: Jid;
  /** The room as the client wrote it. */
  readonly roomText: string;
  /** Participants beyond these numbers join muted (read from clients before 2022). */
  readonly startMuted: { readonly audio: number | undefined; readonly video: number | undefined };
  readonly login: LoginClaim;
  readonly visit: VisitWish;
}

/** What the client says about visitors. */
export interface VisitWish {
  /** It can be sent to the visitor node (Jitsi's clients since 2022). */
  readonly knowsNode: boolean;
  /** It does not want to take part. */
  readonly isWanted: boolean;
}

export type ConferenceRequestResult =
  | { readonly type: 'request'; readonly request: ConferenceRequest }
  | { readonly type: 'refused'; readonly error: StanzaError };

/** Properties that are looked at; a request with more is not refused. */
const MAX_PROPERTIES = 64;

export function conferenceRequestFromXml(
  payload: XmlElement,
  options: Pick<FocusOptions, 'mucDomains' | 'breakoutAddress' | 'maxRoomNameLength'>,
): ConferenceRequestResult {
  const roomText = payload.attribute('room') ?? '';
  const room = parseJid(roomText);
  if (room === undefined || room.node === '' || !room.isBare) {
    return refused('bad-request', 'room is not the JID of a room');
  }
  if (room.node.length > options.maxRoomNameLength) {
    const text = `a room name has at most ${options.maxRoomNameLength} characters`;
    return refused('bad-request', text);
  }
  if (!isConferenceDomain(room.domain, options)) {
    return refused('bad-request', `${room.domain} is not a conference domain of this server`);
  }
  if (room.node.startsWith('[')) {
    // What Prosody calls `[acme]daily` is `daily` on the domain of the tenant here; there is no second way to it.
    return refused('bad-request', 'a room name does not begin with "["');
  }
  const properties = new Map<string, string>();
  for (const property of payload.childrenNamed('property').slice(0, MAX_PROPERTIES)) {
    properties.set(property.attribute('name') ?? '', property.attribute('value') ?? '');
  }
  const startMuted = {
    audio: countOf(properties.get('startAudioMuted')),
    video: countOf(properties.get('startVideoMuted')),
  };
  const login = {
    sessionId: payload.attribute('session-id') || undefined,
    machineUid: payload.attribute('machine-uid') || undefined,
  };
  const visit = {
    knowsNode: (countOf(properties.get('visitors-version')) ?? 0) > 0,
    isWanted: properties.get('visitor') === 'true',
  };
  return { type: 'request', request: { room, roomText, startMuted, login, visit } };
}

/** The answer. Not ready means: ask again later. `session` when the client has one; `vnode` sends it to a visitor node. */
export function conferenceReplyToXml(
  roomText: string,
  ready: boolean,
  options: Pick<FocusOptions, 'focusJid' | 'logins'>,
  session?: LoginSession,
  vnode?: string,
): XmlElement {
  const properties = {
    // Users see a login button.
    authentication: options.logins !== undefined,
    externalAuth: options.logins?.isExternal === true,
    sipGatewayEnabled: false,
  };
  const focusjid = parseJid(options.focusJid)?.bare ?? options.focusJid;
  return xml(
    'conference',
    NS.focus,
    {
      room: roomText,
      ready: String(ready),
      focusjid,
      'session-id': session?.id,
      identity: session?.identity,
      vnode,
    },
    ...Object.entries(properties).map(([name, value]) =>
      xml('property', NS.focus, { name, value: String(value) }),
    ),
  );
}

/** Requests per client. Remembers clients only as long as it makes a difference. */
export class RequestLimiter {
  readonly #options: FocusOptions['conferenceRequestLimit'];
  readonly #limits = new Map<string, RateLimit>();

  constructor(options: FocusOptions['conferenceRequestLimit']) {
    this.#options = options;
  }

  tryTake(client: string, nowMs: number): boolean {
    let limit = this.#limits.get(client);
    if (limit === undefined) {
      this.#forgetIdle(nowMs);
      limit = new RateLimit(this.#options, nowMs);
    }
    // Put at the end: the map is in order of last use.
    this.#limits.delete(client);
    this.#limits.set(client, limit);
    return limit.tryTake(nowMs);
  }

  #forgetIdle(nowMs: number): void {
    for (const [client, limit] of this.#limits) {
      if (!limit.isIdle(nowMs)) break;
      this.#limits.delete(client);
    }
  }
}

/** Of a tenant, of no tenant, or of breakout rooms. */
function isConferenceDomain(
  domain: string,
  { mucDomains, breakoutAddress }: Pick<FocusOptions, 'mucDomains' | 'breakoutAddress'>,
): boolean {
  if (domain === breakoutAddress) return true;
  return mucDomains.some((mucDomain) => tenantOf(domain, mucDomain) !== undefined);
}

function countOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,6}$/.test(text) ? Number(text) : undefined;
}

function refused(condition: StanzaError['condition'], text: string): ConferenceRequestResult {
  return { type: 'refused', error: { condition, text } };
}
