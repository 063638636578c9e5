/** One client of the load generator: logs in, joins, counts. Looks into frames no further than it must. */
import { WebSocket } from 'ws';
import { DOMAIN, MUC_DOMAIN } from './plan.ts';

const OPEN = `<open xmlns="urn:ietf:params:xml:ns:xmpp-framing" to="${DOMAIN}" version="1.0"/>`;
const P = 'p'.charCodeAt(0);
const M = 'm'.charCodeAt(0);

export class LoadClient {
  presences = 0;
  messages = 0;
  /** Called for each presence and message received. */
  onDelivery: (() => void) | undefined;
  nick = '';
  readonly #socket: WebSocket;
  #onText: ((text: string) => void) | undefined;
  #onJoined: (() => void) | undefined;
  #ownPresence = '';

  constructor(url: string) {
    this.#socket = new WebSocket(url, 'xmpp', {
      perMessageDeflate: false,
      skipUTF8Validation: true,
    });
    this.#socket.on('error', (error) => {
      throw error;
    });
    this.#socket.on('message', (data: Buffer) => this.#handle(data));
  }

  /** Up to the bound resource. */
  async logIn(): Promise<void> {
    await new Promise((resolve) => this.#socket.once('open', resolve));
    await this.#ask(OPEN, /features/);
    await this.#ask(
      '<auth xmlns="urn:ietf:params:xml:ns:xmpp-sasl" mechanism="ANONYMOUS"/>',
      /<success/,
    );
    await this.#ask(OPEN, /features/);
    const bound = await this.#ask(
      '<iq type="set" id="b" xmlns="jabber:client"><bind xmlns="urn:ietf:params:xml:ns:xmpp-bind"/></iq>',
      /<jid>/,
    );
    this.nick = /<jid>([^@]{8})/.exec(bound)?.[1] ?? '';
  }

  /** Resolves with the own presence. */
  join(room: string): Promise<void> {
    this.#ownPresence = `${room}@${MUC_DOMAIN}/${this.nick}`;
    this.#socket.send(this.#presence(room, '<x xmlns="http://jabber.org/protocol/muc"/>'));
    return new Promise((resolve) => {
      this.#onJoined = resolve;
    });
  }

  say(room: string, number: number): void {
    this.#socket.send(
      `<message to="${room}@${MUC_DOMAIN}" type="groupchat" id="m${number}" xmlns="jabber:client">` +
        `<body>Message ${number}: shall we begin with the minutes of last week?</body></message>`,
    );
  }

  updatePresence(room: string, number: number): void {
    const hand = `<jitsi_participant_raisedHand>${number}</jitsi_participant_raisedHand>`;
    this.#socket.send(this.#presence(room, hand));
  }

  leave(room: string): void {
    const to = `${room}@${MUC_DOMAIN}/${this.nick}`;
    this.#socket.send(`<presence to="${to}" type="unavailable" xmlns="jabber:client"/>`);
  }

  close(): void {
    this.#socket.terminate();
  }

  /** As a Jitsi client's. */
  #presence(room: string, more: string): string {
    return (
      `<presence to="${room}@${MUC_DOMAIN}/${this.nick}" xmlns="jabber:client">${more}` +
      `<stats-id>Bench-${this.nick}</stats-id>` +
      '<c xmlns="http://jabber.org/protocol/caps" hash="sha-1" node="https://jitsi.org/jitsi-meet" ver="q07IKJEyjvHSyhy//CH0CxmKi8w="/>' +
      `<SourceInfo>{"${this.nick}-a0":{"muted":true},"${this.nick}-v0":{"muted":true}}</SourceInfo>` +
      '<jitsi_participant_codecList>vp8,vp9,av1,h264</jitsi_participant_codecList>' +
      '<jitsi_participant_e2ee.enabled>false</jitsi_participant_e2ee.enabled>' +
      `<nick xmlns="http://jabber.org/protocol/nick">Participant ${this.nick}</nick></presence>`
    );
  }

  #ask(text: string, answer: RegExp): Promise<string> {
    this.#socket.send(text);
    return new Promise((resolve) => {
      this.#onText = (received) => {
        if (answer.test(received)) resolve(received);
      };
    });
  }

  #handle(data: Buffer): void {
    const kind = data[1];
    if (kind === P) this.presences++;
    else if (kind === M) this.messages++;
    else {
      this.#onText?.(data.toString());
      return;
    }
    this.onDelivery?.();
    if (this.#onJoined !== undefined && kind === P && this.#isOwn(data)) {
      this.#onJoined();
      this.#onJoined = undefined;
    }
  }

  #isOwn(data: Buffer): boolean {
    const text = data.toString('latin1');
    if (text.includes('type="error"') || text.includes("type='error'")) {
      throw new Error(`join refused: ${text}`);
    }
    return text.slice(0, 400).includes(this.#ownPresence);
  }
}
