import { ManualClock, SeededRandom } from '@conclave/testkit';
import { parse } from 'sdp-transform';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { FakeMediaStream } from '../testing/fake-media-stream.ts';
import {
  gone,
  initiate,
  jingle,
  jsonSources,
  OWN_ID,
  occupant,
  ROOM,
  RoomStage,
} from '../testing/room-stage.ts';
import { settled } from '../testing/settled.ts';

let clock: ManualClock;
let stage: RoomStage;

beforeEach(async () => {
  vi.stubGlobal('MediaStream', FakeMediaStream);
  clock = new ManualClock();
  stage = new RoomStage(clock, new SeededRandom(1));
  await stage.join(occupant('b0000000'));
});

afterEach(() => {
  vi.unstubAllGlobals();
});

const names = () =>
  stage.conference.media.remoteTracks
    .get()
    .map((track) => track.sourceName)
    .sort();
const directions = () =>
  parse(stage.peerConnection.remoteDescriptions.at(-1) ?? '').media.map((line) => line.direction);
const source = (action: string, ...owners: string[]) =>
  jingle(
    action,
    's1',
    `<json-message xmlns="http://jitsi.org/jitmeet">${`{"sources":{${owners.join(',')}}}`.replaceAll('"', '&quot;')}</json-message>`,
  );

async function accepted(...sources: string[]): Promise<string> {
  await stage.receive(initiate('s1', sources));
  return stage.answer('session-accept');
}

describe('the offer of the focus', () => {
  test('is accepted with our codecs, transport, and simulcast sources by name', async () => {
    const accept = await accepted(jsonSources('b0000000', 100));
    expect(accept).toContain(`to="${ROOM}/focus"`);
    expect(accept).toContain('sid="s1"');
    expect(accept).toContain('ufrag="Qx1z"');
    expect(accept).toContain('setup="active"');
    expect(accept.match(new RegExp(`name="${OWN_ID}-v0"`, 'g'))).toHaveLength(6);
    expect(accept.match(new RegExp(`name="${OWN_ID}-a0"`, 'g'))).toHaveLength(1);
    expect(accept.match(/semantics="SIM"/g)).toHaveLength(1);
    expect(accept.match(/semantics="FID"/g)).toHaveLength(3);
    expect(accept).not.toContain('b0000000');
    expect(names()).toEqual(['b0000000-a0', 'b0000000-v0']);
  });

  test('opens the bridge channel before it is accepted, and says at once what we want to see', async () => {
    await stage.receive(initiate('s1', []));
    stage.channel.events.onOpen();
    const messages = stage.channel.take().map((text) => JSON.parse(text).colibriClass);
    expect(messages).toEqual(['ReceiverVideoConstraints', 'SourceVideoTypeMessage']);
  });

  test('is refused when the session is there already', async () => {
    await accepted();
    await stage.receive(initiate('s1', []));
    expect(stage.sent().join()).toContain('<service-unavailable');
    expect(stage.peerConnections).toHaveLength(1);
  });

  test('a new one replaces the old session', async () => {
    await accepted(jsonSources('b0000000', 100));
    await stage.receive(initiate('s2', []));
    expect(stage.peerConnections.map(({ closed }) => closed)).toEqual([true, false]);
    expect(names()).toEqual([]);
  });

  test('that makes no sense is a bad request', async () => {
    await stage.receive(jingle('session-initiate', '', ''));
    expect(stage.sent().join()).toContain('<bad-request');
  });

  test('that the browser refuses asks for another session, and gives up when that is refused', async () => {
    stage.browserRefusesOffers = true;
    await stage.receive(initiate('s1', []));
    const request = await stage.answer(
      'session-terminate',
      '<error type="wait"><resource-constraint xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"/></error>',
      'error',
    );
    expect(request).toContain('restart="true"');
    expect(stage.conference.state.get()).toMatchObject({ failure: { type: 'mediaFailed' } });
  });
});

describe('sources', () => {
  test('that come together cost one negotiation', async () => {
    await accepted();
    await stage.receive(
      source('source-add', jsonSources('b0000000', 100)),
      source('source-add', jsonSources('c0000000', 200)),
    );
    expect(stage.peerConnection.remoteDescriptions).toHaveLength(2);
    expect(names()).toHaveLength(4);
    expect(directions()).toEqual([
      'sendrecv',
      'sendrecv',
      'sendonly',
      'sendonly',
      'sendonly',
      'sendonly',
    ]);
  });

  test('that go free their lines for others', async () => {
    await accepted(jsonSources('b0000000', 100));
    await stage.receive(source('source-remove', jsonSources('b0000000', 100)));
    expect(directions()).toEqual(['sendrecv', 'sendrecv', 'inactive', 'inactive']);
    await stage.receive(source('source-add', jsonSources('c0000000', 200)));
    expect(directions()).toEqual(['sendrecv', 'sendrecv', 'sendonly', 'sendonly']);
    expect(names()).toEqual(['c0000000-a0', 'c0000000-v0']);
  });

  test('of a person who leaves go without being told', async () => {
    await accepted(jsonSources('b0000000', 100));
    await stage.receive(gone('b0000000'));
    expect(names()).toEqual([]);
    expect(directions()).toEqual(['sendrecv', 'sendrecv', 'inactive', 'inactive']);
  });

  test('a track stays the same object through negotiations that are about others', async () => {
    await accepted(jsonSources('b0000000', 100));
    const [before] = stage.conference.media.remoteTracks.get();
    await stage.receive(source('source-add', jsonSources('c0000000', 200)));
    expect(stage.conference.media.remoteTracks.get()[0]).toBe(before);
  });

  test('for an unknown session are refused', async () => {
    await stage.receive(source('source-add', jsonSources('b0000000', 100)));
    const [reply = ''] = stage.sent();
    expect(reply).toContain('<item-not-found');
    expect(reply).toContain('<unknown-session xmlns="urn:xmpp:jingle:errors:1"/>');
  });
});

describe('what the bridge says', () => {
  const say = (message: object) => stage.channel.receive(JSON.stringify(message));
  const active = () =>
    stage.peerConnection.transceivers[1]?.sender.parameters.encodings.map((e) => e.active);

  beforeEach(async () => {
    await accepted();
    stage.channel.events.onOpen();
  });

  test.each([
    [0, [false, false, false]],
    [90, [true, false, false]],
    [180, [true, false, false]],
    [360, [true, true, false]],
    [719, [true, true, false]],
    [720, [true, true, true]],
    [-1, [true, true, true]],
  ])('a wanted height of %i gives layers %j', async (maxHeight, expected) => {
    say({ colibriClass: 'SenderSourceConstraints', sourceName: `${OWN_ID}-v0`, maxHeight });
    await settled();
    expect(active()).toEqual(expected);
  });

  test('heights of other sources are not ours', async () => {
    say({ colibriClass: 'SenderSourceConstraints', sourceName: 'b0000000-v0', maxHeight: 0 });
    await settled();
    expect(active()).toEqual([true, true, true]);
  });

  test('who speaks, what is forwarded, what others send', () => {
    const received = vi.fn();
    stage.conference.on('endpointMessage', received);
    say({
      colibriClass: 'DominantSpeakerEndpointChangeEvent',
      dominantSpeakerEndpoint: 'b0000000',
      previousSpeakers: [],
      silence: false,
    });
    say({ colibriClass: 'ForwardedSources', forwardedSources: ['b0000000-v0'] });
    say({ colibriClass: 'EndpointMessage', from: 'b0000000', to: '', msgPayload: { type: 'x' } });
    const { media } = stage.conference;
    expect(media.dominantSpeaker.get()).toBe('b0000000');
    expect(media.forwardedSources.get()).toEqual(new Set(['b0000000-v0']));
    expect(received).toHaveBeenCalledExactlyOnceWith('b0000000', { type: 'x' });
  });

  test('nonsense is ignored', () => {
    stage.channel.receive('', '{', '[]', '{"colibriClass":5}', '{"colibriClass":"Unknown"}');
    expect(stage.conference.media.channelIsOpen).toBe(true);
  });

  test('the channel comes back by itself and repeats what we want', () => {
    stage.channel.take();
    const before = stage.platform.sockets.length;
    stage.channel.lose();
    clock.advance(999);
    expect(stage.platform.sockets).toHaveLength(before);
    clock.advance(1);
    expect(stage.platform.sockets).toHaveLength(before + 1);
    stage.channel.events.onOpen();
    expect(stage.channel.take()[0]).toContain('ReceiverVideoConstraints');
  });

  test('a layout goes out once, until it changes', () => {
    stage.channel.take();
    const layout = (heightPx: number) => ({
      onStage: [],
      heightsPx: new Map([['b0000000-v0', heightPx]]),
      defaultHeightPx: 180,
    });
    stage.conference.media.setLayout(layout(300));
    stage.conference.media.setLayout(layout(310));
    stage.conference.media.setLayout(layout(700));
    const heights = stage.channel
      .take()
      .map((text) => JSON.parse(text).constraints['b0000000-v0'].maxHeight);
    expect(heights).toEqual([360, 720]);
  });
});

describe('an interrupted path to the bridge', () => {
  const asked = () => stage.sent().filter((text) => text.includes('ice-restart="true"'));
  const pushed = (generation: number, ufrag: string) =>
    jingle(
      'transport-info',
      's1',
      `<content name="audio" creator="initiator"><transport xmlns="urn:xmpp:jingle:transports:ice-udp:1" ufrag="${ufrag}" pwd="0123456789012345678901" ice-generation="${generation}"><candidate component="1" foundation="1" generation="0" id="c0" ip="192.0.2.9" port="10000" priority="2130706431" protocol="udp" type="host"/></transport></content>`,
    );

  test('asks for new credentials, takes them before the candidates, and tells ours', async () => {
    await accepted(jsonSources('b0000000', 100));
    stage.peerConnection.moveIceTo('connected');
    stage.peerConnection.moveIceTo('disconnected');
    clock.advance(999);
    await settled();
    expect(stage.sent().join()).not.toContain('urn:xmpp:ping');
    clock.advance(1);
    await settled();
    await stage.answer('urn:xmpp:ping');
    const [request = ''] = asked();
    expect(request).toMatch(/action="session-info"/);
    expect(request).toMatch(/<bridge-session [^>]*id="bs-1" ice-restart="true"/);
    const before = stage.peerConnection.remoteDescriptions.length;
    await stage.receive(pushed(1, 'fresh1'));
    const [first = '', second = ''] = stage.peerConnection.remoteDescriptions.slice(before);
    expect(first).toContain('a=ice-ufrag:fresh1');
    expect(first).not.toContain('a=candidate');
    expect(second).toContain('a=ice-ufrag:fresh1');
    expect(second).toContain('192.0.2.9 10000');
    const [told = ''] = stage.sent().filter((text) => text.includes('action="transport-info"'));
    expect(told).toMatch(/ufrag="Qx1z"[^>]*ice-generation="1"/);
    expect(names()).toEqual(['b0000000-a0', 'b0000000-v0']);
  });

  test('that is over at once asks nobody', async () => {
    await accepted();
    stage.peerConnection.moveIceTo('disconnected');
    stage.peerConnection.moveIceTo('connected');
    clock.advance(5_000);
    await settled();
    expect(stage.sent().join()).not.toContain('urn:xmpp:ping');
  });

  test('a round that came before, or none, changes nothing', async () => {
    await accepted();
    await stage.receive(pushed(2, 'fresh2'));
    const before = stage.peerConnection.remoteDescriptions.length;
    await stage.receive(pushed(2, 'again2'), pushed(1, 'late1'), pushed(0, 'none0'));
    expect(stage.peerConnection.remoteDescriptions).toHaveLength(before);
  });
});

describe('repair', () => {
  const terminate = () => stage.sent().filter((text) => text.includes('session-terminate'));

  test('asks for a new session when ICE failed and signalling works', async () => {
    await accepted(jsonSources('b0000000', 100));
    stage.peerConnection.moveIceTo('connected');
    stage.peerConnection.moveIceTo('disconnected');
    expect(stage.conference.media.state.get()).toBe('interrupted');
    stage.peerConnection.moveIceTo('failed');
    await stage.answer('urn:xmpp:ping');
    clock.advance(1_999);
    await settled();
    expect(terminate()).toEqual([]);
    clock.advance(1);
    await settled();
    const [request = ''] = terminate();
    expect(request).toContain('<connectivity-error/>');
    expect(request).toMatch(/<bridge-session [^>]*id="bs-1" restart="true"/);
    expect(stage.peerConnection.closed).toBe(true);
    expect(names()).toEqual([]);
  });

  test('does nothing when media came back in the meantime', async () => {
    await accepted();
    stage.peerConnection.moveIceTo('failed');
    await stage.answer('urn:xmpp:ping');
    stage.peerConnection.moveIceTo('connected');
    clock.advance(10_000);
    await settled();
    expect(terminate()).toEqual([]);
  });

  test('a refused restart ends the conference with mediaFailed', async () => {
    await accepted();
    stage.peerConnection.moveIceTo('failed');
    await stage.answer('urn:xmpp:ping');
    clock.advance(2_000);
    await settled();
    await stage.answer(
      'session-terminate',
      '<error type="wait"><resource-constraint xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"/></error>',
      'error',
    );
    expect(stage.conference.state.get()).toEqual({
      type: 'failed',
      failure: { type: 'mediaFailed' },
    });
  });

  test('the focus may end the session; another offer starts afresh', async () => {
    await accepted(jsonSources('b0000000', 100));
    await stage.receive(
      jingle('session-terminate', 's1', '<reason><success/><text>moving</text></reason>'),
    );
    expect(stage.conference.media.state.get()).toBe('none');
    expect(names()).toEqual([]);
    await stage.receive(initiate('s2', [jsonSources('b0000000', 100)]));
    expect(names()).toHaveLength(2);
  });

  test('leaving closes everything', async () => {
    await accepted(jsonSources('b0000000', 100));
    void stage.conference.leave();
    await settled();
    expect(stage.peerConnection.closed).toBe(true);
    expect(stage.channel.closed).toBe(true);
    clock.advance(120_000);
    expect(stage.platform.sockets.filter(({ url }) => url.includes('colibri'))).toHaveLength(1);
  });
});
