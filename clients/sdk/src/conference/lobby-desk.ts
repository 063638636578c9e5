/** The moderator's side of the lobby: who waits outside, letting them in or not (Jitsi's lobby rooms on XEP-0045). */
import { type XmlElement, xml } from '@conclave/protocols/xml';
import { mucUserFromXml, NS, resourceOf } from '@conclave/protocols/xmpp';
import { type ReadonlyStore, Store } from '../store.ts';
import { readJsonMessage, writeJsonMessage } from './json-message.ts';
import { isFromRoom, type RoomContext } from './room-context.ts';

export interface Knocker {
  /** Nickname in the lobby. */
  readonly id: string;
  readonly displayName: string;
  /** What they wrote and were answered, oldest first. */
  readonly messages: readonly LobbyMessage[];
}

export interface LobbyMessage {
  readonly own: boolean;
  readonly text: string;
}

/** COMPAT: the type by which Jitsi's clients know a message in the lobby. */
export const LOBBY_CHAT = 'LOBBY_CHAT_MESSAGE';

const MAX_KNOCKERS = 500;
const MAX_MESSAGES = 50;
const MAX_NAME_LENGTH = 200;
export const MAX_LOBBY_TEXT_LENGTH = 1_000;

/** What `stanza` says to us, or undefined. */
export function lobbyTextOf(stanza: XmlElement): string | undefined {
  const json = readJsonMessage(stanza);
  const text = json?.type === LOBBY_CHAT ? json.message : undefined;
  return typeof text === 'string' && text !== '' ? text.slice(0, MAX_LOBBY_TEXT_LENGTH) : undefined;
}

export class LobbyDesk {
  readonly #context: RoomContext;
  readonly #knockers = new Store<readonly Knocker[]>([]);
  /** Real addresses by id: an invitation goes to one. */
  readonly #jids = new Map<string, string>();
  #lobbyJid: string | undefined;

  constructor(context: RoomContext) {
    this.#context = context;
  }

  /** In order of arrival. */
  get knockers(): ReadonlyStore<readonly Knocker[]> {
    return this.#knockers;
  }

  /** Enters the lobby, or leaves it: only moderators sit there. */
  setLobby(lobbyJid: string | undefined): void {
    if (lobbyJid === this.#lobbyJid) return;
    if (this.#lobbyJid !== undefined) this.#sendPresence(this.#lobbyJid, 'unavailable');
    this.#knockers.set([]);
    this.#jids.clear();
    this.#lobbyJid = lobbyJid;
    if (lobbyJid !== undefined) this.#sendPresence(lobbyJid);
  }

  /** Lets them in, all with one message. */
  admit(ids: readonly string[]): void {
    const invitations = ids.flatMap((id) => {
      const to = this.#jids.get(id);
      return to === undefined ? [] : [xml('invite', NS.mucUser, { to })];
    });
    if (invitations.length === 0) return;
    const x = xml('x', NS.mucUser, undefined, ...invitations);
    this.#context.send(xml('message', NS.client, { to: this.#context.roomJid }, x));
    for (const id of ids) this.#forget(id);
  }

  /** Rejects with a RequestError when the server refuses. */
  async deny(id: string): Promise<void> {
    if (this.#lobbyJid === undefined) return;
    const item = xml('item', NS.mucAdmin, { nick: id, role: 'none' });
    const query = xml('query', NS.mucAdmin, undefined, item);
    await this.#context.request('set', this.#lobbyJid, query);
    this.#forget(id);
  }

  answer(id: string, text: string): void {
    if (this.#lobbyJid === undefined || text.trim() === '') return;
    const message = text.slice(0, MAX_LOBBY_TEXT_LENGTH);
    const json = { type: LOBBY_CHAT, message };
    this.#context.send(writeJsonMessage(`${this.#lobbyJid}/${id}`, 'chat', json));
    this.#addMessage(id, { own: true, text: message });
  }

  handlePresence(stanza: XmlElement): void {
    const from = stanza.attribute('from') ?? '';
    if (this.#lobbyJid === undefined || !isFromRoom(from, this.#lobbyJid)) return;
    const id = resourceOf(from);
    const item = mucUserFromXml(stanza)?.item;
    const type = stanza.attribute('type');
    if (type === 'unavailable') this.#forget(id);
    if (type !== undefined || id === '' || id === this.#context.ownId) return;
    if (item?.role === 'moderator' || item?.jid === undefined) return;
    const name = stanza.child('nick', NS.nick)?.text ?? '';
    this.#put(id, item.jid, name.trim().slice(0, MAX_NAME_LENGTH));
  }

  handleMessage(stanza: XmlElement): void {
    const from = stanza.attribute('from') ?? '';
    if (this.#lobbyJid === undefined || !isFromRoom(from, this.#lobbyJid)) return;
    const text = lobbyTextOf(stanza);
    if (text !== undefined) this.#addMessage(resourceOf(from), { own: false, text });
  }

  #put(id: string, jid: string, displayName: string): void {
    const knockers = this.#knockers.get();
    const index = knockers.findIndex((knocker) => knocker.id === id);
    const known = knockers[index];
    if (known !== undefined) {
      this.#knockers.set(knockers.with(index, { ...known, displayName }));
    } else if (knockers.length < MAX_KNOCKERS) {
      this.#knockers.set([...knockers, { id, displayName, messages: [] }]);
      this.#jids.set(id, jid);
    }
  }

  #forget(id: string): void {
    this.#jids.delete(id);
    this.#knockers.update((all) => all.filter((knocker) => knocker.id !== id));
  }

  #addMessage(id: string, message: LobbyMessage): void {
    this.#knockers.update((all) =>
      all.map((knocker) =>
        knocker.id === id
          ? { ...knocker, messages: [...knocker.messages.slice(1 - MAX_MESSAGES), message] }
          : knocker,
      ),
    );
  }

  #sendPresence(lobbyJid: string, type?: 'unavailable'): void {
    const to = `${lobbyJid}/${this.#context.ownId}`;
    const x = type === undefined ? xml('x', NS.muc) : undefined;
    this.#context.send(xml('presence', NS.client, { to, type }, x));
  }
}
