/**
 * A focus in memory: a scripted room that relays as a MUC does, a scripted bridge, clients that record
 * what they get, and time that moves only when told.
 */
import type { Clock, Logger, RandomSource, Timers } from '@conclave/base';
import type {
  ColibriResponse,
  ConferenceModify,
  EndpointModify,
  MediaSource,
} from '@conclave/protocols/colibri';
import {
  CLIENT_JINGLE_LIMITS,
  type Jingle,
  type JingleAction,
  type JingleContent,
  type JingleTransport,
  jingleFromXml,
  jingleToXml,
  type OwnedSources,
  ownedSourcesOf,
  sourceContents,
} from '@conclave/protocols/jingle';
import { type XmlElement, xml } from '@conclave/protocols/xml';
import {
  type Affiliation,
  capsVerificationText,
  discoInfoToXml,
  iqPayload,
  iqRequest,
  iqResult,
  mucUserToXml,
  NS,
  type Role,
  readdress,
  stanzaErrorFromXml,
  stanzaErrorToXml,
} from '@conclave/protocols/xmpp';
import type { BridgeLink } from '../core/bridge-session.ts';
import { FocusCore } from '../core/focus-core.ts';
import { DEFAULT_FOCUS_OPTIONS, type FocusOptions } from '../options.ts';

export const ROOM = 'daily@muc.meet.jitsi';
export const FOCUS_JID = 'focus@auth.meet.jitsi/focus';
export const MODERN_FEATURES = [
  'http://jitsi.org/json-encoded-sources',
  'http://jitsi.org/receive-multiple-video-streams',
  'http://jitsi.org/source-name',
  'http://jitsi.org/tcc',
  'urn:ietf:rfc:4588',
  'urn:xmpp:jingle:apps:rtp:audio',
  'urn:xmpp:jingle:apps:rtp:video',
];
/** December 2021: JSON, but no names and one video per participant. */
export const OLD_FEATURES = MODERN_FEATURES.filter(
  (feature) => !feature.includes('source-name') && !feature.includes('multiple-video'),
);

export class ManualTime implements Clock, Timers {
  #nowMs = 1_000_000;
  #timers: { readonly atMs: number; readonly callback: () => void }[] = [];

  nowMs(): number {
    return this.#nowMs;
  }

  wallMs(): number {
    return this.#nowMs;
  }

  schedule(delayMs: number, callback: () => void): { cancel(): void } {
    const timer = { atMs: this.#nowMs + delayMs, callback };
    this.#timers.push(timer);
    return {
      cancel: () => {
        this.#timers = this.#timers.filter((other) => other !== timer);
      },
    };
  }

  get timerCount(): number {
    return this.#timers.length;
  }

  advance(ms: number): void {
    const untilMs = this.#nowMs + ms;
    for (;;) {
      const due = this.#timers
        .filter(({ atMs }) => atMs <= untilMs)
        .sort((a, b) => a.atMs - b.atMs)[0];
      if (due === undefined) break;
      this.#timers = this.#timers.filter((other) => other !== due);
      this.#nowMs = due.atMs;
      due.callback();
    }
    this.#nowMs = untilMs;
  }
}

/** Answers like a videobridge, unless `override` says something else. Responses come on `settle`. */
export class ScriptedBridge implements BridgeLink {
  readonly requests: ConferenceModify[] = [];
  readonly endpoints = new Map<string, EndpointModify>();
  /** Returns undefined for the usual answer. */
  override: ((message: ConferenceModify) => ColibriResponse | undefined) | undefined;
  #queue: (() => void)[] = [];

  request(message: ConferenceModify, onResponse: (response: ColibriResponse) => void): void {
    this.requests.push(message);
    this.#queue.push(() => onResponse(this.override?.(message) ?? this.#answer(message)));
  }

  settle(): void {
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) next();
  }

  /** The process dies: what it knew is gone, and its answers never come. */
  fail(): void {
    this.endpoints.clear();
    this.#queue = [];
  }

  /** The last complete list of sources of an endpoint. */
  sourcesOf(id: string): readonly MediaSource[] {
    return this.endpoints.get(id)?.sources ?? [];
  }

  /** All requests about an endpoint. */
  about(id: string): EndpointModify[] {
    return this.requests.flatMap(({ endpoints }) => endpoints ?? []).filter((e) => e.id === id);
  }

  #answer(message: ConferenceModify): ColibriResponse {
    if (message.expire === true) this.endpoints.clear();
    for (const endpoint of message.endpoints ?? []) {
      if (endpoint.expire === true) this.endpoints.delete(endpoint.id);
      else this.endpoints.set(endpoint.id, { ...this.endpoints.get(endpoint.id), ...endpoint });
    }
    return {
      type: 'modified',
      result: {
        endpoints: (message.endpoints ?? []).map(({ id }) => ({ id, transport: transportFor(id) })),
        ...(message.create === true && {
          feedbackSources: { audioSsrc: 3_100_000_001, videoSsrc: 3_100_000_002 },
        }),
      },
    };
  }
}

export function transportFor(id: string): JingleTransport {
  return {
    ufrag: `u${id}`,
    password: `p${id}-0123456789012345678901`,
    candidates: [
      {
        foundation: '1',
        component: 1,
        protocol: 'udp',
        priority: 2_130_706_431,
        address: '203.0.113.9',
        port: 10_000,
        type: 'host',
      },
    ],
    fingerprints: [
      {
        hash: 'sha-256',
        value: Array.from({ length: 32 }, () => 'AB').join(':'),
        setup: 'actpass',
      },
    ],
    webSocketUrl: `wss://meet.jitsi/colibri-ws/b1/m/${id}?pwd=x`,
  };
}

interface Reply {
  readonly type: string;
  /** The condition of an error. */
  readonly condition: string | undefined;
  readonly stanza: XmlElement;
}

/** A participant: records what it gets, acknowledges Jingle. */
export class ScriptedClient {
  readonly nick: string;
  readonly realJid: string;
  readonly received: Jingle[] = [];
  readonly stanzas: XmlElement[] = [];
  readonly replies = new Map<string, Reply>();
  features: readonly string[];
  affiliation: Affiliation = 'none';
  role: Role = 'participant';
  /** Answers session-initiate with an error. */
  refusesOffers = false;
  readonly #harness: ConferenceHarness;
  #ids = 0;

  constructor(harness: ConferenceHarness, nick: string, domain: string) {
    this.#harness = harness;
    this.nick = nick;
    this.realJid = `${nick}-user@${domain}/r`;
    this.features = MODERN_FEATURES;
  }

  get occupantJid(): string {
    return `${ROOM}/${this.nick}`;
  }

  of(action: JingleAction): Jingle[] {
    return this.received.filter((jingle) => jingle.action === action);
  }

  /** The last offer. */
  get offer(): Jingle {
    const offer = this.of('session-initiate').at(-1);
    if (offer === undefined) throw new Error(`${this.nick} got no offer`);
    return offer;
  }

  /** What the client knows of the others' sources: the last offer with all changes since, by name. */
  get knownNames(): string[] {
    const names = new Set<string>();
    for (const jingle of this.received) {
      const found = ownedSourcesOf(jingle, '').flatMap(({ sources }) => sources);
      if (jingle.action === 'session-initiate') names.clear();
      for (const { name = '' } of found) {
        if (jingle.action === 'source-remove') names.delete(name);
        else names.add(name);
      }
    }
    return [...names].filter((name) => !name.startsWith('jvb-')).sort();
  }

  send(jingle: Partial<Jingle> & Pick<Jingle, 'action'>): Reply {
    const full = { sid: this.offer.sid, contents: [], bundle: [], ...jingle };
    return this.sendPayload(jingleToXml(full));
  }

  sendPayload(payload: XmlElement): Reply {
    const id = `${this.nick}-${this.#ids++}`;
    const iq = iqRequest({ type: 'set', id, from: this.occupantJid, to: FOCUS_JID }, payload);
    this.#harness.core.handleStanza(iq);
    this.#harness.bridge.settle();
    const reply = this.replies.get(id);
    if (reply === undefined) throw new Error('no reply');
    return reply;
  }

  accept(sources: readonly OwnedSources[] = [], initialLastN?: number): Reply {
    const contents: JingleContent[] = (['audio', 'video'] as const).map((media) => {
      const own = sourceContents(sources).find(({ name }) => name === media);
      return {
        name: media,
        creator: 'responder',
        ...(own?.description && { description: own.description }),
        ...(media === 'video' && initialLastN !== undefined && { initialLastN }),
        transport: {
          ufrag: `client-${this.nick}`,
          password: 'client-password-0123456789',
          candidates: [],
          fingerprints: [{ ...transportFor(this.nick).fingerprints[0]!, setup: 'active' }],
        },
      };
    });
    return this.send({ action: 'session-accept', contents });
  }

  addSources(sources: readonly OwnedSources[]): Reply {
    return this.send({ action: 'source-add', contents: sourceContents(sources) });
  }

  removeSources(sources: readonly OwnedSources[]): Reply {
    return this.send({ action: 'source-remove', contents: sourceContents(sources) });
  }

  receive(stanza: XmlElement): void {
    this.stanzas.push(stanza);
    if (stanza.name !== 'iq') return;
    const type = stanza.attribute('type') ?? '';
    const payload = iqPayload(stanza);
    if (type === 'result' || type === 'error') {
      const condition = stanzaErrorFromXml(stanza)?.condition;
      this.replies.set(stanza.attribute('id') ?? '', { type, condition, stanza });
    } else if (payload?.ns === NS.discoInfo) {
      if (!this.#harness.answersDiscovery) return;
      const info = { identities: [], features: this.features };
      const node = payload.attribute('node');
      this.#answer(iqResult(stanza, discoInfoToXml(node === undefined ? info : { ...info, node })));
    } else if (payload?.ns === NS.jingle) {
      const result = jingleFromXml(payload, CLIENT_JINGLE_LIMITS);
      if (result.type === 'error') throw new Error(`bad Jingle from the focus: ${result.reason}`);
      this.received.push(result.jingle);
      const refused = this.refusesOffers && result.jingle.action === 'session-initiate';
      const error = stanzaErrorToXml({ condition: 'bad-request' });
      const reply = iqResult(stanza);
      this.#answer(refused ? reply.with({ type: 'error' }, [error]) : reply);
    }
  }

  /** Answers come later than the request, as on a network. */
  #answer(reply: XmlElement): void {
    this.#harness.time.schedule(0, () => this.#harness.relay(this, reply));
  }
}

export class ConferenceHarness {
  readonly time = new ManualTime();
  readonly bridge = new ScriptedBridge();
  readonly core: FocusCore;
  readonly clients = new Map<string, ScriptedClient>();
  readonly events: string[] = [];
  /** Presences of the focus. */
  readonly focusPresences: XmlElement[] = [];
  readonly conferenceReplies: XmlElement[] = [];
  isFocusInRoom = false;
  /** False: clients do not answer discovery. */
  answersDiscovery = true;
  /** False: the room does not answer the focus' join. */
  answersJoin = true;
  /** Refuses the focus with this condition. */
  joinError: 'conflict' | undefined;

  constructor(options: Partial<FocusOptions> = {}) {
    let seed = 1;
    const random: RandomSource = {
      bytes: (length) =>
        Uint8Array.from({ length }, () => {
          seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
          return seed >>> 24;
        }),
    };
    const record = (event: string) => this.events.push(event);
    const logger: Logger = {
      debug: record,
      info: record,
      warn: record,
      error: record,
      child: () => logger,
    };
    this.core = new FocusCore(
      {
        clock: this.time,
        timers: this.time,
        random,
        logger,
        send: (stanza) => this.#fromFocus(stanza),
        bridgeLink: this.bridge,
        sha1Base64: (text) => `sha1(${text})`,
      },
      { ...DEFAULT_FOCUS_OPTIONS, ...options },
    );
  }

  failBridge(): void {
    this.bridge.fail();
    this.core.handleBridgeFailed();
  }

  /** Lets everything happen that needs no waiting. */
  settle(): void {
    for (let i = 0; i < 10; i++) {
      this.time.advance(0);
      this.bridge.settle();
    }
  }

  /** Sends a conference request as this client would, without joining. */
  requestConference(nick = 'a1', room = ROOM, payload?: XmlElement): XmlElement | undefined {
    const from = `${nick}-user@meet.jitsi/r`;
    const iq = iqRequest(
      { type: 'set', id: `conf-${this.conferenceReplies.length}`, from, to: 'focus.meet.jitsi' },
      payload ?? xml('conference', NS.focus, { room }),
    );
    const count = this.conferenceReplies.length;
    this.core.handleStanza(iq);
    return this.conferenceReplies[count];
  }

  /** A client joins the room, after asking for the conference if need be. */
  join(nick: string, features?: readonly string[], domain = 'meet.jitsi'): ScriptedClient {
    const client = this.joinSilently(nick, features, domain);
    this.settle();
    return client;
  }

  /** As `join`, without letting time or bridge go on. */
  joinSilently(
    nick: string,
    features: readonly string[] = MODERN_FEATURES,
    domain = 'meet.jitsi',
  ): ScriptedClient {
    this.requestConference(nick);
    const client = new ScriptedClient(this, nick, domain);
    client.features = features;
    this.clients.set(nick, client);
    this.announce(client);
    return client;
  }

  leave(client: ScriptedClient): void {
    this.clients.delete(client.nick);
    this.core.handleStanza(
      xml('presence', NS.client, { from: client.occupantJid, to: FOCUS_JID, type: 'unavailable' }),
    );
    this.settle();
  }

  /** The room tells the focus about an occupant. */
  announce(client: ScriptedClient): void {
    if (!this.isFocusInRoom) return;
    const info = { identities: [], features: client.features };
    const ver = `sha1(${capsVerificationText(info)})`;
    const { affiliation, role, realJid } = client;
    this.core.handleStanza(
      xml(
        'presence',
        NS.client,
        { from: client.occupantJid, to: FOCUS_JID },
        xml('stats-id', NS.client, {}, `stats-${client.nick}`),
        xml('c', NS.caps, { hash: 'sha-1', node: 'https://jitsi.org', ver }),
        mucUserToXml({ item: { affiliation, role, jid: realJid }, statusCodes: [] }),
      ),
    );
  }

  /** The answer of a client, on its way through the room or directly. */
  relay(client: ScriptedClient, reply: XmlElement): void {
    if (!this.clients.has(client.nick)) return;
    const direct = reply.attribute('to') === FOCUS_JID;
    const from = direct ? client.realJid : client.occupantJid;
    this.core.handleStanza(readdress(reply, from, FOCUS_JID));
  }

  get focusProperties(): Record<string, string> {
    const out: Record<string, string> = {};
    const properties = this.focusPresences.at(-1)?.child('conference-properties');
    for (const property of properties?.elements() ?? []) {
      out[property.attribute('key') ?? ''] = property.attribute('value') ?? '';
    }
    return out;
  }

  #fromFocus(stanza: XmlElement): void {
    const to = stanza.attribute('to') ?? '';
    if (stanza.name === 'presence') {
      this.#focusPresence(stanza);
    } else if (to === ROOM) {
      this.#grant(stanza);
    } else if (to.startsWith(`${ROOM}/`)) {
      const client = this.clients.get(to.slice(ROOM.length + 1));
      client?.receive(readdress(stanza, `${ROOM}/focus`, client.realJid));
    } else {
      if (stanza.attribute('id')?.startsWith('conf-')) this.conferenceReplies.push(stanza);
      for (const client of this.clients.values()) {
        if (client.realJid === to) client.receive(stanza);
      }
    }
  }

  #focusPresence(stanza: XmlElement): void {
    this.focusPresences.push(stanza);
    if (stanza.attribute('type') === 'unavailable') {
      this.isFocusInRoom = false;
      return;
    }
    if (this.isFocusInRoom || !this.answersJoin) return;
    const addresses = { from: `${ROOM}/focus`, to: FOCUS_JID };
    if (this.joinError !== undefined) {
      const error = stanzaErrorToXml({ condition: this.joinError });
      this.core.handleStanza(xml('presence', NS.client, { ...addresses, type: 'error' }, error));
      return;
    }
    this.isFocusInRoom = true;
    for (const client of this.clients.values()) this.announce(client);
    const item = { affiliation: 'owner', role: 'moderator', jid: FOCUS_JID } as const;
    const user = mucUserToXml({ item, statusCodes: [110] });
    this.core.handleStanza(xml('presence', NS.client, addresses, user));
  }

  #grant(iq: XmlElement): void {
    const item = iqPayload(iq)?.child('item');
    for (const client of this.clients.values()) {
      if (!client.realJid.startsWith(`${item?.attribute('jid')}/`)) continue;
      client.affiliation = 'owner';
      client.role = 'moderator';
      this.announce(client);
    }
    this.core.handleStanza(iqResult(iq));
  }
}

/** One microphone. */
export function microphone(owner: string, ssrc: number, name = `${owner}-a0`): OwnedSources {
  const source = { type: 'audio' as const, ssrc, name, msid: `${name}-stream ${name}-track` };
  return { owner: '', sources: [source], groups: [] };
}

/** One camera (or screen) with three simulcast layers `first`..`first`+2 and their RTX `first`+10.. */
export function camera(
  owner: string,
  first: number,
  name = `${owner}-v0`,
  videoType: 'camera' | 'desktop' = 'camera',
): OwnedSources {
  const layers = [first, first + 1, first + 2];
  const msid = `${name}-stream ${name}-track`;
  return {
    owner: '',
    sources: [...layers, ...layers.map((ssrc) => ssrc + 10)].map((ssrc) => ({
      type: 'video',
      ssrc,
      name,
      videoType,
      msid,
    })),
    groups: [
      { type: 'video', semantics: 'SIM', ssrcs: layers },
      ...layers.map((ssrc) => ({
        type: 'video' as const,
        semantics: 'FID' as const,
        ssrcs: [ssrc, ssrc + 10],
      })),
    ],
  };
}

/** As a client of December 2021 signals: no names, no video types. */
export function withoutNames(owned: OwnedSources): OwnedSources {
  return {
    ...owned,
    sources: owned.sources.map(({ type, ssrc, msid = '' }) => ({ type, ssrc, msid })),
  };
}
