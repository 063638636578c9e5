/** A focus in memory: a scripted room that relays as a MUC does, a scripted bridge and scripted clients. */
import type { Logger, RandomSource } from '@conclave/base';
import type { BridgeStatus } from '@conclave/protocols/colibri';
import { type XmlElement, xml } from '@conclave/protocols/xml';
import {
  capsVerificationText,
  iqPayload,
  iqRequest,
  iqResult,
  mucUserToXml,
  NS,
  readdress,
  stanzaErrorToXml,
} from '@conclave/protocols/xmpp';
import { FocusCore } from '../core/focus-core.ts';
import type { ReservationLink } from '../core/reservations.ts';
import { DEFAULT_FOCUS_OPTIONS, type FocusOptions } from '../options.ts';
import { ManualTime } from './manual-time.ts';
import { MODERN_FEATURES } from './sample-sources.ts';
import { ScriptedBridge } from './scripted-bridge.ts';
import { type ClientLink, FOCUS_JID, ROOM, ScriptedClient } from './scripted-client.ts';

export class ConferenceHarness implements ClientLink {
  readonly time = new ManualTime();
  /** All that there are; one by default. */
  bridges: readonly BridgeStatus[] = [{ id: 'jvb', isOperational: true, stress: 0 }];
  /** Answers for every one of them. */
  readonly bridge = new ScriptedBridge();
  readonly core: FocusCore;
  readonly clients = new Map<string, ScriptedClient>();
  readonly events: string[] = [];
  /** Presences of the focus. */
  readonly focusPresences: XmlElement[] = [];
  readonly conferenceReplies: XmlElement[] = [];
  /** Forms and other commands of the focus to the room, but for grants. */
  readonly roomRequests: XmlElement[] = [];
  isFocusInRoom = false;
  /** False: clients do not answer discovery. */
  answersDiscovery = true;
  /** False: the room does not answer the focus' join. */
  answersJoin = true;
  /** Refuses the focus with this condition. */
  joinError: 'conflict' | undefined;

  constructor(options: Partial<FocusOptions> = {}, reservationLink?: ReservationLink) {
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
        bridges: () => this.bridges,
        sha1Base64: (text) => `sha1(${text})`,
        ...(reservationLink !== undefined && { reservationLink }),
      },
      { ...DEFAULT_FOCUS_OPTIONS, ...options },
    );
  }

  failBridge(bridgeId = 'jvb'): void {
    this.bridge.fail(bridgeId);
    this.core.handleBridgeFailed(bridgeId);
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

  request(iq: XmlElement): void {
    this.core.handleStanza(iq);
    this.bridge.settle();
  }

  answer(client: ScriptedClient, reply: XmlElement): void {
    // Later than the request, as on a network.
    this.time.schedule(0, () => {
      if (!this.clients.has(client.nick)) return;
      const direct = reply.attribute('to') === FOCUS_JID;
      const from = direct ? client.realJid : client.occupantJid;
      this.core.handleStanza(readdress(reply, from, FOCUS_JID));
    });
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
    const payload = iqPayload(iq);
    if (payload?.ns === NS.mucOwner) {
      this.roomRequests.push(payload);
      this.core.handleStanza(iqResult(iq));
      return;
    }
    const item = payload?.child('item');
    for (const client of this.clients.values()) {
      if (!client.realJid.startsWith(`${item?.attribute('jid')}/`)) continue;
      client.affiliation = 'owner';
      client.role = 'moderator';
      this.announce(client);
    }
    this.core.handleStanza(iqResult(iq));
  }
}
