import type { OwnedSources } from '@conclave/protocols/jingle';
import { xml } from '@conclave/protocols/xml';
import { NS } from '@conclave/protocols/xmpp';
import { describe, expect, test } from 'vitest';
import type { FocusOptions } from '../options.ts';
import { ConferenceHarness } from './conference-harness.ts';
import { camera, microphone, OLD_FEATURES, withoutNames } from './sample-sources.ts';
import { ROOM, type ScriptedClient } from './scripted-client.ts';

function call(options: Partial<FocusOptions> = {}): {
  harness: ConferenceHarness;
  a: ScriptedClient;
  b: ScriptedClient;
} {
  const harness = new ConferenceHarness(options);
  const a = harness.join('aaaa1111');
  const b = harness.join('bbbb2222');
  a.accept([microphone('aaaa1111', 1)]);
  b.accept([microphone('bbbb2222', 2)]);
  return { harness, a, b };
}

describe('sources change', () => {
  test('a screen share is added and removed, at the bridge and for the others', () => {
    const { harness, a, b } = call();
    const screen = camera('aaaa1111', 200, 'aaaa1111-v1', 'desktop');
    expect(a.addSources([screen]).type).toBe('result');
    expect(harness.bridge.sourcesOf('aaaa1111').map(({ name }) => name)).toEqual([
      'aaaa1111-a0',
      'aaaa1111-v1',
    ]);
    expect(b.knownNames).toEqual(['aaaa1111-a0', 'aaaa1111-v1']);
    expect(a.removeSources([screen]).type).toBe('result');
    expect(harness.bridge.sourcesOf('aaaa1111').map(({ name }) => name)).toEqual(['aaaa1111-a0']);
    expect(b.of('source-remove').at(-1)?.jsonSources).toMatchObject([
      { owner: 'aaaa1111', sources: [{ ssrc: 200 }, { ssrc: 210 }] },
    ]);
    expect(b.knownNames).toEqual(['aaaa1111-a0']);
    // The same again is not a duplicate.
    expect(a.addSources([screen]).type).toBe('result');
    expect(b.knownNames).toEqual(['aaaa1111-a0', 'aaaa1111-v1']);
  });

  test('a source that comes back has another msid for the others, and is removed under it', () => {
    const { harness, a, b } = call();
    const screen = camera('aaaa1111', 200, 'aaaa1111-v1', 'desktop');
    for (let i = 0; i < 3; i++) {
      a.addSources([screen]);
      a.removeSources([screen]);
    }
    const msids = (action: 'source-add' | 'source-remove') =>
      b
        .of(action)
        .flatMap(({ jsonSources = [] }) => jsonSources)
        .filter(({ sources }) => sources[0]?.ssrc === 200)
        .map(({ sources }) => [...new Set(sources.map(({ msid }) => msid))]);
    expect(msids('source-add')).toEqual([
      ['aaaa1111-v1-stream aaaa1111-v1-track'],
      ['aaaa1111-v1-stream-1 aaaa1111-v1-track-1'],
      ['aaaa1111-v1-stream-2 aaaa1111-v1-track-2'],
    ]);
    expect(msids('source-remove')).toEqual(msids('source-add'));
    // A new session begins anew.
    a.addSources([screen]);
    b.send({
      action: 'session-terminate',
      bridgeSession: { id: b.offer.bridgeSession?.id ?? '', restart: true },
    });
    harness.settle();
    const offered = b.offer.jsonSources?.find(({ owner }) => owner === 'aaaa1111');
    expect(offered?.sources.at(-1)?.msid).toBe('aaaa1111-v1-stream aaaa1111-v1-track');
  });

  test('what is added and removed before a client accepts, it never hears of', () => {
    const harness = new ConferenceHarness();
    const a = harness.join('aaaa1111');
    const b = harness.join('bbbb2222');
    a.accept([microphone('aaaa1111', 1)]);
    a.addSources([camera('aaaa1111', 100)]);
    a.removeSources([camera('aaaa1111', 100)]);
    b.accept();
    expect(b.of('source-add')).toHaveLength(1);
    expect(b.of('source-remove')).toEqual([]);
    expect(b.knownNames).toEqual(['aaaa1111-a0']);
  });

  test('in a large conference changes are collected, and removals come before additions', () => {
    const { harness, a, b } = call({
      sourceSignalingDelays: [{ participants: 2, delayMs: 500 }],
    });
    harness.time.advance(500);
    const before = b.received.length;
    a.addSources([camera('aaaa1111', 100)]);
    a.removeSources([microphone('aaaa1111', 1)]);
    a.addSources([microphone('aaaa1111', 5)]);
    expect(b.received).toHaveLength(before);
    harness.time.advance(500);
    expect(b.received.slice(before).map(({ action }) => action)).toEqual([
      'source-remove',
      'source-add',
    ]);
    expect(b.knownNames).toEqual(['aaaa1111-a0', 'aaaa1111-v0']);
  });

  test('removing a part of the simulcast layers is refused, as the rest would share an msid', () => {
    const { a } = call();
    a.addSources([camera('aaaa1111', 100)]);
    const [first] = camera('aaaa1111', 100).sources;
    const part: OwnedSources = { owner: '', sources: [first!], groups: [] };
    expect(a.removeSources([part]).condition).toBe('bad-request');
  });

  const bad: readonly (readonly [string, OwnedSources])[] = [
    ['an SSRC in use by another participant', microphone('aaaa1111', 2, 'aaaa1111-a1')],
    ['an SSRC of its own again', microphone('aaaa1111', 1, 'aaaa1111-a1')],
    ['an SSRC of the bridge', microphone('aaaa1111', 3_100_000_001, 'aaaa1111-a1')],
    ['SSRC 0', microphone('aaaa1111', 0, 'aaaa1111-a1')],
    ['the name of another participant', microphone('bbbb2222', 9)],
    ['a name that is taken', microphone('aaaa1111', 9)],
    ['a video name for audio', microphone('aaaa1111', 9, 'aaaa1111-v0')],
    [
      'the msid of another participant',
      {
        owner: '',
        sources: [
          {
            type: 'audio',
            ssrc: 9,
            name: 'aaaa1111-a1',
            msid: 'bbbb2222-a0-stream bbbb2222-a0-track',
          },
        ],
        groups: [],
      },
    ],
    [
      'a group of an unknown SSRC',
      {
        ...camera('aaaa1111', 100),
        groups: [{ type: 'video', semantics: 'FID', ssrcs: [100, 999] }],
      },
    ],
    [
      'a FID group of three',
      {
        ...camera('aaaa1111', 100),
        groups: [{ type: 'video', semantics: 'FID', ssrcs: [100, 101, 102] }],
      },
    ],
    ['layers without groups, all of one msid', { ...camera('aaaa1111', 100), groups: [] }],
    [
      'grouped SSRCs without msid',
      {
        ...camera('aaaa1111', 100),
        sources: camera('aaaa1111', 100).sources.map(({ msid: _, ...source }) => source),
      },
    ],
    [
      'more than twenty SSRCs',
      {
        owner: '',
        groups: [],
        sources: Array.from({ length: 20 }, (_, i) => ({
          type: 'audio' as const,
          ssrc: 1000 + i,
          name: `aaaa1111-a${i + 1}`,
          msid: `m${i} t${i}`,
        })),
      },
    ],
  ];

  test.each(bad)('refuses %s, and nothing changes', (_, sources) => {
    const { harness, a, b } = call();
    const before = [harness.bridge.requests.length, b.received.length];
    expect(a.addSources([sources]).condition).toBe('bad-request');
    expect([harness.bridge.requests.length, b.received.length]).toEqual(before);
    expect(a.addSources([camera('aaaa1111', 100)]).type).toBe('result');
  });

  test('refuses to remove what is unknown, or somebody else’s', () => {
    const { a } = call();
    expect(a.removeSources([microphone('aaaa1111', 77)]).condition).toBe('bad-request');
    expect(a.removeSources([microphone('bbbb2222', 2)]).condition).toBe('bad-request');
  });

  test('ignores empty and repeated groups', () => {
    const { harness, a } = call();
    const sources = camera('aaaa1111', 100);
    const groups = [
      ...sources.groups,
      ...sources.groups,
      { type: 'video' as const, semantics: 'FID' as const, ssrcs: [] },
    ];
    expect(a.addSources([{ ...sources, groups }]).type).toBe('result');
    expect(harness.bridge.sourcesOf('aaaa1111')[1]?.groups).toHaveLength(4);
  });

  test('exactly twenty SSRCs are accepted', () => {
    const { a } = call();
    const sources = Array.from({ length: 19 }, (_, i) => ({
      type: 'audio' as const,
      ssrc: 1000 + i,
      name: `aaaa1111-a${i + 1}`,
      msid: `m${i} t${i}`,
    }));
    expect(a.addSources([{ owner: '', groups: [], sources }]).type).toBe('result');
  });

  test('the limit of senders is resource-constraint, and the focus says so in its presence', () => {
    const { harness, b } = call({ maxAudioSenders: 2, maxVideoSenders: 1 });
    expect(harness.focusProperties).toMatchObject({
      'audio-limit-reached': 'true',
      'video-limit-reached': 'false',
    });
    const c = harness.join('cccc3333');
    expect(c.accept([microphone('cccc3333', 3)]).condition).toBe('resource-constraint');
    // The session stays, and what is not limited is possible.
    expect(c.addSources([camera('cccc3333', 300)]).type).toBe('result');
    expect(harness.focusProperties).toMatchObject({ 'video-limit-reached': 'true' });
    b.removeSources([microphone('bbbb2222', 2)]);
    expect(harness.focusProperties).toMatchObject({ 'audio-limit-reached': 'false' });
    expect(c.addSources([microphone('cccc3333', 3)]).type).toBe('result');
  });

  test('an audio and a video source may share an msid', () => {
    const { a } = call();
    const [mic] = microphone('aaaa1111', 1).sources;
    const sources = [
      { type: 'video' as const, ssrc: 9, name: 'aaaa1111-v0', msid: mic?.msid ?? '' },
    ];
    expect(a.addSources([{ owner: '', sources, groups: [] }]).type).toBe('result');
  });

  test('visitors do not send', () => {
    const { harness } = call();
    const c = harness.joinSilently('cccc3333');
    c.role = 'visitor';
    harness.announce(c);
    harness.settle();
    expect(c.accept().type).toBe('result');
    expect(c.addSources([microphone('cccc3333', 3)]).condition).toBe('forbidden');
  });
});

describe('clients of December 2021', () => {
  test('their sources get names, for the bridge and for the others', () => {
    const harness = new ConferenceHarness();
    const old = harness.join('0ld00001', OLD_FEATURES);
    const b = harness.join('bbbb2222');
    b.accept();
    const sources = [microphone('0ld00001', 1), camera('0ld00001', 100)].map(withoutNames);
    expect(old.accept(sources).type).toBe('result');
    expect(harness.bridge.sourcesOf('0ld00001').map(({ name }) => name)).toEqual([
      '0ld00001-a0',
      '0ld00001-v0',
    ]);
    expect(b.knownNames).toEqual(['0ld00001-a0', '0ld00001-v0']);
    const screen = camera('0ld00001', 200, 'screen');
    expect(old.addSources([withoutNames(screen)]).type).toBe('result');
    expect(b.knownNames).toEqual(['0ld00001-a0', '0ld00001-v0', '0ld00001-v1']);
    expect(old.removeSources([withoutNames(camera('0ld00001', 100))]).type).toBe('result');
    expect(b.knownNames).toEqual(['0ld00001-a0', '0ld00001-v1']);
  });

  test('they get one video per participant: the screen while there is one', () => {
    const harness = new ConferenceHarness();
    const a = harness.join('aaaa1111');
    const old = harness.join('0ld00001', OLD_FEATURES);
    old.accept();
    a.accept([microphone('aaaa1111', 1), camera('aaaa1111', 100)]);
    expect(old.knownNames).toEqual(['aaaa1111-a0', 'aaaa1111-v0']);
    const screen = camera('aaaa1111', 200, 'aaaa1111-v1', 'desktop');
    a.addSources([screen]);
    expect(old.received.slice(-2).map(({ action }) => action)).toEqual([
      'source-remove',
      'source-add',
    ]);
    expect(old.knownNames).toEqual(['aaaa1111-a0', 'aaaa1111-v1']);
    a.removeSources([screen]);
    expect(old.knownNames).toEqual(['aaaa1111-a0', 'aaaa1111-v0']);
  });

  test('start-muted thresholds of the request are in the offers beyond them', () => {
    const harness = new ConferenceHarness();
    const property = xml('property', NS.focus, { name: 'startAudioMuted', value: '1' });
    harness.requestConference('x', ROOM, xml('conference', NS.focus, { room: ROOM }, property));
    const a = harness.join('aaaa1111', OLD_FEATURES);
    const b = harness.join('bbbb2222', OLD_FEATURES);
    expect(a.offer.startMuted).toBeUndefined();
    expect(b.offer.startMuted).toEqual({ audio: true, video: false });
  });
});
