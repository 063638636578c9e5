/** The conversation in the room: messages to all, private messages, and who came and went (XEP-0045 §7.4-7.5). */
import { type XmlElement, xml } from '@conclave/protocols/xml';
import { NS } from '@conclave/protocols/xmpp';
import { type ReadonlyStore, Store } from '../store.ts';
import { requestErrorFrom } from '../xmpp/request-error.ts';

export interface ChatMessage {
  readonly type: 'message';
  readonly id: string;
  readonly fromId: string;
  /** As it was when the message came: the person may have left since. */
  readonly fromName: string;
  readonly own: boolean;
  readonly text: string;
  /** Nickname of the other side when only the two of us see it. */
  readonly privateWith: string | undefined;
  /** Whom our private message went to; empty otherwise. */
  readonly toName: string;
  /** Unix time in milliseconds. */
  readonly timeMs: number;
}

export interface ChatPresence {
  readonly type: 'joined' | 'left';
  readonly id: string;
  readonly name: string;
  readonly timeMs: number;
}

/** What the server has to say: a notice, or (with an empty text) that a message was refused. */
export interface ChatNotice {
  readonly type: 'notice';
  readonly id: string;
  readonly text: string;
  readonly timeMs: number;
}

export type ChatEntry = ChatMessage | ChatPresence | ChatNotice;

const MAX_ENTRIES = 1_000;
const MAX_NAME_LENGTH = 200;
/** Longer ones are cut, not refused. */
const MAX_TEXT_LENGTH = 16_384;

export interface ChatContext {
  readonly ownId: string;
  nameOf(id: string): string;
  newId(): string;
  wallMs(): number;
}

export class Chat {
  readonly #context: ChatContext;
  readonly #entries = new Store<readonly ChatEntry[]>([]);

  constructor(context: ChatContext) {
    this.#context = context;
  }

  /** Oldest first; the oldest are dropped beyond 1,000. */
  get entries(): ReadonlyStore<readonly ChatEntry[]> {
    return this.#entries;
  }

  /** The stanza for a message to everybody, or to `toId` alone. Our own copy of the former comes back from the room. */
  compose(roomJid: string, text: string, toId: string | undefined): XmlElement {
    const id = this.#context.newId();
    const cut = text.slice(0, MAX_TEXT_LENGTH);
    if (toId !== undefined) this.#addMessage(id, this.#context.ownId, cut, toId);
    return xml(
      'message',
      NS.client,
      {
        to: toId === undefined ? roomJid : `${roomJid}/${toId}`,
        type: toId === undefined ? 'groupchat' : 'chat',
        id,
      },
      xml('body', NS.client, undefined, cut),
    );
  }

  /** @param fromId nickname of the sender, empty for the room itself */
  handleMessage(stanza: XmlElement, fromId: string): void {
    const type = stanza.attribute('type');
    const id = stanza.attribute('id') ?? this.#context.newId();
    if (type === 'error') {
      this.addNotice(requestErrorFrom(stanza).text ?? '');
      return;
    }
    const body = stanza.child('body')?.text ?? '';
    if (body === '') return;
    const text = body.slice(0, MAX_TEXT_LENGTH);
    const delay = stanza.child('delay', NS.delay);
    if (delay !== undefined) {
      if (type === 'groupchat') this.#addHistory(stanza, fromId, text, delay);
      return;
    }
    if (fromId === '') this.addNotice(text);
    else if (type === 'groupchat') this.#addMessage(id, fromId, text, undefined);
    else if (type === 'chat') this.#addMessage(id, fromId, text, fromId);
  }

  /** Said before we came; whoever said it may be gone, and so the message tells the name. */
  #addHistory(stanza: XmlElement, fromId: string, text: string, delay: XmlElement): void {
    const id = stanza.attribute('id') ?? this.#context.newId();
    // After a rejoin the room repeats what we have already.
    if (this.#entries.get().some((entry) => entry.type === 'message' && entry.id === id)) return;
    const wroteMs = Date.parse(delay.attribute('stamp') ?? '');
    const name = stanza.child('display-name', NS.displayName)?.text ?? '';
    this.#add({
      type: 'message',
      id,
      fromId,
      fromName: name.trim().slice(0, MAX_NAME_LENGTH) || this.#context.nameOf(fromId),
      own: fromId === this.#context.ownId,
      text,
      privateWith: undefined,
      toName: '',
      timeMs: Number.isNaN(wroteMs) ? this.#context.wallMs() : wroteMs,
    });
  }

  addPresence(type: 'joined' | 'left', name: string): void {
    this.#add({ type, id: this.#context.newId(), name, timeMs: this.#context.wallMs() });
  }

  addNotice(text: string): void {
    this.#add({ type: 'notice', id: this.#context.newId(), text, timeMs: this.#context.wallMs() });
  }

  #addMessage(id: string, fromId: string, text: string, privateWith: string | undefined): void {
    this.#add({
      type: 'message',
      id,
      fromId,
      fromName: this.#context.nameOf(fromId),
      own: fromId === this.#context.ownId,
      text,
      privateWith,
      toName:
        privateWith === undefined || privateWith === fromId
          ? ''
          : this.#context.nameOf(privateWith),
      timeMs: this.#context.wallMs(),
    });
  }

  #add(entry: ChatEntry): void {
    this.#entries.update((entries) => [...entries.slice(1 - MAX_ENTRIES), entry]);
  }
}
