import { parse } from 'sdp-transform';
import { describe, expect, test } from 'vitest';
import type { IceTransport, MediaDescription } from '../colibri/index.ts';
import { MediaLines } from './media-lines.ts';
import { writeRemoteOffer } from './remote-offer.ts';

const transport: IceTransport = {
  ufrag: '8gtq1i9c4e',
  password: '2f0s9k6m1q8z3x5v7b9n0m1a',
  fingerprints: [{ hash: 'sha-256', value: '3A:91:5C:0E', setup: 'actpass' }],
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
  ],
};

const media: MediaDescription[] = [
  {
    type: 'audio',
    payloadTypes: [
      {
        id: 111,
        name: 'opus',
        clockRateHz: 48000,
        channels: 2,
        parameters: { minptime: '10', useinbandfec: '1' },
        rtcpFeedback: [{ type: 'transport-cc' }],
      },
    ],
    headerExtensions: [{ id: 1, uri: 'urn:ietf:params:rtp-hdrext:ssrc-audio-level' }],
  },
  {
    type: 'video',
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
  },
];

const camera = {
  type: 'video' as const,
  name: '9f8e7d6c-v0',
  ssrcs: [510000201, 510000202],
  groups: [{ semantics: 'FID' as const, ssrcs: [510000201, 510000202] }],
};

function offer(lines: MediaLines): string {
  return writeRemoteOffer({
    sessionId: '1234',
    sessionVersion: 7,
    transport,
    media,
    lines: lines.lines,
  });
}

describe('the offer as a session description (RFC 8829)', () => {
  test('asks for layers of our own camera by RTP stream id where it is told so (RFC 8853)', () => {
    const lines = new MediaLines();
    lines.add(camera);
    lines.addScreen();
    const sdp = writeRemoteOffer({
      sessionId: '1',
      sessionVersion: 1,
      transport,
      media,
      lines: lines.lines,
      cameraRids: ['l', 'm', 'h'],
    });
    const layers = parse(sdp).media.map(({ rids, simulcast }) => [
      rids?.map(({ id, direction }) => `${id} ${direction}`),
      simulcast,
    ]);
    const none = [undefined, undefined];
    expect(layers).toEqual([
      none,
      [['l recv', 'm recv', 'h recv'], { dir1: 'recv', list1: 'l;m;h' }],
      none,
      none,
    ]);
  });

  test('is exactly this for one remote camera', () => {
    const lines = new MediaLines();
    lines.setMixedSource({ type: 'audio', name: 'jvb-a0', ssrcs: [3100000001], groups: [] });
    lines.add(camera);
    expect(offer(lines).split('\r\n')).toEqual([
      'v=0',
      'o=- 1234 7 IN IP4 0.0.0.0',
      's=-',
      't=0 0',
      'a=msid-semantic: WMS *',
      'a=group:BUNDLE 0 1 2',
      'm=audio 9 UDP/TLS/RTP/SAVPF 111',
      'c=IN IP4 0.0.0.0',
      'a=rtpmap:111 opus/48000/2',
      'a=fmtp:111 minptime=10;useinbandfec=1',
      'a=rtcp:1 IN IP4 0.0.0.0',
      'a=rtcp-fb:111 transport-cc',
      'a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level',
      'a=setup:actpass',
      'a=mid:0',
      'a=msid:jvb-a0 jvb-a0-track',
      'a=sendrecv',
      'a=ice-ufrag:8gtq1i9c4e',
      'a=ice-pwd:2f0s9k6m1q8z3x5v7b9n0m1a',
      'a=fingerprint:sha-256 3A:91:5C:0E',
      'a=candidate:1 1 udp 2130706431 203.0.113.9 10000 typ host generation 0',
      'a=ssrc:3100000001 cname:jvb-a0',
      'a=ssrc:3100000001 msid:jvb-a0 jvb-a0-track',
      'a=rtcp-mux',
      'm=video 9 UDP/TLS/RTP/SAVPF 100 96',
      'c=IN IP4 0.0.0.0',
      'a=rtpmap:100 VP8/90000',
      'a=rtpmap:96 rtx/90000',
      'a=fmtp:96 apt=100',
      'a=rtcp:1 IN IP4 0.0.0.0',
      'a=rtcp-fb:100 nack',
      'a=rtcp-fb:100 nack pli',
      'a=extmap:10 urn:ietf:params:rtp-hdrext:sdes:mid',
      'a=setup:actpass',
      'a=mid:1',
      'a=sendrecv',
      'a=ice-ufrag:8gtq1i9c4e',
      'a=ice-pwd:2f0s9k6m1q8z3x5v7b9n0m1a',
      'a=fingerprint:sha-256 3A:91:5C:0E',
      'a=rtcp-mux',
      'm=video 9 UDP/TLS/RTP/SAVPF 100 96',
      'c=IN IP4 0.0.0.0',
      'a=rtpmap:100 VP8/90000',
      'a=rtpmap:96 rtx/90000',
      'a=fmtp:96 apt=100',
      'a=rtcp:1 IN IP4 0.0.0.0',
      'a=rtcp-fb:100 nack',
      'a=rtcp-fb:100 nack pli',
      'a=extmap:10 urn:ietf:params:rtp-hdrext:sdes:mid',
      'a=setup:actpass',
      'a=mid:2',
      'a=msid:9f8e7d6c-v0 9f8e7d6c-v0-track',
      'a=sendonly',
      'a=ice-ufrag:8gtq1i9c4e',
      'a=ice-pwd:2f0s9k6m1q8z3x5v7b9n0m1a',
      'a=fingerprint:sha-256 3A:91:5C:0E',
      'a=ssrc:510000201 cname:9f8e7d6c-v0',
      'a=ssrc:510000201 msid:9f8e7d6c-v0 9f8e7d6c-v0-track',
      'a=ssrc:510000202 cname:9f8e7d6c-v0',
      'a=ssrc:510000202 msid:9f8e7d6c-v0 9f8e7d6c-v0-track',
      'a=ssrc-group:FID 510000201 510000202',
      'a=rtcp-mux',
      '',
    ]);
  });

  test('a line without its source is inactive and keeps its place', () => {
    const lines = new MediaLines();
    lines.add(camera);
    lines.remove(camera.name);
    const parsed = parse(offer(lines));
    expect(parsed.media[2]).toMatchObject({ mid: 2, direction: 'inactive' });
    expect(parsed.media[2]?.ssrcs).toBeUndefined();
  });

  test('media that was not offered is a rejected line outside the bundle', () => {
    const text = writeRemoteOffer({
      sessionId: '1',
      sessionVersion: 1,
      transport,
      media: media.slice(0, 1),
      lines: new MediaLines().lines,
    });
    const parsed = parse(text);
    expect(parsed.media[1]).toMatchObject({ type: 'video', port: 0 });
    expect(parsed.groups).toEqual([{ type: 'BUNDLE', mids: 0 }]);
  });

  test('nobody can smuggle a line in through a name, credential or parameter', () => {
    const evil = 'x\r\na=evil:1\nm=video 9 RTP/SAVPF 0\u2028y';
    const lines = new MediaLines();
    lines.add({ ...camera, name: evil });
    const text = writeRemoteOffer({
      sessionId: evil,
      sessionVersion: 1,
      transport: {
        ufrag: evil,
        password: evil,
        fingerprints: [{ hash: evil, value: evil, setup: 'actpass' }],
        candidates: [{ ...(transport.candidates[0] as never as object), address: evil } as never],
      },
      media: [
        {
          type: 'audio',
          payloadTypes: [
            {
              id: 111,
              name: evil,
              clockRateHz: 48000,
              parameters: { [evil]: evil },
              rtcpFeedback: [{ type: evil, subtype: evil }],
            },
          ],
          headerExtensions: [{ id: 1, uri: evil }],
        },
        media[1] as MediaDescription,
      ],
      lines: lines.lines,
    });
    const rows = text.split('\r\n');
    expect(rows.filter((row) => /^a=evil|^m=video 9 RTP/.test(row))).toEqual([]);
    expect(rows.filter((row) => row.startsWith('m='))).toHaveLength(3);
    expect(text.replaceAll('\r\n', '')).not.toMatch(/[\r\n\u2028]/);
  });
});
