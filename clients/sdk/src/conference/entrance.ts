/** What has to be there before a room can be entered: a focus that knows us, our capabilities, the room's components. */
import { randomUuid } from '@conclave/base';
import { type XmlElement, xml } from '@conclave/protocols/xml';
import { NS } from '@conclave/protocols/xmpp';
import type { Platform } from '../platform/platform.ts';
import type { Connection } from '../xmpp/connection.ts';
import { capsElement, clientInfo } from './client-caps.ts';
import { type FocusSession, requestConference } from './conference-request.ts';
import type { RoomContext } from './room-context.ts';
import type { RoomFeatures } from './room-features.ts';

export interface EntranceOptions {
  readonly domain: string;
  readonly focusAddress: string;
  readonly session?: FocusSession | undefined;
  readonly ssrcRewriting: boolean;
}

export class Entrance {
  readonly #platform: Platform;
  readonly #connection: Connection;
  readonly #context: RoomContext;
  readonly #features: RoomFeatures;
  readonly #options: EntranceOptions;
  #session: FocusSession;
  #focusJid = '';
  #caps: XmlElement | undefined;

  constructor(
    dependencies: { readonly platform: Platform; readonly connection: Connection },
    context: RoomContext,
    features: RoomFeatures,
    options: EntranceOptions,
  ) {
    this.#platform = dependencies.platform;
    this.#connection = dependencies.connection;
    this.#context = context;
    this.#features = features;
    this.#options = options;
    this.#session = options.session ?? { machineUid: randomUuid(dependencies.platform.random) };
  }

  /** By what the focus knows us again; may change with every preparation. */
  get session(): FocusSession {
    return this.#session;
  }

  /** Bare JID; empty before the focus has answered. */
  get focusJid(): string {
    return this.#focusJid;
  }

  /** Resolves with our capabilities when the room may be joined. Rejects with a RequestError. */
  async prepare(signal: AbortSignal): Promise<XmlElement> {
    const { timers, sha1Base64 } = this.#platform;
    const { domain, focusAddress } = this.#options;
    const { roomJid } = this.#context;
    const request = { focusAddress, roomJid, session: this.#session };
    const [ready, caps] = await Promise.all([
      requestConference(this.#connection, timers, request, signal),
      this.#caps ?? capsElement(sha1Base64, clientInfo(this.#options)),
      this.#features.discover(domain),
    ]);
    this.#focusJid = ready.focusJid;
    this.#session = ready.session;
    this.#caps = caps;
    return caps;
  }

  /** The focus forgets that somebody has logged in with this browser. Rejects with a RequestError. */
  async logOut(): Promise<void> {
    const { machineUid, sessionId } = this.#session;
    if (sessionId === undefined) return;
    const logout = xml('logout', NS.focus, { 'session-id': sessionId });
    await this.#context.request('set', this.#options.focusAddress, logout);
    this.#session = { machineUid };
  }
}
