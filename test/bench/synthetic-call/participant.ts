/** A participant without a browser: signalling like a client's, media like a camera's. */
import { type Jingle, jingleFromXml, jingleToXml } from '@conclave/protocols/jingle';
import type { XmlElement } from '@conclave/protocols/xml';
import { WebSocket } from 'ws';
import type { ServerAddress } from '../../integration/server-address.ts';
import { XmppClient } from '../../integration/xmpp-client.ts';
import { ParticipantMedia } from './participant-media.ts';

const JINGLE = 'urn:xmpp:jingle:1';
const DISCO_INFO = 'http://jabber.org/protocol/disco#info';
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

export class SyntheticParticipant {
  readonly #client: XmppClient;
  readonly #room: string;
  #media: ParticipantMedia | undefined;
  #channel: WebSocket | undefined;

  private constructor(client: XmppClient, room: string) {
    this.#client = client;
    this.#room = room;
  }

  /** Joins; the media follow when the focus invites. */
  static async join(server: ServerAddress, room: string): Promise<SyntheticParticipant> {
    const client = await XmppClient.connect(server);
    const participant = new SyntheticParticipant(client, room);
    client.onElement = (element) => participant.#handleElement(element, server);
    await client.login();
    await client.join(room);
    return participant;
  }

  get isConnected(): boolean {
    return this.#media?.isConnected === true && this.#channel?.readyState === WebSocket.OPEN;
  }

  get receivedVideoPackets(): number {
    return this.#media?.receivedVideoPackets ?? 0;
  }

  close(): void {
    this.#media?.close();
    this.#channel?.close();
    this.#client.close();
  }

  #handleElement(element: XmlElement, server: ServerAddress): void {
    if (element.name !== 'iq') return;
    const type = element.attribute('type');
    if (type !== 'get' && type !== 'set') return;
    const jingle = element.child('jingle', JINGLE);
    const query = element.child('query', DISCO_INFO);
    const features = FEATURES.map((feature) => `<feature var="${feature}"/>`).join('');
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
    const media = new ParticipantMedia(transport);
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
    this.#client.ask('set', `${this.#room}/focus`, jingleToXml(answer).toString()).then((reply) => {
      if (reply.attribute('type') !== 'result') throw new Error(`not accepted: ${reply}`);
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
