/** A participant: records what it gets, acknowledges Jingle, and sends what the test says. */
import {
  CLIENT_JINGLE_LIMITS,
  type Jingle,
  type JingleAction,
  type JingleContent,
  jingleFromXml,
  jingleToXml,
  type OwnedSources,
  ownedSourcesOf,
  sourceContents,
} from '@conclave/protocols/jingle';
import type { XmlElement } from '@conclave/protocols/xml';
import {
  type Affiliation,
  discoInfoToXml,
  iqPayload,
  iqRequest,
  iqResult,
  NS,
  type Role,
  stanzaErrorFromXml,
  stanzaErrorToXml,
} from '@conclave/protocols/xmpp';
import { MODERN_FEATURES } from './sample-sources.ts';
import { transportFor } from './scripted-bridge.ts';

export const ROOM = 'daily@muc.meet.jitsi';
export const FOCUS_JID = 'focus@auth.meet.jitsi/focus';

/** The way to the focus, and the way back. */
export interface ClientLink {
  readonly answersDiscovery: boolean;
  /** Hands a request to the focus; its reply has been received when this returns. */
  request(iq: XmlElement): void;
  /** Hands an answer to the room, which hands it on later. */
  answer(client: ScriptedClient, reply: XmlElement): void;
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
  readonly #link: ClientLink;
  #ids = 0;

  constructor(link: ClientLink, nick: string, domain: string) {
    this.#link = link;
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
    this.#link.request(iq);
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
      if (!this.#link.answersDiscovery) return;
      const info = { identities: [], features: this.features };
      const node = payload.attribute('node');
      this.#link.answer(
        this,
        iqResult(stanza, discoInfoToXml(node === undefined ? info : { ...info, node })),
      );
    } else if (payload?.ns === NS.jingle) {
      const result = jingleFromXml(payload, CLIENT_JINGLE_LIMITS);
      if (result.type === 'error') throw new Error(`bad Jingle from the focus: ${result.reason}`);
      this.received.push(result.jingle);
      const refused = this.refusesOffers && result.jingle.action === 'session-initiate';
      const error = stanzaErrorToXml({ condition: 'bad-request' });
      const reply = iqResult(stanza);
      this.#link.answer(this, refused ? reply.with({ type: 'error' }, [error]) : reply);
    }
  }
}
