import { describe, expect, test } from 'vitest';
import { parseXml, type XmlElement, xml } from '../xml/index.ts';
import {
  type Jingle,
  type JingleContent,
  jingleFromXml,
  jingleToXml,
  ownedSourcesOf,
  sourceContents,
} from './index.ts';
import { DEFAULT_JINGLE_LIMITS } from './limits.ts';

function element(text: string): XmlElement {
  const result = parseXml(text);
  if (result.type === 'error') throw new Error(result.reason);
  return result.element;
}

function read(text: string): Jingle {
  const result = jingleFromXml(element(text));
  if (result.type === 'error') throw new Error(result.reason);
  return result.jingle;
}

function refusal(text: string): string | undefined {
  const result = jingleFromXml(element(text));
  return result.type === 'error' ? result.reason : undefined;
}

const FINGERPRINT = Array.from({ length: 32 }, () => '3A').join(':');

const transport = {
  ufrag: '8gtq1i9c4e',
  password: '2f0s9k6m1q8z3x5v7b9n0m1a',
  candidates: [
    {
      foundation: '1',
      component: 1,
      protocol: 'udp',
      priority: 2130706431,
      address: '203.0.113.9',
      port: 10000,
      type: 'host',
      generation: 0,
    },
    {
      foundation: '2',
      component: 1,
      protocol: 'udp',
      priority: 1694498815,
      address: '198.51.100.1',
      port: 10000,
      type: 'srflx',
      relatedAddress: '10.0.0.1',
      relatedPort: 10000,
      generation: 0,
    },
  ],
  fingerprints: [{ hash: 'sha-256', value: FINGERPRINT, setup: 'actpass' }],
  webSocketUrl: 'wss://meet.example.org/colibri-ws/b1/4be1c2/a1b2c3d4?pwd=x&y=1',
} as const;

const video: JingleContent = {
  name: 'video',
  creator: 'initiator',
  senders: 'both',
  initialLastN: 20,
  description: {
    media: 'video',
    payloadTypes: [
      {
        id: 100,
        name: 'VP8',
        clockRateHz: 90000,
        parameters: {},
        rtcpFeedback: [{ type: 'nack' }, { type: 'nack', subtype: 'pli' }],
      },
      { id: 96, name: 'rtx', clockRateHz: 90000, parameters: { apt: '100' }, rtcpFeedback: [] },
    ],
    headerExtensions: [{ id: 10, uri: 'urn:ietf:params:rtp-hdrext:sdes:mid' }],
    rtcpFeedback: [{ type: 'transport-cc' }],
    rtcpMux: true,
    extmapAllowMixed: true,
    sources: [
      { ssrc: 1, name: 'a1b2c3d4-v1', videoType: 'desktop', msid: 's t', owner: 'a1b2c3d4' },
      { ssrc: 4294967295, msid: 's t' },
    ],
    groups: [{ semantics: 'FID', ssrcs: [1, 4294967295] }],
  },
  transport,
};

describe('jingle', () => {
  const full: Jingle = {
    action: 'session-initiate',
    sid: 'k3v9',
    initiator: 'focus@auth.example.org/focus',
    responder: 'room@muc.example.org/a1b2c3d4',
    contents: [video],
    bundle: ['audio', 'video'],
    reason: { condition: 'success', text: 'moving' },
    bridgeSession: { id: 'bs-1', region: 'eu', restart: true, iceRestart: false },
    startMuted: { audio: true, video: false },
    iceState: 'failed',
    jsonSources: [
      {
        owner: '__proto__',
        sources: [
          { type: 'audio', ssrc: 9, name: 'x-a0', msid: 'e f' },
          { type: 'video', ssrc: 7, name: 'x-v0', msid: 'a b', videoType: 'camera' },
          { type: 'video', ssrc: 8, name: 'x-v1', msid: 'c d', videoType: 'desktop' },
        ],
        groups: [
          { type: 'audio', semantics: 'FID', ssrcs: [9, 10] },
          { type: 'video', semantics: 'SIM', ssrcs: [7, 8] },
        ],
      },
    ],
  };

  test('what is written is read back, through text', () => {
    expect(read(jingleToXml(full).toString())).toEqual(full);
  });

  test('a message with nothing optional is read back', () => {
    const empty: Jingle = { action: 'session-info', sid: '1', contents: [], bundle: [] };
    expect(read(jingleToXml(empty).toString())).toEqual(empty);
  });

  test('writes a literal xmlns on every element that clients select by it', () => {
    const text = jingleToXml(full).toString();
    for (const name of ['transport', 'fingerprint', 'source', 'ssrc-group', 'rtp-hdrext']) {
      const tags = text.match(new RegExp(`<${name}[ />][^>]*`, 'g')) ?? [];
      expect(tags.length, name).toBeGreaterThan(0);
      for (const tag of tags) expect(tag).toContain('xmlns=');
    }
    for (const name of ['extmap-allow-mixed', 'rtcp-fb', 'group', 'ssrc-info', 'bridge-session']) {
      const tags = text.match(new RegExp(`<${name}[ />][^>]*`, 'g')) ?? [];
      expect(tags.length, name).toBeGreaterThan(0);
      for (const tag of tags) expect(tag).toContain('xmlns=');
    }
  });

  test('the reason condition is the first child of reason (clients read it by position)', () => {
    const reason = jingleToXml(full).child('reason');
    expect([...(reason?.elements() ?? [])].map(({ name }) => name)).toEqual(['success', 'text']);
  });

  test('a nameless parameter is the bare value of RED, both ways', () => {
    const text = `<jingle xmlns="urn:xmpp:jingle:1" action="session-accept" sid="1"><content name="audio">
      <description xmlns="urn:xmpp:jingle:apps:rtp:1" media="audio">
      <payload-type id="112" name="red" clockrate="48000" channels="2"><parameter value="111/111"/></payload-type>
      </description></content></jingle>`;
    const jingle = read(text);
    const [red] = jingle.contents[0]?.description?.payloadTypes ?? [];
    expect({ ...red?.parameters }).toEqual({ '': '111/111' });
    expect(jingleToXml(jingle).toString()).toContain('<parameter value="111/111"/>');
  });

  test('reads a source-add as clients send it: no creator, no names', () => {
    const jingle =
      read(`<jingle xmlns="urn:xmpp:jingle:1" action="source-add" sid="1" initiator="x">
      <content name="video"><description xmlns="urn:xmpp:jingle:apps:rtp:1" media="video">
      <source xmlns="urn:xmpp:jingle:apps:rtp:ssma:0" ssrc="910000031" name="a-v1" videoType="desktop_high_fps">
       <parameter name="cname" value="c"/><parameter name="msid" value="m n"/></source>
      <source xmlns="urn:xmpp:jingle:apps:rtp:ssma:0" rid="1"/>
      <ssrc-group xmlns="urn:xmpp:jingle:apps:rtp:ssma:0" semantics="FEC"><source ssrc="1"/></ssrc-group>
      </description></content></jingle>`);
    expect(jingle.contents[0]?.description?.sources).toEqual([
      { ssrc: 910000031, name: 'a-v1', videoType: 'desktop', msid: 'm n' },
    ]);
    expect(jingle.contents[0]?.description?.groups).toEqual([]);
  });

  test('leaves out what it cannot use and keeps the rest', () => {
    const jingle =
      read(`<jingle xmlns="urn:xmpp:jingle:1" action="session-accept" sid="1"><content name="audio">
      <description xmlns="urn:xmpp:jingle:apps:rtp:1" media="audio">
       <payload-type id="128" name="x" clockrate="1"/><payload-type id="0" name="PCMU" clockrate="8000"/>
       <payload-type id="1" clockrate="8000"/><rtp-hdrext id="0" uri="a"/><rtp-hdrext id="14"/></description>
      <transport xmlns="urn:xmpp:jingle:transports:ice-udp:1" ufrag="u" pwd="p">
       <candidate component="1" foundation="1" ip="192.0.2.1" port="65536" priority="1" protocol="udp" type="host"/>
       <candidate component="1" foundation="1" ip="a.local" port="9" priority="1" protocol="UDP" type="host"/>
       <candidate component="1" foundation="1" ip="192.0.2.1" port="9" priority="1" protocol="ssltcp" type="host"/>
       <fingerprint hash="sha-256" setup="active">not a digest</fingerprint></transport>
      </content></jingle>`);
    const [content] = jingle.contents;
    expect(content?.description?.payloadTypes.map(({ id }) => id)).toEqual([0]);
    expect(content?.description?.headerExtensions).toEqual([]);
    expect(content?.transport?.candidates.map(({ address }) => address)).toEqual(['a.local']);
    expect(content?.transport?.fingerprints).toEqual([]);
  });

  test('a transport without credentials is no transport', () => {
    const jingle = read(
      '<jingle xmlns="urn:xmpp:jingle:1" action="transport-info" sid="1"><content name="audio"><transport xmlns="urn:xmpp:jingle:transports:ice-udp:1" ufrag="u"/></content></jingle>',
    );
    expect(jingle.contents[0]?.transport).toBeUndefined();
  });

  test.each([
    ['no sid', '<jingle xmlns="urn:xmpp:jingle:1" action="session-info"/>'],
    ['unknown action', '<jingle xmlns="urn:xmpp:jingle:1" action="dance" sid="1"/>'],
    ['no jingle', '<jingle xmlns="urn:other" action="session-info" sid="1"/>'],
    [
      'a content without name',
      '<jingle xmlns="urn:xmpp:jingle:1" action="session-info" sid="1"><content/></jingle>',
    ],
    [
      'malformed JSON',
      '<jingle xmlns="urn:xmpp:jingle:1" action="source-add" sid="1"><json-message xmlns="http://jitsi.org/jitmeet">{</json-message></jingle>',
    ],
  ])('refuses: %s', (reason, text) => {
    expect(refusal(text)).toBe(reason);
  });

  test.each(['', '-1', '1.5', '1e3', '0x10', ' 1', '4294967296', '99999999999999999999'])(
    'refuses the SSRC "%s"',
    (ssrc) => {
      const source = xml('source', 'urn:xmpp:jingle:apps:rtp:ssma:0', { ssrc });
      const description = xml(
        'description',
        'urn:xmpp:jingle:apps:rtp:1',
        { media: 'audio' },
        source,
      );
      const content = xml('content', 'urn:xmpp:jingle:1', { name: 'audio' }, description);
      const jingle = xml(
        'jingle',
        'urn:xmpp:jingle:1',
        { action: 'source-add', sid: '1' },
        content,
      );
      expect(jingleFromXml(jingle)).toEqual({ type: 'error', reason: 'invalid SSRC' });
    },
  );

  test.each([
    [DEFAULT_JINGLE_LIMITS.sources, undefined],
    [DEFAULT_JINGLE_LIMITS.sources + 1, 'too many sources'],
  ])('%i sources give the refusal %s', (count, reason) => {
    const owned = {
      owner: '',
      groups: [],
      sources: Array.from({ length: count }, (_, ssrc) => ({ type: 'audio' as const, ssrc })),
    };
    const jingle: Jingle = {
      action: 'source-add',
      sid: '1',
      contents: sourceContents([owned]),
      bundle: [],
    };
    const result = jingleFromXml(jingleToXml(jingle));
    expect(result.type === 'error' ? result.reason : undefined).toBe(reason);
    const json = jingleFromXml(jingleToXml({ ...jingle, contents: [], jsonSources: [owned] }));
    expect(json.type === 'error' ? json.reason : undefined).toBe(reason);
  });
});

describe('sources by owner', () => {
  const owned = [
    {
      owner: 'aa',
      sources: [
        { type: 'audio' as const, ssrc: 1, name: 'aa-a0', msid: 'a b' },
        {
          type: 'video' as const,
          ssrc: 2,
          name: 'aa-v0',
          msid: 'c d',
          videoType: 'camera' as const,
        },
        {
          type: 'video' as const,
          ssrc: 3,
          name: 'aa-v0',
          msid: 'c d',
          videoType: 'camera' as const,
        },
      ],
      groups: [{ type: 'video' as const, semantics: 'FID' as const, ssrcs: [2, 3] }],
    },
    { owner: 'bb', sources: [{ type: 'audio' as const, ssrc: 4, name: 'bb-a0' }], groups: [] },
  ];
  const base: Jingle = { action: 'source-add', sid: '1', contents: [], bundle: [] };

  test('contents and JSON say the same', () => {
    const asXml = read(jingleToXml({ ...base, contents: sourceContents(owned) }).toString());
    const asJson = read(jingleToXml({ ...base, jsonSources: owned }).toString());
    expect(ownedSourcesOf(asXml, '')).toEqual(owned);
    expect(ownedSourcesOf(asJson, '')).toEqual(owned);
  });

  test('a full occupant JID as owner means its resource', () => {
    const [first] = owned;
    const long = [{ ...first!, owner: 'room@muc.example/aa' }];
    expect(ownedSourcesOf({ ...base, contents: sourceContents(long) }, '')).toEqual([first]);
  });

  test('sources without owner belong to the sender', () => {
    const [first] = owned;
    const contents = sourceContents([{ ...first!, owner: '' }]);
    expect(ownedSourcesOf({ ...base, contents }, 'me')).toEqual([{ ...first, owner: 'me' }]);
  });

  test('JSON accepts SSRCs as text, and skips messages about other things', () => {
    const json = (text: string) =>
      xml(
        'jingle',
        'urn:xmpp:jingle:1',
        { action: 'source-add', sid: '1' },
        xml('json-message', 'http://jitsi.org/jitmeet', undefined, text),
      );
    const result = jingleFromXml(json('{"sources":{"jvb":[[],[],[{"s":"1001","n":"jvb-a0"}]]}}'));
    expect(result.type === 'jingle' && ownedSourcesOf(result.jingle, '')).toEqual([
      { owner: 'jvb', sources: [{ type: 'audio', ssrc: 1001, name: 'jvb-a0' }], groups: [] },
    ]);
    expect(jingleFromXml(json('{"type":"other"}')).type).toBe('jingle');
    expect(jingleFromXml(json('{"sources":[]}')).type).toBe('error');
    expect(jingleFromXml(json('{"sources":{"a":1}}')).type).toBe('error');
    expect(jingleFromXml(json('{"sources":{"a":[[{"s":1.5}]]}}')).type).toBe('error');
    expect(jingleFromXml(json('[]')).type).toBe('jingle');
    expect(jingleFromXml(json('null')).type).toBe('jingle');
  });
});
