import { ownedSourcesOf } from '@conclave/protocols/jingle';
import { describe, expect, test } from 'vitest';
import { ConferenceHarness } from './conference-harness.ts';
import { camera, MODERN_FEATURES, microphone } from './sample-sources.ts';
import { ROOM } from './scripted-client.ts';

describe('a call begins', () => {
  test('one participant alone is not invited, two are', () => {
    const harness = new ConferenceHarness();
    const a = harness.join('aaaa1111');
    expect(a.received).toEqual([]);
    expect(harness.bridge.requests).toEqual([]);
    const b = harness.join('bbbb2222');
    expect(a.received.map(({ action }) => action)).toEqual(['session-initiate']);
    expect(b.received.map(({ action }) => action)).toEqual(['session-initiate']);
    expect(a.offer.sid).not.toBe(b.offer.sid);
  });

  test('a data channel is offered instead of a WebSocket, if wanted, to those who can', () => {
    const harness = new ConferenceHarness({ sctp: true });
    const a = harness.join('aaaa1111', [
      ...MODERN_FEATURES,
      'urn:xmpp:jingle:transports:dtls-sctp:1',
    ]);
    const b = harness.join('bbbb2222');
    expect(a.offer.bundle).toEqual(['audio', 'video', 'data']);
    const [audio, , data] = a.offer.contents;
    expect(audio?.transport?.webSocketUrl).toBeUndefined();
    expect(data).toMatchObject({ senders: 'both', transport: { sctpPort: 5000 } });
    expect(b.offer.bundle).toEqual(['audio', 'video']);
    expect(b.offer.contents[0]?.transport?.webSocketUrl).toBeDefined();
    expect(harness.bridge.about('aaaa1111')[0]?.sctp).toBe(true);
    expect(harness.bridge.about('bbbb2222')[0]?.sctp).toBeUndefined();
  });

  test('the offer is complete', () => {
    const harness = new ConferenceHarness({ region: 'eu' });
    const a = harness.join('aaaa1111');
    harness.join('bbbb2222');
    const { offer } = a;
    expect(offer.initiator).toBe('focus@auth.meet.jitsi/focus');
    expect(offer.responder).toBe(`${ROOM}/aaaa1111`);
    expect(offer.bundle).toEqual(['audio', 'video']);
    expect(offer.bridgeSession?.region).toBe('eu');
    const [audio, video] = offer.contents;
    expect(audio).toMatchObject({ name: 'audio', creator: 'initiator', senders: 'both' });
    expect(video).toMatchObject({ name: 'video', creator: 'initiator', senders: 'both' });
    expect(audio?.transport).toEqual(video?.transport);
    expect(audio?.transport).toMatchObject({
      ufrag: 'uaaaa1111',
      webSocketUrl: 'wss://meet.jitsi/colibri-ws/b1/m/aaaa1111?pwd=x',
      fingerprints: [{ setup: 'actpass' }],
    });
    const codecs = (index: number) =>
      offer.contents[index]?.description?.payloadTypes.map(({ id, name }) => `${name} ${id}`);
    expect(codecs(0)).toEqual(['opus 111', 'telephone-event 126']);
    expect(codecs(1)).toEqual([
      'VP8 100',
      'VP9 101',
      'H264 107',
      'AV1 41',
      'rtx 96',
      'rtx 97',
      'rtx 99',
      'rtx 42',
    ]);
    expect(audio?.description?.headerExtensions.map(({ id }) => id)).toEqual([1, 5, 10]);
    expect(video?.description?.headerExtensions.map(({ id }) => id)).toEqual([5, 10, 11]);
    expect(video?.description).toMatchObject({ rtcpMux: true, extmapAllowMixed: true });
    expect(ownedSourcesOf(offer, '')).toEqual([
      {
        owner: 'jvb',
        sources: [
          {
            type: 'audio',
            ssrc: 3100000001,
            name: 'jvb-a0',
            msid: 'mixedmslabel mixedlabelaudio0',
          },
          {
            type: 'video',
            ssrc: 3100000002,
            name: 'jvb-v0',
            msid: 'mixedmslabel mixedlabelvideo0',
            videoType: 'camera',
          },
        ],
        groups: [],
      },
    ]);
  });

  test('the bridge gets one conference and two endpoints with the offered media', () => {
    const harness = new ConferenceHarness();
    const a = harness.join('aaaa1111');
    harness.join('bbbb2222');
    const [first, second] = harness.bridge.requests;
    expect(first).toMatchObject({ create: true, name: ROOM });
    expect(second?.create).toBeUndefined();
    expect(second?.meetingId).toBe(first?.meetingId);
    const [endpoint] = first?.endpoints ?? [];
    expect(endpoint).toMatchObject({ id: 'aaaa1111', create: true, statsId: 'stats-aaaa1111' });
    expect(endpoint?.media?.map(({ payloadTypes }) => payloadTypes)).toEqual(
      a.offer.contents.map(({ description }) => description?.payloadTypes),
    );
  });

  test('sources go to the bridge whole, to the other one stripped of simulcast, after both accepted', () => {
    const harness = new ConferenceHarness();
    const a = harness.join('aaaa1111');
    const b = harness.join('bbbb2222');
    expect(a.accept([microphone('aaaa1111', 1), camera('aaaa1111', 100)], 20).type).toBe('result');
    expect(harness.bridge.endpoints.get('aaaa1111')).toMatchObject({
      initialLastN: 20,
      transport: { ufrag: 'client-aaaa1111', fingerprints: [{ setup: 'active' }] },
    });
    expect(harness.bridge.sourcesOf('aaaa1111')).toMatchObject([
      { type: 'audio', name: 'aaaa1111-a0', ssrcs: [1], groups: [] },
      { type: 'video', name: 'aaaa1111-v0', videoType: 'camera' },
    ]);
    expect(harness.bridge.sourcesOf('aaaa1111')[1]?.ssrcs).toHaveLength(6);
    expect(harness.bridge.sourcesOf('aaaa1111')[1]?.groups).toHaveLength(4);
    // B has not accepted yet: its changes wait.
    expect(b.of('source-add')).toEqual([]);
    expect(b.accept().type).toBe('result');
    const [add] = b.of('source-add');
    expect(add?.jsonSources).toMatchObject([
      {
        owner: 'aaaa1111',
        sources: [
          { ssrc: 1 },
          { ssrc: 100, name: 'aaaa1111-v0' },
          { ssrc: 110, name: 'aaaa1111-v0' },
        ],
        groups: [{ semantics: 'FID', ssrcs: [100, 110] }],
      },
    ]);
    expect(a.of('source-add')).toEqual([]);
  });

  test('the third one gets all sources in its offer, and none of its own later', () => {
    const harness = new ConferenceHarness();
    const a = harness.join('aaaa1111');
    const b = harness.join('bbbb2222');
    a.accept([microphone('aaaa1111', 1), camera('aaaa1111', 100)]);
    b.accept([microphone('bbbb2222', 2)]);
    const c = harness.join('cccc3333');
    expect(ownedSourcesOf(c.offer, '').map(({ owner }) => owner)).toEqual([
      'jvb',
      'aaaa1111',
      'bbbb2222',
    ]);
    c.accept([microphone('cccc3333', 3)]);
    expect(c.of('source-add')).toEqual([]);
    expect(a.knownNames).toEqual(['bbbb2222-a0', 'cccc3333-a0']);
    expect(b.knownNames).toEqual(['aaaa1111-a0', 'aaaa1111-v0', 'cccc3333-a0']);
    expect(c.knownNames).toEqual(['aaaa1111-a0', 'aaaa1111-v0', 'bbbb2222-a0']);
  });

  test('a client without JSON gets sources as elements, with owner, name and video type', () => {
    const harness = new ConferenceHarness();
    const a = harness.join('aaaa1111');
    const b = harness.join(
      'bbbb2222',
      MODERN_FEATURES.filter((feature) => !feature.includes('json')),
    );
    b.accept();
    a.accept([camera('aaaa1111', 100, 'aaaa1111-v1', 'desktop')]);
    const [add] = b.of('source-add');
    expect(add?.jsonSources).toBeUndefined();
    expect(add?.contents).toMatchObject([
      {
        name: 'video',
        description: {
          media: 'video',
          sources: [
            { ssrc: 100, name: 'aaaa1111-v1', videoType: 'desktop', owner: 'aaaa1111' },
            { ssrc: 110, name: 'aaaa1111-v1', videoType: 'desktop', owner: 'aaaa1111' },
          ],
          groups: [{ semantics: 'FID', ssrcs: [100, 110] }],
        },
      },
    ]);
    expect(b.offer.contents[0]?.description?.sources).toMatchObject([{ owner: 'jvb' }]);
  });

  test('a client that never answers discovery is invited after two seconds, with defaults', () => {
    const harness = new ConferenceHarness();
    const a = harness.join('aaaa1111');
    harness.answersDiscovery = false;
    // The hash of A's features is known: B is not asked.
    const b = harness.join('bbbb2222');
    expect(b.of('session-initiate')).toHaveLength(1);
    const c = harness.join('cccc3333', ['urn:other']);
    expect(c.received).toEqual([]);
    harness.time.advance(2_000);
    harness.settle();
    expect(c.offer.contents).toHaveLength(2);
    expect(a.of('session-initiate')).toHaveLength(1);
  });

  test('features decide the offer: no video, no RTX, no transport-cc', () => {
    const harness = new ConferenceHarness();
    harness.join('aaaa1111');
    const b = harness.join('bbbb2222', ['urn:xmpp:jingle:apps:rtp:audio']);
    expect(b.offer.contents.map(({ name }) => name)).toEqual(['audio']);
    expect(b.offer.bundle).toEqual(['audio']);
    expect(b.offer.contents[0]?.description?.payloadTypes[0]?.rtcpFeedback).toEqual([]);
    expect(b.offer.contents[0]?.description?.headerExtensions.map(({ id }) => id)).toEqual([1, 10]);
    const c = harness.join('cccc3333', [
      'urn:xmpp:jingle:apps:rtp:audio',
      'urn:xmpp:jingle:apps:rtp:video',
    ]);
    expect(c.offer.contents[1]?.description?.payloadTypes.map(({ name }) => name)).toEqual([
      'VP8',
      'VP9',
      'H264',
      'AV1',
    ]);
  });
});
