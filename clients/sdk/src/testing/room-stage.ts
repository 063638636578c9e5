/** A conference with the server's part played by the test: who is there, what the focus offers. */
import type { Clock, RandomSource, Timers } from '@conclave/base';
import { Conference } from '../conference/conference.ts';
import { LocalMedia } from '../media/local-media.ts';
import { LocalScreen } from '../media/local-screen.ts';
import { mediaTraitsOf } from '../media/media-traits.ts';
import { Connection } from '../xmpp/connection.ts';
import { FakePeerConnection } from './fake-peer-connection.ts';
import { FakePlatform, type FakeSocket } from './fake-platform.ts';
import { settled } from './settled.ts';
import { OWN_JID, signOn } from './sign-on.ts';

export const ROOM = 'daily@muc.meet.jitsi';
export const OWN_ID = 'a1b2c3d4';

const MUC_USER = 'http://jabber.org/protocol/muc#user';

export function occupant(nick: string, payload = '', item = ''): string {
  const attributes =
    item === '' ? `affiliation="none" role="participant" jid="${nick}@meet.jitsi/r"` : item;
  return `<presence xmlns="jabber:client" from="${ROOM}/${nick}" to="${OWN_JID}">${payload}<x xmlns="${MUC_USER}"><item ${attributes}/></x></presence>`;
}

export const FOCUS = occupant(
  'focus',
  '',
  'affiliation="owner" role="moderator" jid="focus@auth.meet.jitsi/focus"',
);

export const SELF = `<presence xmlns="jabber:client" from="${ROOM}/${OWN_ID}" to="${OWN_JID}"><x xmlns="${MUC_USER}"><item affiliation="none" role="participant" jid="${OWN_JID}"/><status code="100"/><status code="110"/></x></presence>`;

export function gone(nick: string, inside = ''): string {
  return `<presence xmlns="jabber:client" type="unavailable" from="${ROOM}/${nick}" to="${OWN_JID}"><x xmlns="${MUC_USER}">${inside}</x></presence>`;
}

function content(media: 'audio' | 'video'): string {
  const codec =
    media === 'audio'
      ? '<payload-type id="111" name="opus" clockrate="48000" channels="2"/>'
      : '<payload-type id="100" name="VP8" clockrate="90000"/>';
  return `<content creator="initiator" name="${media}" senders="both"><description xmlns="urn:xmpp:jingle:apps:rtp:1" media="${media}">${codec}<rtcp-mux/></description><transport xmlns="urn:xmpp:jingle:transports:ice-udp:1" ufrag="u1" pwd="p1"><fingerprint xmlns="urn:xmpp:jingle:apps:dtls:0" hash="sha-256" setup="actpass">3A:91</fingerprint><web-socket xmlns="http://jitsi.org/protocol/colibri" url="wss://meet.jitsi/colibri-ws/jvb/m1/${OWN_ID}?pwd=x"/></transport></content>`;
}

export function jsonSources(id: string, first: number): string {
  return `"${id}":[[{"s":${first},"n":"${id}-v0","m":"${id}-v 1"},{"s":${first + 1},"n":"${id}-v0","m":"${id}-v 1"}],[["f",${first},${first + 1}]],[{"s":${first + 2},"n":"${id}-a0","m":"${id}-a 1"}]]`;
}

/** A Jingle request of the focus. */
export function jingle(action: string, sid: string, inner: string, from = 'focus'): string {
  return `<iq xmlns="jabber:client" type="set" id="j-${action}" from="${ROOM}/${from}" to="${OWN_JID}"><jingle xmlns="urn:xmpp:jingle:1" action="${action}" initiator="focus@auth.meet.jitsi/focus" sid="${sid}">${inner}</jingle></iq>`;
}

export function initiate(sid: string, sources: readonly string[], from = 'focus'): string {
  const json = `{"sources":{${sources.join(',')}}}`.replaceAll('"', '&quot;');
  return jingle(
    'session-initiate',
    sid,
    `${content('audio')}${content('video')}<group xmlns="urn:xmpp:jingle:apps:grouping:0" semantics="BUNDLE"><content name="audio"/><content name="video"/></group><bridge-session xmlns="http://jitsi.org/protocol/focus" id="bs-1"/><json-message xmlns="http://jitsi.org/jitmeet">${json}</json-message>`,
    from,
  );
}

const component = (type: string, label: string) =>
  `<identity category="component" type="${type}" name="${label}.meet.jitsi"/>`;

/** The components of the server that the stage plays. */
const SERVICES = `<query xmlns="http://jabber.org/protocol/disco#info">${[
  component('av_moderation', 'avmoderation'),
  component('end_conference', 'endconference'),
  component('lobbyrooms', 'lobby'),
  component('room_metadata', 'metadata'),
  component('polls', 'polls'),
  component('breakout_rooms', 'breakout'),
  component('visitors', 'visitors'),
].join('')}</query>`;

class FakeScreenStream {
  readonly track = { kind: 'video', contentHint: '', onended: null, stop() {} };

  getVideoTracks(): unknown[] {
    return [this.track];
  }

  getAudioTracks(): unknown[] {
    return [];
  }
}

export class RoomStage {
  readonly platform: FakePlatform;
  readonly connection: Connection;
  readonly localMedia: LocalMedia;
  readonly screen: LocalScreen;
  readonly conference: Conference;
  readonly peerConnections: FakePeerConnection[] = [];
  browserRefusesOffers = false;
  readonly #xmpp: FakeSocket;

  constructor(clock: Clock & Timers, random: RandomSource, userAgent = 'Chrome/150') {
    this.platform = new FakePlatform(clock, random);
    this.connection = new Connection(this.platform, {
      serviceUrl: 'wss://meet.jitsi/xmpp-websocket',
      domain: 'meet.jitsi',
    });
    this.connection.connect();
    this.#xmpp = this.platform.socket;
    signOn(this.#xmpp);
    this.localMedia = new LocalMedia(undefined, { audioMuted: true, videoMuted: true });
    this.screen = new LocalScreen({
      getDisplayMedia: async () => new FakeScreenStream() as unknown as MediaStream,
    });
    this.conference = new Conference(
      {
        platform: this.platform,
        connection: this.connection,
        localMedia: this.localMedia,
        screen: this.screen,
        mixAudio: () => {
          throw new Error('nothing is mixed: there are no devices');
        },
        createPeerConnection: () => {
          const pc = new FakePeerConnection();
          pc.refuses = this.browserRefusesOffers;
          this.peerConnections.push(pc);
          return pc as unknown as RTCPeerConnection;
        },
      },
      {
        roomName: 'Daily',
        domain: 'meet.jitsi',
        mucDomain: 'muc.meet.jitsi',
        focusAddress: 'focus.meet.jitsi',
        displayName: 'Ada',
        videoCodecs: ['vp8'],
        traits: mediaTraitsOf(userAgent),
        ssrcRewriting: true,
      },
    );
  }

  /** The socket of the bridge channel. */
  get channel(): FakeSocket {
    const socket = this.platform.sockets.findLast(({ url }) => url.includes('colibri-ws'));
    if (socket === undefined) throw new Error('no bridge channel was opened');
    return socket;
  }

  get peerConnection(): FakePeerConnection {
    const pc = this.peerConnections.at(-1);
    if (pc === undefined) throw new Error('no peer connection was made');
    return pc;
  }

  /** What the client sent since the last call, without requests for acknowledgement. */
  sent(): string[] {
    return this.#xmpp.take().filter((text) => !text.startsWith('<r '));
  }

  async receive(...texts: string[]): Promise<void> {
    this.#xmpp.receive(...texts);
    await settled();
  }

  /** Answers the last request that was sent and holds `marker`. */
  async answer(marker: string, inner = '', type = 'result'): Promise<string> {
    const request = this.sent().findLast((text) => text.includes(marker)) ?? '';
    return this.#answer(request, inner, type);
  }

  async #answer(request: string, inner: string, type: string): Promise<string> {
    const id = / id="([^"]*)"/.exec(request)?.[1];
    const to = / to="([^"]*)"/.exec(request)?.[1] ?? 'meet.jitsi';
    await this.receive(
      `<iq xmlns="jabber:client" type="${type}" id="${id}" from="${to}">${inner}</iq>`,
    );
    return request;
  }

  async answerConferenceRequest(ready = 'true'): Promise<string> {
    const sent = this.sent();
    const discovery = sent.find((text) => text.includes('disco#info'));
    if (discovery !== undefined) await this.#answer(discovery, SERVICES, 'result');
    const request = sent.findLast((text) => text.includes('<conference')) ?? '';
    const inner = `<conference xmlns="http://jitsi.org/protocol/focus" ready="${ready}" focusjid="focus@auth.meet.jitsi"/>`;
    return this.#answer(request, inner, 'result');
  }

  /** All the way in. */
  async join(...others: string[]): Promise<void> {
    void this.conference.join();
    await settled();
    await this.answerConferenceRequest();
    await this.receive(FOCUS, ...others, SELF);
    this.sent();
  }
}
