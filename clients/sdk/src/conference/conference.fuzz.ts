/** 100,000 mutated frames, on the signalling socket and the bridge channel of a client in a call: none may throw. */
import { ManualClock, SeededRandom, textCorpus } from '@conclave/testkit';
import { expect, test, vi } from 'vitest';
import { FakeMediaStream } from '../testing/fake-media-stream.ts';
import {
  FOCUS,
  gone,
  initiate,
  jingle,
  jsonSources,
  OWN_ID,
  occupant,
  ROOM,
  RoomStage,
  SELF,
} from '../testing/room-stage.ts';
import { settled } from '../testing/settled.ts';

const INPUTS = 100_000;
const PER_STAGE = 500;
const CORPUS = textCorpus(import.meta.url);
const isOfChannel = (text: string) => text.startsWith('{');

function news(label: string, json: string): string {
  const from = label === 'lobby' ? 'daily@lobby.meet.jitsi/e0000000' : `${label}.meet.jitsi`;
  return `<message xmlns="jabber:client" from="${from}"><json-message xmlns="http://jitsi.org/jitmeet">${json.replaceAll('"', '&quot;')}</json-message></message>`;
}

const XMPP_SEEDS = [
  FOCUS,
  SELF,
  SELF.replace(
    '</presence>',
    '<permissions xmlns="http://jitsi.org/jitmeet"><p name="screen-sharing" val="false"/></permissions></presence>',
  ),
  occupant('b0000000', '<SourceInfo>{"b0000000-a0":{"muted":false}}</SourceInfo>'),
  occupant('b0000000', '<audiomuted>true</audiomuted><videoType>desktop</videoType>'),
  gone('b0000000'),
  initiate('s1', [jsonSources('b0000000', 100)]),
  initiate('s2', [jsonSources('jvb', 1)]),
  jingle(
    'source-add',
    's1',
    `<json-message xmlns="http://jitsi.org/jitmeet">{"sources":{}}</json-message>`,
  ),
  jingle('source-remove', 's1', ''),
  jingle('session-terminate', 's1', '<reason><success/></reason>'),
  `<message xmlns="jabber:client" type="groupchat" from="${ROOM}/b0000000"><body>hello</body></message>`,
  `<message xmlns="jabber:client" type="error" from="${ROOM}"><error type="cancel"/></message>`,
  `<iq xmlns="jabber:client" type="get" id="1" from="x@y"><query xmlns="http://jabber.org/protocol/disco#info"/></iq>`,
  `<message xmlns="jabber:client" type="groupchat" from="${ROOM}/b0000000" id="h"><body>before</body><delay xmlns="urn:xmpp:delay" stamp="2026-01-01T00:00:00Z"/><display-name xmlns="http://jitsi.org/protocol/display-name">Ben</display-name></message>`,
  `<message xmlns="jabber:client" type="groupchat" from="${ROOM}"><x xmlns="http://jabber.org/protocol/muc#user"><status code="104"/></x></message>`,
  news(
    'avmoderation',
    `{"type":"av_moderation","room":"${ROOM}","enabled":true,"mediaType":"audio","whitelists":{"audio":["${ROOM}/b"]}}`,
  ),
  news(
    'breakout',
    `{"type":"breakout_rooms","event":"features/breakout-rooms/update","rooms":{"x":{"jid":"x@y","name":"A","participants":{"x@y/b":{"jid":"b@z"}}}}}`,
  ),
  news(
    'polls',
    '{"type":"polls","command":"new-poll","pollId":"p","senderId":"b","question":"Q","answers":[{"name":"A"}]}',
  ),
  news(
    'polls',
    '{"type":"polls","command":"answer-poll","pollId":"p","senderId":"b","answers":[true]}',
  ),
  news(
    'polls',
    '{"type":"polls","command":"old-polls","polls":[{"pollId":"o","question":"Q","answers":[{"name":"A","voters":[{"id":"b","name":"Ben"}]}]}]}',
  ),
  news(
    'visitors',
    `{"type":"visitors","action":"promotion-request","from":"${ROOM}/e","nick":"Eve","on":true}`,
  ),
  news(
    'metadata',
    '{"type":"room_metadata","metadata":{"permissions":{"groupChatRestricted":true}}}',
  ),
  `<iq xmlns="jabber:client" type="set" id="v" from="${ROOM}"><visitors xmlns="jitsi:visitors"/></iq>`,
  `<presence xmlns="jabber:client" from="daily@lobby.meet.jitsi/e0000000"><nick xmlns="http://jabber.org/protocol/nick">Eve</nick><x xmlns="http://jabber.org/protocol/muc#user"><item affiliation="none" role="participant" jid="e@meet.jitsi/r"/></x></presence>`,
  news('lobby', '{"type":"LOBBY_CHAT_MESSAGE","message":"hello"}'),
  `<iq xmlns="jabber:client" type="set" id="m" from="${ROOM}/focus"><mute xmlns="http://jitsi.org/jitmeet/audio" jid="${ROOM}/${OWN_ID}">true</mute></iq>`,
  '<a xmlns="urn:xmpp:sm:3" h="1"/>',
  '<r xmlns="urn:xmpp:sm:3"/>',
] as const;

const CHANNEL_SEEDS = [
  '{"colibriClass":"EndpointStats","from":"b0000000","connectionQuality":50}',
  '{"colibriClass":"EndpointMessage","from":"b0000000","to":"","msgPayload":{"name":"endpoint-reaction","reactions":["like"]}}',
  '{"colibriClass":"ServerHello"}',
  `{"colibriClass":"SenderSourceConstraints","sourceName":"${OWN_ID}-v0","maxHeight":180}`,
  '{"colibriClass":"ForwardedSources","forwardedSources":["b0000000-v0"]}',
  '{"colibriClass":"DominantSpeakerEndpointChangeEvent","dominantSpeakerEndpoint":"b0000000","previousSpeakers":[],"silence":false}',
  '{"colibriClass":"EndpointMessage","from":"b0000000","to":"","msgPayload":{}}',
] as const;

const xmppSeeds = [...XMPP_SEEDS, ...CORPUS.filter((text) => !isOfChannel(text))];
const channelSeeds = [...CHANNEL_SEEDS, ...CORPUS.filter(isOfChannel)];

function mutate(text: string, random: SeededRandom): string {
  let out = text;
  for (let round = random.integer(0, 3); round > 0; round--) {
    const at = random.integer(0, out.length);
    const length = random.integer(0, 12);
    const piece = text.slice(at, at + random.integer(0, 40));
    switch (random.integer(0, 4)) {
      case 0:
        out = out.slice(0, at) + out.slice(at + length);
        break;
      case 1:
        out = out.slice(0, at) + piece + out.slice(at);
        break;
      case 2:
        out = out.slice(0, at) + String.fromCharCode(random.integer(0, 0x2ff)) + out.slice(at + 1);
        break;
      case 3:
        out = out.replace(/\d+/, String(random.integer(-1, 2 ** 32)));
        break;
      default:
        out = out.replace(/"[^"]*"/, '""');
    }
  }
  return out;
}

test('the corpus', async () => {
  vi.stubGlobal('MediaStream', FakeMediaStream);
  const stage = new RoomStage(new ManualClock(), new SeededRandom(1));
  await stage.join(occupant('b0000000'));
  stage.platform.sockets[0]?.receive(initiate('s1', [jsonSources('b0000000', 100)]));
  await settled();
  const { channel } = stage;
  for (const text of CORPUS) {
    const socket = isOfChannel(text) ? channel : stage.platform.sockets[0];
    expect(() => socket?.receive(text), text).not.toThrow();
    await settled();
  }
  stage.connection.close();
  await settled();
  vi.unstubAllGlobals();
});

test('mutated frames change nothing but what they may', async () => {
  vi.stubGlobal('MediaStream', FakeMediaStream);
  const random = new SeededRandom(20_260_101);
  for (let input = 0; input < INPUTS; ) {
    const stage = new RoomStage(new ManualClock(), random);
    await stage.join(occupant('b0000000'));
    for (let i = 0; i < PER_STAGE; i++, input++) {
      const hasChannel = stage.platform.sockets.some(({ url }) => url.includes('colibri-ws'));
      const isChannel = hasChannel && random.integer(0, 3) === 0;
      const seeds = isChannel ? channelSeeds : xmppSeeds;
      const text = mutate(seeds[random.integer(0, seeds.length - 1)] ?? '', random);
      const socket = isChannel ? stage.channel : stage.platform.sockets[0];
      expect(() => socket?.receive(text), text).not.toThrow();
      if (i % 50 === 0) await settled();
    }
    await settled();
    expect(stage.conference.chat.entries.get().length).toBeLessThanOrEqual(1_000);
    expect(stage.conference.participants.get().length).toBeLessThanOrEqual(PER_STAGE);
    stage.connection.close();
    await settled();
  }
  vi.unstubAllGlobals();
});
