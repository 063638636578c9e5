/** A participant without a browser: signalling like a client's, media like a camera's. */
import { type Jingle, jingleFromXml, jingleToXml } from '@conclave/protocols/jingle';
import type { XmlElement } from '@conclave/protocols/xml';
import { WebSocket } from 'ws';
import type { ServerAddress } from '../../integration/server-address.ts';
import { XmppClient } from '../../integration/xmpp-client.ts';
import { type MediaSsrcs, ParticipantMedia, type VoiceWatch } from './participant-media.ts';

const JINGLE = 'urn:xmpp:jingle:1';
const DISCO_INFO = 'http://jabber.org/protocol/disco#info';
const SSRC_REWRITING = 'http://jitsi.org/ssrc-rewriting-1';
const FEATURES = [
  'urn:xmpp:jingle:1',
  'urn:xmpp:jingle:apps:rtp:audio',
  'urn:xmpp:jingle:apps:rtp:video',
  'urn:xmpp:jingle:transports:ice-udp:1',
  'urn:xmpp:jingle:apps:dtls:0',
  'urn:ietf:rfc:5761',
  'urn:ietf:rfc:5888',
  'urn:ietf:rfc:4588',
  'http://jitsi.org/tcc',
  'http://jitsi.org/source-name',
  'http://jitsi.org/json-encoded-sources',
];

export interface ParticipantOptions {
  /** It signals SSRCs of its own, but its packets carry these. */
  readonly sendAs?: MediaSsrcs;
  /** Where it logs in, without proof; default `meet.jitsi`. */
  readonly domain?: string;
  /** It sends no media, but receives. */
  readonly isSilent?: boolean;
  /** It is not told of the others' sources. */
  readonly takesRewrittenSsrcs?: boolean;
  /** Its session outlives its connection (XEP-0198). */
  readonly canResume?: boolean;
}

export class SyntheticParticipant {
  readonly #client: XmppClient;
  readonly #room: string;
  #media: ParticipantMedia | undefined;
  #channel: WebSocket | undefined;
  #sid = '';
  readonly #options: ParticipantOptions;
  #isClosed = false;

  private constructor(client: XmppClient, room: string, options: ParticipantOptions) {
    this.#client = client;
    this.#room = room;
    this.#options = options;
  }

  /** Joins; the media follow when the focus invites. */
  static async join(
    server: ServerAddress,
    room: string,
    options: ParticipantOptions = {},
  ): Promise<SyntheticParticipant> {
    const client = await XmppClient.connect(server);
    const participant = new SyntheticParticipant(client, room, options);
    client.onElement = (element) => participant.#handleElement(element, server);
    await client.login(options.domain);
    if (options.canResume) client.send('<enable xmlns="urn:xmpp:sm:3" resume="true"/>');
    await client.join(room);
    return participant;
  }

  get isConnected(): boolean {
    return this.#media?.isConnected === true && this.#channel?.readyState === WebSocket.OPEN;
  }

  /** A question to the server and its answer: how long that takes, ms. */
  async ping(): Promise<number> {
    const startMs = performance.now();
    await this.#client.ask('get', 'meet.jitsi', '<ping xmlns="urn:xmpp:ping"/>');
    return performance.now() - startMs;
  }

  /** From now on, in the present media session. */
  watchVoices(watch: VoiceWatch): void {
    if (this.#media !== undefined) this.#media.voiceWatch = watch;
  }

  get receivedVideoPackets(): number {
    return this.#media?.receivedVideoPackets ?? 0;
  }

  /** Says that sources with these SSRCs are its own too; the type of the answer. */
  async claim({ audioSsrc, videoSsrcs }: MediaSsrcs): Promise<string | undefined> {
    const endpoint = this.#client.nick;
    const contents = [['audio', [audioSsrc]] as const, ['video', videoSsrcs] as const];
    const jingle: Jingle = {
      action: 'source-add',
      sid: this.#sid,
      bundle: [],
      contents: contents.map(([media, ssrcs]) => ({
        name: media,
        creator: 'responder' as const,
        description: {
          media,
          payloadTypes: [],
          rtcpFeedback: [],
          rtcpMux: true,
          headerExtensions: [],
          extmapAllowMixed: false,
          sources: ssrcs.map((ssrc) => ({
            ssrc,
            name: `${endpoint}-${media[0]}1`,
            msid: `${endpoint}-${media} ${media}-claimed`,
          })),
          groups: media === 'video' ? [{ semantics: 'SIM' as const, ssrcs: [...ssrcs] }] : [],
        },
      })),
    };
    const reply = await this.#client.ask(
      'set',
      `${this.#room}/focus`,
      jingleToXml(jingle).toString(),
    );
    return reply.attribute('type');
  }

  /** Leaves the room and closes the stream, as a client does whose user hangs up. */
  leave(): void {
    this.#client.send(
      `<presence xmlns="jabber:client" type="unavailable" to="${this.#room}/${this.#client.nick}"/>`,
    );
    this.#client.send('<close xmlns="urn:ietf:params:xml:ns:xmpp-framing"/>');
    this.close();
  }

  close(): void {
    this.#isClosed = true;
    this.#media?.close();
    this.#channel?.close();
    this.#client.close();
  }

  /** Is gone from one moment to the next: no close frame, no DTLS alert. */
  vanish(): void {
    this.#isClosed = true;
    this.#media?.stop();
    this.#channel?.terminate();
    this.#client.socket.terminate();
  }

  #handleElement(element: XmlElement, server: ServerAddress): void {
    if (element.name !== 'iq') return;
    const type = element.attribute('type');
    if (type !== 'get' && type !== 'set') return;
    const jingle = element.child('jingle', JINGLE);
    const query = element.child('query', DISCO_INFO);
    const known = this.#options.takesRewrittenSsrcs ? [...FEATURES, SSRC_REWRITING] : FEATURES;
    const features = known.map((feature) => `<feature var="${feature}"/>`).join('');
    const payload = query === undefined ? '' : `<query xmlns="${DISCO_INFO}">${features}</query>`;
    this.#client.send(
      `<iq xmlns="jabber:client" type="result" id="${element.attribute('id')}" to="${element.attribute('from')}">${payload}</iq>`,
    );
    if (jingle === undefined) return;
    const parsed = jingleFromXml(jingle);
    if (parsed.type === 'error') throw new Error(`the server sent bad Jingle: ${parsed.reason}`);
    if (parsed.jingle.action === 'session-initiate') this.#accept(parsed.jingle, server);
  }

  #accept(offer: Jingle, server: ServerAddress): void {
    const transport = offer.contents[0]?.transport;
    if (transport === undefined) throw new Error('the offer has no transport');
    this.#media?.close();
    const media = new ParticipantMedia(transport, this.#options.sendAs, this.#options.isSilent);
    this.#sid = offer.sid;
    this.#media = media;
    const endpoint = this.#client.nick;
    const [low = 0] = media.videoSsrcs;
    const answer: Jingle = {
      action: 'session-accept',
      sid: offer.sid,
      ...(offer.initiator !== undefined && { initiator: offer.initiator }),
      bundle: ['audio', 'video'],
      contents: offer.contents.flatMap(({ name, description }) => {
        if (description === undefined) return [];
        const isAudio = description.media === 'audio';
        const ssrcs = isAudio ? [media.audioSsrc] : [...media.videoSsrcs, ...media.rtxSsrcs];
        const sourceName = `${endpoint}-${isAudio ? 'a' : 'v'}0`;
        return {
          name,
          creator: 'responder' as const,
          senders: 'both' as const,
          transport: media.transport,
          description: {
            ...description,
            sources: ssrcs.map((ssrc) => ({
              ssrc,
              name: sourceName,
              msid: `${sourceName}-stream ${isAudio ? media.audioSsrc : low}-track`,
              ...(!isAudio && { videoType: 'camera' as const }),
            })),
            groups: isAudio
              ? []
              : [
                  { semantics: 'SIM' as const, ssrcs: media.videoSsrcs },
                  ...media.videoSsrcs.map((ssrc, i) => ({
                    semantics: 'FID' as const,
                    ssrcs: [ssrc, media.rtxSsrcs[i] ?? 0],
                  })),
                ],
          },
        };
      }),
    };
    this.#client
      .ask('set', `${this.#room}/focus`, jingleToXml(answer).toString())
      .then((reply) => {
        if (reply.attribute('type') !== 'result') throw new Error(`not accepted: ${reply}`);
      })
      .catch((error: unknown) => {
        // Who has left meanwhile gets no answer.
        if (!this.#isClosed) throw error;
      });
    this.#channel?.close();
    const channel = new WebSocket(transport.webSocketUrl ?? '', { ca: server.certificate });
    this.#channel = channel;
    channel.on('error', () => {});
    channel.on('open', () => {
      channel.send(
        JSON.stringify({
          colibriClass: 'ReceiverVideoConstraints',
          lastN: -1,
          defaultConstraints: { maxHeight: 180 },
        }),
      );
    });
  }
}
