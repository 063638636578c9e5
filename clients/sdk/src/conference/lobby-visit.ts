/** Waiting outside: in the lobby's room until a moderator lets us in, sends us away, or opens the door for all. */
import { type XmlElement, xml } from '@conclave/protocols/xml';
import { mucUserFromXml, NS, resourceOf } from '@conclave/protocols/xmpp';
import { type ReadonlyStore, Store } from '../store.ts';
import { requestErrorFrom } from '../xmpp/request-error.ts';
import type { ConferenceFailure } from './conference-failure.ts';
import { writeJsonMessage } from './json-message.ts';
import { LOBBY_CHAT, type LobbyMessage, lobbyTextOf, MAX_LOBBY_TEXT_LENGTH } from './lobby-desk.ts';
import { isFromRoom, type RoomContext } from './room-context.ts';

export interface LobbyVisitEvents {
  /** @param password of the room, when the invitation brings it along */
  onAdmitted(password: string | undefined): void;
  /** A moderator sent us away, too many wait already, or the meeting is over. */
  onFailed(failure: ConferenceFailure): void;
}

const KICKED = 307;
const MAX_MESSAGES = 50;

export class LobbyVisit {
  readonly #context: RoomContext;
  readonly #lobbyJid: string;
  readonly #events: LobbyVisitEvents;
  readonly #messages = new Store<readonly LobbyMessage[]>([]);
  #isInside = false;

  constructor(context: RoomContext, lobbyJid: string, events: LobbyVisitEvents) {
    this.#context = context;
    this.#lobbyJid = lobbyJid;
    this.#events = events;
  }

  get messages(): ReadonlyStore<readonly LobbyMessage[]> {
    return this.#messages;
  }

  /** Again: says the name that has changed. */
  enter(displayName: string): void {
    this.#isInside = true;
    const to = `${this.#lobbyJid}/${this.#context.ownId}`;
    const name = displayName === '' ? undefined : xml('nick', NS.nick, undefined, displayName);
    this.#context.send(xml('presence', NS.client, { to }, xml('x', NS.muc), name));
  }

  /** Idempotent. */
  leave(): void {
    if (!this.#isInside) return;
    this.#isInside = false;
    const to = `${this.#lobbyJid}/${this.#context.ownId}`;
    this.#context.send(xml('presence', NS.client, { to, type: 'unavailable' }));
  }

  /** To the moderators. */
  say(text: string): void {
    const message = text.trim().slice(0, MAX_LOBBY_TEXT_LENGTH);
    if (!this.#isInside || message === '') return;
    const json = { type: LOBBY_CHAT, message };
    this.#context.send(writeJsonMessage(this.#lobbyJid, 'groupchat', json));
    this.#add({ own: true, text: message });
  }

  handlePresence(stanza: XmlElement): void {
    const from = stanza.attribute('from') ?? '';
    if (!this.#isInside || from !== `${this.#lobbyJid}/${this.#context.ownId}`) return;
    const type = stanza.attribute('type');
    if (type === 'error') {
      this.#isInside = false;
      const { condition, text = '' } = requestErrorFrom(stanza);
      if (condition === 'resource-constraint') {
        this.#events.onFailed({ type: 'requestFailed', condition, text });
      } else this.#events.onAdmitted(undefined); // the lobby is gone: the door may be open
      return;
    }
    if (type !== 'unavailable') return;
    this.#isInside = false;
    const user = mucUserFromXml(stanza);
    if (user?.destroy !== undefined) {
      const { jid, reason = '' } = user.destroy;
      if (jid === this.#context.roomJid) this.#events.onAdmitted(undefined);
      else this.#events.onFailed({ type: 'destroyed', reason, nextJid: '' });
    } else if (user?.statusCodes.includes(KICKED) === true) {
      this.#events.onFailed({ type: 'denied' });
    } else this.#events.onFailed({ type: 'destroyed', reason: '', nextJid: '' });
  }

  /** A message of the lobby, or the invitation, which comes from the room itself. */
  handleMessage(stanza: XmlElement): void {
    const from = stanza.attribute('from') ?? '';
    if (!this.#isInside) return;
    if (from === this.#context.roomJid) {
      const x = stanza.child('x', NS.mucUser);
      if (x?.child('invite') === undefined) return;
      this.#events.onAdmitted(x.child('password')?.text);
    } else if (isFromRoom(from, this.#lobbyJid) && resourceOf(from) !== this.#context.ownId) {
      const text = lobbyTextOf(stanza);
      if (text !== undefined) this.#add({ own: false, text });
    }
  }

  #add(message: LobbyMessage): void {
    this.#messages.update((messages) => [...messages.slice(1 - MAX_MESSAGES), message]);
  }
}
