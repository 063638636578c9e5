/** The bridge channel as a data channel, when that is what the focus offers. */
import { ManualClock, SeededRandom } from '@conclave/testkit';
import { parse } from 'sdp-transform';
import { beforeEach, expect, test, vi } from 'vitest';
import { initiate, occupant, RoomStage } from '../testing/room-stage.ts';

const TRANSPORT = 'urn:xmpp:jingle:transports:ice-udp:1';
const SCTP = 'urn:xmpp:jingle:transports:dtls-sctp:1';
const DATA = `<content creator="initiator" name="data" senders="both"><transport xmlns="${TRANSPORT}" ufrag="u1" pwd="p1"><sctpmap xmlns="${SCTP}" number="5000" protocol="webrtc-datachannel" streams="1024"/></transport></content>`;

const clock = new ManualClock();
let stage: RoomStage;

beforeEach(async () => {
  stage = new RoomStage(clock, new SeededRandom(1));
  await stage.join(occupant('b0000000'));
  const offer = initiate('s1', []).replace(/<web-socket [^>]*>/g, '');
  await stage.receive(offer.replace('<group ', `${DATA}<group `));
  await stage.answer('session-accept');
});

const channels = () => stage.peerConnection.dataChannels;
const sent = (index = 0) =>
  channels()[index]?.sent.map((text) => String(JSON.parse(text).colibriClass));

test('is opened with the label and protocol that bridges know, on a line of its own', () => {
  expect(channels()).toMatchObject([
    { label: 'JVB data channel', protocol: 'http://jitsi.org/protocols/colibri' },
  ]);
  expect(stage.platform.sockets.filter(({ url }) => url.includes('colibri-ws'))).toEqual([]);
  const { media } = parse(stage.peerConnection.remoteDescriptions[0] ?? '');
  expect(media.map(({ type, mid }) => `${type} ${mid}`)).toEqual([
    'audio 0',
    'video 1',
    'application 2',
  ]);
  expect(media[2]).toMatchObject({ protocol: 'UDP/DTLS/SCTP', sctpPort: 5000 });
});

test('says and hears what a WebSocket would', () => {
  expect(sent()).toEqual([]);
  channels()[0]?.open();
  expect(sent()).toEqual(['ReceiverVideoConstraints', 'SourceVideoTypeMessage']);
  const received = vi.fn();
  stage.conference.on('endpointMessage', received);
  const data = '{"colibriClass":"EndpointMessage","from":"b0000000","to":"","msgPayload":{"x":1}}';
  channels()[0]?.onmessage?.({ data });
  channels()[0]?.onmessage?.({ data: new ArrayBuffer(4) });
  expect(received).toHaveBeenCalledExactlyOnceWith('b0000000', { x: 1 });
});

test('is opened again when it closes, as long as the session lasts', () => {
  channels()[0]?.open();
  channels()[0]?.close();
  expect(stage.conference.media.channelIsOpen).toBe(false);
  clock.advance(1000);
  channels()[1]?.open();
  expect(sent(1)).toEqual(['ReceiverVideoConstraints', 'SourceVideoTypeMessage']);
  stage.conference.media.close();
  clock.advance(100_000);
  expect(channels()).toHaveLength(2);
});
