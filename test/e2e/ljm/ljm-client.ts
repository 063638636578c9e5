/** A participant on an unmodified lib-jitsi-meet in a minimal page. */
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { waitUntil } from '@conclave/testkit';
import { type ChromiumDriver, type ParticipantPage, pageScript } from '@conclave/testkit/browser';
import { type SiteEntry, StaticSite } from '@conclave/testkit/server';
import { type CallClient, displayNameOf, type RemoteParticipant } from '../call-client.ts';
import type { BreakoutRooms, JoinOptions } from './page.ts';
import type { CallEvent } from './page-events.ts';

const require = createRequire(import.meta.url);

/** The library's bundle: the one from the registry, or another build named by `LJM_BUNDLE`. */
const BUNDLE =
  process.env.LJM_BUNDLE ?? require.resolve('@lyno/lib-jitsi-meet/lib-jitsi-meet.min.js');

/** Serves the test page on localhost, or on the address `host`; the library and the page's script come from here, the settings from the server. */
export async function startLjmSite(serverUrl: string, host?: string): Promise<StaticSite> {
  const type = 'text/javascript';
  const html = `<!doctype html><meta charset="utf-8"><title>lib-jitsi-meet</title>
<script src="${serverUrl}/config.js"></script>
<script src="/jquery.js"></script><script>window.jquery = window.jQuery;</script>
<script src="/library.js"></script>
<script src="/page.js"></script>`;
  const entries: Readonly<Record<string, SiteEntry>> = {
    '/': { type: 'text/html', text: html },
    '/jquery.js': { type, file: pathToFileURL(require.resolve('jquery/dist/jquery.min.js')) },
    '/library.js': { type, file: pathToFileURL(BUNDLE) },
    '/page.js': { type, text: await pageScript(new URL('page.ts', import.meta.url)) },
  };
  return StaticSite.start(entries, host);
}

export interface LjmClientOptions {
  readonly number: number;
  /** Laid over the server's `config`. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** Camera size in px; default 640 x 360. */
  readonly width?: number;
  readonly height?: number;
  /** Frames per second; default 10. */
  readonly frameRate?: number;
  /** A picture that is not easily compressed. */
  readonly isGrainy?: boolean;
}

export class LjmClient implements CallClient {
  readonly number: number;
  id = '';
  readonly participant: ParticipantPage;
  readonly #config: Readonly<Record<string, unknown>>;

  private constructor(participant: ParticipantPage, config: Readonly<Record<string, unknown>>) {
    this.participant = participant;
    this.number = participant.number;
    this.#config = config;
  }

  static async open(
    browser: ChromiumDriver,
    site: StaticSite,
    { config = {}, ...media }: LjmClientOptions,
  ): Promise<LjmClient> {
    const participant = await browser.openParticipant(media);
    await participant.page.goto(site.url);
    return new LjmClient(participant, config);
  }

  async join(room: string, options: Pick<JoinOptions, 'password' | 'login'> = {}): Promise<void> {
    const displayName = displayNameOf(this.number);
    const request: JoinOptions = { room, displayName, config: this.#config, ...options };
    this.id = await this.participant.page.evaluate((r) => window.call.join(r), request);
  }

  /**
   * Comes into a full room: the library is sent to the visitor node, and is in the room when the application has
   * followed.
   */
  async joinAsVisitor(room: string): Promise<void> {
    const request = { room, displayName: displayNameOf(this.number), config: this.#config };
    await this.participant.page.evaluate((r) => window.call.begin(r), request);
    await this.followed(1);
  }

  /** The application has followed for the `count`th time to where the library was sent. */
  async followed(count: number): Promise<void> {
    await waitUntil('the client to be where it was sent', async () => {
      return (await this.eventsOf('FOLLOWED')).length === count;
    });
    this.id = await this.participant.page.evaluate(() => window.call.userId());
  }

  /** After a refused join: once more. */
  async tryAgain(): Promise<void> {
    this.id = await this.participant.page.evaluate(() => window.call.tryAgain());
  }

  /** After a refused join: logs in to an account (a full JID) on a second connection, and joins. */
  async becomeHost(id: string, password: string): Promise<void> {
    const login = { id, password };
    this.id = await this.participant.page.evaluate(
      (l) => window.call.becomeHost(l.id, l.password),
      login,
    );
  }

  async grantOwner(id: string): Promise<void> {
    await this.participant.page.evaluate((i) => window.call.grantOwner(i), id);
  }

  /** After a refused join: waits in the lobby of the room. */
  async waitInLobby(): Promise<void> {
    const name = displayNameOf(this.number);
    this.id = await this.participant.page.evaluate((n) => window.call.waitInLobby(n), name);
  }

  readRemote(): Promise<RemoteParticipant[]> {
    return this.participant.page.evaluate(() => window.call.readRemote());
  }

  /** Events of the library so far, oldest first. */
  events(): Promise<CallEvent[]> {
    return this.participant.page.evaluate(() => window.call.events);
  }

  async eventsOf(type: string): Promise<CallEvent[]> {
    return (await this.events()).filter((event) => event.type === type);
  }

  async sendChat(text: string): Promise<void> {
    await this.participant.page.evaluate((t) => window.call.sendMessage(t), text);
  }

  async chatTexts(): Promise<string[]> {
    const messages = await this.eventsOf('MESSAGE_RECEIVED');
    // (sender, text, ...); the library also reports what it sent itself.
    return messages.filter(({ args }) => args[0] !== this.id).map(({ args }) => String(args[1]));
  }

  isP2PActive(): Promise<boolean> {
    return this.participant.page.evaluate(() => window.call.isP2PActive());
  }

  isModerator(): Promise<boolean> {
    return this.participant.page.evaluate(() => window.call.isModerator());
  }

  async kick(id: string): Promise<void> {
    await this.participant.page.evaluate((i) => window.call.kick(i), id);
  }

  /** Sets the room's password. */
  async lock(password: string): Promise<void> {
    await this.participant.page.evaluate((p) => window.call.lock(p), password);
  }

  /** RTP packets sent and received so far over connections to UDP port `port`. */
  rtpPacketsWith(port: number): Promise<number> {
    return this.#rtpPackets((remotePort) => remotePort === port);
  }

  /** The same over all other connections. */
  rtpPacketsWithOthers(port: number): Promise<number> {
    return this.#rtpPackets((remotePort) => remotePort !== port);
  }

  async #rtpPackets(counts: (remotePort: number) => boolean): Promise<number> {
    const connections = await this.participant.page.evaluate(() => window.signedMedia.readStats());
    let packets = 0;
    for (const stats of connections) {
      const pair = stats.find(({ type, nominated, state }) => {
        return type === 'candidate-pair' && nominated === true && state === 'succeeded';
      });
      const remote = stats.find(({ id }) => id === pair?.remoteCandidateId);
      if (remote === undefined || !counts(Number(remote.port))) continue;
      for (const { type, packetsSent, packetsReceived } of stats) {
        if (type === 'outbound-rtp') packets += Number(packetsSent ?? 0);
        if (type === 'inbound-rtp') packets += Number(packetsReceived ?? 0);
      }
    }
    return packets;
  }

  /** As the last update told, by room id. */
  breakoutRooms(): Promise<BreakoutRooms> {
    return this.participant.page.evaluate(() => window.call.breakoutRooms());
  }

  /** Goes to a breakout room or back, over the same connection. */
  async moveTo(roomJid: string): Promise<void> {
    this.id = await this.participant.page.evaluate((jid) => window.call.moveTo(jid), roomJid);
  }

  async leave(): Promise<void> {
    await this.participant.page.evaluate(() => window.call.leave());
  }

  async close(): Promise<void> {
    await this.participant.close();
  }
}
