/**
 * A participant that only watches, on any WebRTC stack: signalling like a Jitsi client's, the focus' offer as a
 * session description to the stack, its answer back as `session-accept`.
 */
import { type Jingle, jingleFromXml, jingleToXml } from '@conclave/protocols/jingle';
import { MediaLines, readLocalAnswer, writeRemoteOffer } from '@conclave/protocols/sdp';
import type { XmlElement } from '@conclave/protocols/xml';
import { WebSocket } from 'ws';
import type { ServerAddress } from '../integration/server-address.ts';
import { XmppClient } from '../integration/xmpp-client.ts';
import type { Peer } from './peer.ts';

const JINGLE = 'urn:xmpp:jingle:1';
const DISCO_INFO = 'http://jabber.org/protocol/disco#info';
const FEATURES = [
  'urn:xmpp:jingle:apps:rtp:audio',
  'urn:xmpp:jingle:apps:rtp:video',
  'urn:xmpp:jingle:transports:ice-udp:1',
  'urn:ietf:rfc:4588',
  'http://jitsi.org/tcc',
  'http://jitsi.org/source-name',
];

export class InteropReceiver {
  /** Name of the source (`<endpoint>-v0`) on each line of the offer, by mid. */
  readonly sources = new Map<string, string>();
  failure: unknown;
  readonly #client: XmppClient;
  readonly #peer: Peer;
  readonly #room: string;
  #channel: WebSocket | undefined;

  private constructor(client: XmppClient, peer: Peer, room: string) {
    this.#client = client;
    this.#peer = peer;
    this.#room = room;
  }

  /** Joins `room` (a full address), in which somebody sends already. */
  static async join(server: ServerAddress, room: string, peer: Peer): Promise<InteropReceiver> {
    const client = await XmppClient.connect(server);
    const receiver = new InteropReceiver(client, peer, room);
    client.onElement = (element) => receiver.#handleElement(element, server);
    await client.login();
    await client.join(room);
    return receiver;
  }

  close(): void {
    this.#channel?.close();
    this.#client.close();
  }

  #handleElement(element: XmlElement, server: ServerAddress): void {
    const type = element.attribute('type');
    if (element.name !== 'iq' || (type !== 'get' && type !== 'set')) return;
    const isQuery = element.child('query', DISCO_INFO) !== undefined;
    const features = FEATURES.map((feature) => `<feature var="${feature}"/>`).join('');
    this.#client.send(
      `<iq xmlns="jabber:client" type="result" id="${element.attribute('id')}" to="${element.attribute('from')}">${isQuery ? `<query xmlns="${DISCO_INFO}">${features}</query>` : ''}</iq>`,
    );
    const jingle = element.child('jingle', JINGLE);
    const parsed = jingle === undefined ? undefined : jingleFromXml(jingle);
    if (parsed?.type !== 'jingle' || parsed.jingle.action !== 'session-initiate') return;
    this.#accept(parsed.jingle, server).catch((error: unknown) => {
      this.failure = error;
    });
  }

  async #accept(offer: Jingle, server: ServerAddress): Promise<void> {
    const transport = offer.contents[0]?.transport;
    if (transport === undefined) throw new Error('the offer has no transport');
    const sdp = writeRemoteOffer({
      sessionId: '1',
      sessionVersion: 1,
      transport,
      media: offer.contents.flatMap(({ description }) =>
        description === undefined ? [] : [{ ...description, type: description.media }],
      ),
      lines: this.#linesOf(offer).lines,
    });
    const answer = readLocalAnswer(await this.#peer.answer(sdp));
    if (answer.type === 'error') throw new Error(`unusable answer: ${answer.reason}`);
    const accept: Jingle = {
      action: 'session-accept',
      sid: offer.sid,
      ...(offer.initiator !== undefined && { initiator: offer.initiator }),
      bundle: ['audio', 'video'],
      contents: offer.contents.flatMap(({ name, description }) => {
        if (description === undefined) return [];
        return {
          name,
          creator: 'responder' as const,
          senders: 'both' as const,
          transport: answer.value.transport,
          description: { ...description, sources: [], groups: [] },
        };
      }),
    };
    const focus = `${this.#room}/focus`;
    const reply = await this.#client.ask('set', focus, jingleToXml(accept).toString());
    if (reply.attribute('type') !== 'result') throw new Error(`not accepted: ${reply.toString()}`);
    this.#openChannel(transport.webSocketUrl ?? '', server);
  }

  #linesOf(offer: Jingle): MediaLines {
    const lines = new MediaLines();
    for (const { description } of offer.contents) {
      if (description === undefined) continue;
      const { media, sources, groups } = description;
      const names = new Set(sources.filter(({ owner }) => owner !== 'jvb').map(({ name }) => name));
      for (const name of names) {
        if (name === undefined) continue;
        const ssrcs = sources.filter((source) => source.name === name).map(({ ssrc }) => ssrc);
        const own = groups.filter((group) => group.ssrcs.every((ssrc) => ssrcs.includes(ssrc)));
        lines.add({ type: media, name, ssrcs, groups: own });
      }
    }
    for (const { mid, source } of lines.lines) {
      if (source !== undefined) this.sources.set(mid, source.name);
    }
    return lines;
  }

  #openChannel(url: string, server: ServerAddress): void {
    const channel = new WebSocket(url, { ca: server.certificate });
    this.#channel = channel;
    channel.on('error', (error) => {
      this.failure = error;
    });
    const colibriClass = 'ReceiverVideoConstraints';
    channel.on('open', () => {
      channel.send(JSON.stringify({ colibriClass, defaultConstraints: { maxHeight: 180 } }));
    });
  }
}
