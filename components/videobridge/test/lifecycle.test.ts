/** Story: conferences and endpoints come and go; what the focus is told. */
import { describe, expect, test } from 'vitest';
import { MEDIA, TestBridge } from './test-bridge.ts';
import { MEETING } from './test-endpoint.ts';

const REMOTE = {
  ufrag: 'abcd',
  password: 'p'.repeat(22),
  candidates: [],
  fingerprints: [{ hash: 'sha-256', value: 'AA', setup: 'active' as const }],
};

describe('COLIBRI', () => {
  test('creating an endpoint tells its transport: candidates, fingerprint, channel', () => {
    const bridge = new TestBridge({
      bridge: {
        advertisedAddresses: [{ address: '203.0.113.5', port: 4443 }, { address: '192.0.2.1' }],
        localAddresses: ['192.0.2.1', '2001:db8::1'],
      },
    });
    const response = bridge.colibri({
      create: true,
      endpoints: [{ id: 'a b', create: true, media: MEDIA }],
    });
    if (response.type !== 'modified') throw new Error(response.text);
    expect(response.result.feedbackSources?.audioSsrc).not.toBe(
      response.result.feedbackSources?.videoSsrc,
    );
    const transport = response.result.endpoints[0]!.transport!;
    expect(transport.ufrag).toMatch(/^[0-9A-Za-z]{10}$/);
    expect(transport.password).toMatch(/^[0-9A-Za-z]{26}$/);
    expect(transport.fingerprints).toEqual([{ hash: 'sha-256', value: 'AA:BB', setup: 'actpass' }]);
    expect(transport.webSocketUrl).toMatch(
      /^wss:\/\/localhost:8443\/colibri-ws\/jvb\/meeting-1\/a%20b\?pwd=[0-9A-Za-z]{24}$/,
    );
    expect(transport.candidates.map(({ address, port }) => `${address} ${port}`)).toEqual([
      '203.0.113.5 4443',
      '192.0.2.1 10000',
      '2001:db8::1 10000',
    ]);
    const priorities = transport.candidates.map(({ priority }) => priority);
    expect(priorities).toEqual([...priorities].sort((a, b) => b - a));
  });

  test.each([
    ['an unknown conference', { endpoints: [] }, 'conference_not_found'],
    [
      'an endpoint without media',
      { create: true, endpoints: [{ id: 'x', create: true }] },
      'bad_request',
    ],
    ['an unknown endpoint', { create: true, endpoints: [{ id: 'x' }] }, 'unknown_endpoint'],
  ])('refuses %s', (_name, message, reason) => {
    const bridge = new TestBridge();
    expect(bridge.colibri(message)).toMatchObject({ type: 'error', reason });
  });

  test('refuses what exists already', () => {
    const bridge = new TestBridge();
    bridge.join('ann');
    expect(bridge.colibri({ create: true })).toMatchObject({
      reason: 'conference_already_exists',
    });
    expect(
      bridge.colibri({ endpoints: [{ id: 'ann', create: true, media: MEDIA }] }),
    ).toMatchObject({ reason: 'endpoint_already_exists' });
  });

  test.each([
    ['of somebody else', [0x9000_0000], 'used already'],
    ['0', [0], 'invalid'],
    ['beyond 32 bits', [2 ** 32], 'invalid'],
    ['none', [], 'no SSRC'],
    ['too many', Array.from({ length: 17 }, (_, i) => i + 1), 'too many'],
  ])('refuses a source whose SSRC is %s, and changes nothing', (_name, ssrcs, text) => {
    const bridge = new TestBridge();
    const ann = bridge.join('ann');
    const bob = bridge.join('bob');
    const response = bridge.colibri({
      endpoints: [{ id: 'bob', sources: [{ type: 'video', name: 'bob-v0', ssrcs, groups: [] }] }],
    });
    expect(response).toMatchObject({ type: 'error', reason: 'bad_request' });
    expect(response.type === 'error' && response.text).toContain(text);
    bob.sendAudio();
    expect(ann.received()).toHaveLength(1);
  });

  test.each([
    ['its own repair', 7],
    ['the repair of another encoding', 8],
  ])('refuses a source with an encoding that is %s', (_name, repair) => {
    const bridge = new TestBridge();
    bridge.join('ann');
    const groups = [
      { semantics: 'SIM' as const, ssrcs: [7, 8] },
      { semantics: 'FID' as const, ssrcs: [7, repair] },
    ];
    const sources = [{ type: 'video' as const, name: 'ann-v0', ssrcs: [7, 8], groups }];
    const response = bridge.colibri({ endpoints: [{ id: 'ann', sources }] });
    expect(response).toMatchObject({ type: 'error', reason: 'bad_request' });
  });

  describe('SSRCs that come and go', () => {
    /** Twenty new sources of ann's in place of those before. */
    const replaceSources = (bridge: TestBridge, round: number) => {
      const sources = Array.from({ length: 20 }, (_, i) => {
        const ssrc = 1 + 40 * round + 2 * i;
        const groups = [{ semantics: 'FID' as const, ssrcs: [ssrc, ssrc + 1] }];
        return { type: 'video' as const, name: `ann-v${i}`, ssrcs: [ssrc, ssrc + 1], groups };
      });
      return bridge.colibri({ endpoints: [{ id: 'ann', sources }] });
    };

    test('are refused when they come too fast', () => {
      const bridge = new TestBridge();
      bridge.join('ann');
      const answers = Array.from({ length: 20 }, (_, round) => replaceSources(bridge, round));
      expect(answers[5]).toMatchObject({ type: 'modified' });
      expect(answers.at(-1)).toMatchObject({ type: 'error', reason: 'bad_request' });
      bridge.nowMs += 30_000;
      expect(replaceSources(bridge, 20)).toMatchObject({ type: 'modified' });
    });

    test('do not end what others are sent for good: who was sent too many is invited anew', () => {
      const bridge = new TestBridge();
      bridge.join('ann');
      bridge.join('bob').want({ defaultConstraints: { maxHeight: 180 } });
      for (let round = 0; round < 420 && bridge.events.length === 0; round++) {
        bridge.nowMs += 30_000;
        expect(replaceSources(bridge, round)).toMatchObject({ type: 'modified' });
      }
      expect(bridge.events).toMatchObject([{ type: 'endpointExpired', endpointId: 'bob' }]);
    });
  });

  test('limits conferences, endpoints and sources', () => {
    const bridge = new TestBridge({
      bridge: {
        limits: { maxConferences: 1, maxEndpointsPerConference: 1, maxSourcesPerEndpoint: 1 },
      },
    });
    bridge.colibri({ create: true, endpoints: [{ id: 'a', create: true, media: MEDIA }] });
    expect(bridge.colibri({ endpoints: [{ id: 'b', create: true, media: MEDIA }] })).toMatchObject({
      reason: 'bad_request',
    });
    expect(
      bridge.core.handleColibri({ meetingId: 'other', create: true }, bridge.nowMs),
    ).toMatchObject({ reason: 'bad_request' });
    const sources = [1, 2].map((ssrc) => ({
      type: 'audio' as const,
      name: `a-a${ssrc}`,
      ssrcs: [ssrc],
      groups: [],
    }));
    expect(bridge.colibri({ endpoints: [{ id: 'a', sources }] })).toMatchObject({
      reason: 'bad_request',
    });
  });

  test('a source list with one source more leaves the others undisturbed', () => {
    const bridge = new TestBridge();
    const ann = bridge.join('ann');
    const bob = bridge.join('bob');
    bob.want({ defaultConstraints: { maxHeight: 720 } });
    ann.sendFrame([0], { isKey: true });
    const screen = { type: 'video' as const, name: 'ann-v1', ssrcs: [77, 78], groups: [] };
    bridge.colibri({ endpoints: [{ id: 'ann', sources: [...ann.sources, screen] }] });
    ann.sendFrame([0]);
    expect(bob.received(ann.encodings[0]!.ssrc)).toHaveLength(6);
    expect(bob.heard('ForwardedSources').at(-1)?.forwardedSources).toEqual(['ann-v0', 'ann-v1']);
    bridge.colibri({ endpoints: [{ id: 'ann', sources: [screen] }] });
    ann.sendFrame([0]);
    expect(bob.received(ann.encodings[0]!.ssrc)).toHaveLength(6);
    expect(bridge.counter('slots_cached')).toBe(0);
  });

  test('the last endpoint takes the conference with it, unless another comes in its place', () => {
    const bridge = new TestBridge();
    bridge.join('ann');
    bridge.colibri({
      endpoints: [
        { id: 'ann', expire: true },
        { id: 'ann', create: true, media: MEDIA },
      ],
    });
    expect(bridge.core.conferenceCount).toBe(1);
    bridge.colibri({ endpoints: [{ id: 'ann', expire: true }] });
    expect(bridge.core.conferenceCount).toBe(0);
    expect(bridge.io.peers.size).toBe(0);
    expect(bridge.colibri({ endpoints: [] })).toMatchObject({ reason: 'conference_not_found' });
    expect(bridge.colibri({ expire: true })).toMatchObject({ type: 'modified' });
  });

  test('a conference may be empty for 20 s at first', () => {
    const bridge = new TestBridge();
    bridge.colibri({ create: true });
    bridge.advance(19_000);
    expect(bridge.core.conferenceCount).toBe(1);
    bridge.advance(2000);
    expect(bridge.core.conferenceCount).toBe(0);
  });
});

describe('liveness', () => {
  test('an endpoint that never connects is expired after two minutes, and the focus told', () => {
    const bridge = new TestBridge();
    bridge.colibri({ create: true, endpoints: [{ id: 'a', create: true, media: MEDIA }] });
    bridge.colibri({ endpoints: [{ id: 'a', transport: REMOTE }] });
    bridge.advance(119_000);
    expect(bridge.events).toEqual([]);
    bridge.advance(2000);
    expect(bridge.events).toMatchObject([
      {
        type: 'endpointExpired',
        meetingId: MEETING,
        endpointId: 'a',
        reason: 'ICE: connect-timeout',
      },
    ]);
    expect(bridge.core.conferenceCount).toBe(0);
  });

  test('a failed handshake expires the endpoint; an orderly end of DTLS does not', () => {
    const bridge = new TestBridge();
    const ann = bridge.join('ann');
    const bob = bridge.join('bob');
    bridge.core.handleDtlsClosed(bob.peer, 'closed', bridge.nowMs);
    ann.sendAudio();
    expect(bob.received()).toEqual([]);
    expect(bridge.events).toEqual([]);
    bridge.core.handleDtlsClosed(ann.peer, 'fingerprint mismatch', bridge.nowMs);
    expect(bridge.events).toMatchObject([
      { endpointId: 'ann', reason: 'DTLS: fingerprint mismatch' },
    ]);
  });

  test('an exception in one conference ends that conference only', () => {
    const bridge = new TestBridge();
    const ann = bridge.join('ann');
    const bob = bridge.join('bob');
    bridge.core.handleColibri(
      {
        meetingId: 'other',
        create: true,
        endpoints: [{ id: 'x', create: true, media: MEDIA }],
      },
      bridge.nowMs,
    );
    const otherPeer = bridge.core.peerOf('other', 'x')!;
    bridge.core.handleDtlsConnected(otherPeer, bridge.nowMs);
    bob.want({});
    const sendRtcp = bridge.io.sendRtcp.bind(bridge.io);
    bridge.io.sendRtcp = (peer, packet) => {
      if (peer === ann.peer) throw new Error('a planted bug');
      return sendRtcp(peer, packet);
    };
    ann.sendFrame([0]); // somebody waits for a key frame: RTCP to ann
    expect(bridge.events).toEqual([
      { type: 'conferenceFailed', meetingId: MEETING, reason: 'a planted bug' },
    ]);
    expect(bridge.core.peerOf('other', 'x')).toBe(otherPeer);
    expect(bridge.core.conferenceCount).toBe(1);
    expect(bridge.io.freeSlots).toBe(bridge.io.slotCount);
    expect(bridge.channelsClosed).toEqual([
      { channelId: bob.channelId, code: 1001, reason: 'endpoint closed' },
    ]);
  });

  test('closing gives everything back', () => {
    const bridge = new TestBridge();
    const ann = bridge.join('ann');
    bridge.join('bob').want({});
    ann.sendFrame([0, 1, 2], { isKey: true });
    bridge.core.close(bridge.nowMs);
    expect(bridge.io.freeSlots).toBe(bridge.io.slotCount);
    expect(bridge.io.peers.size).toBe(0);
  });
});
