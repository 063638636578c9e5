import { describe, expect, test } from 'vitest';
import { readLocalAnswer } from './local-answer.ts';
import { addSimulcast } from './simulcast.ts';

/** As Chromium writes it, shortened. */
const ANSWER = `v=0
o=- 4611731400430051336 2 IN IP4 127.0.0.1
s=-
t=0 0
a=group:BUNDLE 0 1
a=msid-semantic: WMS
m=audio 9 UDP/TLS/RTP/SAVPF 111
c=IN IP4 0.0.0.0
a=rtcp:9 IN IP4 0.0.0.0
a=candidate:842163049 1 udp 1677729535 192.0.2.4 51234 typ srflx raddr 10.0.0.1 rport 9 generation 0 network-id 1
a=candidate:1 1 udp 2122260223 0f1e2d3c-aaaa.local 51234 typ host generation 0
a=ice-ufrag:0123
a=ice-pwd:h8J2k5N9aaaaaaaaaaaaaaaa
a=ice-options:trickle
a=fingerprint:sha-256 7C:12
a=setup:active
a=mid:0
a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level
a=sendrecv
a=msid:- 53797179-e241
a=rtcp-mux
a=rtpmap:111 opus/48000/2
a=rtcp-fb:111 transport-cc
a=fmtp:111 minptime=10;useinbandfec=1
a=ssrc:910000001 cname:c1
m=video 9 UDP/TLS/RTP/SAVPF 100 96
c=IN IP4 0.0.0.0
a=ice-ufrag:0123
a=ice-pwd:h8J2k5N9aaaaaaaaaaaaaaaa
a=fingerprint:sha-256 7C:12
a=setup:active
a=mid:1
a=sendrecv
a=msid:- 77aa
a=rtcp-mux
a=rtpmap:100 VP8/90000
a=rtcp-fb:100 nack pli
a=rtpmap:96 rtx/90000
a=fmtp:96 apt=100
a=ssrc-group:FID 2657946871 990528059
a=ssrc:2657946871 cname:c1
a=ssrc:990528059 cname:c1
`.replaceAll('\n', '\r\n');

describe('readLocalAnswer', () => {
  test('reads credentials, candidates, codecs and SSRCs', () => {
    const result = readLocalAnswer(ANSWER);
    if (result.type === 'error') throw new Error(result.reason);
    const { transport, media } = result.value;
    expect(transport).toEqual({
      ufrag: '0123',
      password: 'h8J2k5N9aaaaaaaaaaaaaaaa',
      fingerprints: [{ hash: 'sha-256', value: '7C:12', setup: 'active' }],
      candidates: [
        {
          foundation: '842163049',
          component: 1,
          protocol: 'udp',
          priority: 1677729535,
          address: '192.0.2.4',
          port: 51234,
          type: 'srflx',
          relatedAddress: '10.0.0.1',
          relatedPort: 9,
          generation: 0,
        },
      ],
    });
    expect(media.map(({ mid, type, ssrcs, groups }) => ({ mid, type, ssrcs, groups }))).toEqual([
      { mid: '0', type: 'audio', ssrcs: [910000001], groups: [] },
      {
        mid: '1',
        type: 'video',
        ssrcs: [2657946871, 990528059],
        groups: [{ semantics: 'FID', ssrcs: [2657946871, 990528059] }],
      },
    ]);
    expect(media[0]?.payloadTypes).toEqual([
      {
        id: 111,
        name: 'opus',
        clockRateHz: 48000,
        channels: 2,
        parameters: { minptime: '10', useinbandfec: '1' },
        rtcpFeedback: [{ type: 'transport-cc' }],
      },
    ]);
  });

  test('a line that only receives has no sources of ours', () => {
    const result = readLocalAnswer(ANSWER.replaceAll('a=sendrecv', 'a=recvonly'));
    expect(result.type === 'ok' && result.value.media.map(({ ssrcs }) => ssrcs)).toEqual([[], []]);
  });

  const WITH_RIDS = ANSWER.replace(
    /a=ssrc-group:FID[\s\S]*$/,
    [
      'a=rid:l send',
      'a=rid:m send',
      'a=rid:h send',
      'a=simulcast:send l;m;h',
      'a=ssrc:11 cname:c1',
      'a=ssrc:12 cname:c1',
      'a=ssrc:13 cname:c1',
      'a=ssrc:21 cname:c1',
      'a=ssrc:22 cname:c1',
      'a=ssrc:23 cname:c1',
      'a=ssrc-group:FID 11 21',
      'a=ssrc-group:FID 12 22',
      'a=ssrc-group:FID 13 23',
      '',
    ].join('\r\n'),
  );

  test.each([
    ['says that these are layers', WITH_RIDS, [11, 12, 13]],
    [
      'says it once',
      WITH_RIDS.replace('a=ssrc-group:FID 11', 'a=ssrc-group:SIM 1 2\r\n$&'),
      [1, 2],
    ],
    [
      'not of what the browser does not send',
      WITH_RIDS.replace('simulcast:send', 'simulcast:recv'),
      undefined,
    ],
    ['not of one alone', WITH_RIDS.replace(/a=ssrc:[12][23].*\r\n/g, ''), undefined],
  ])('of layers by RTP stream id (RFC 8853) it %s', (_, sdp, layers) => {
    const result = readLocalAnswer(sdp);
    if (result.type === 'error') throw new Error(result.reason);
    const group = result.value.media[1]?.groups.find(({ semantics }) => semantics === 'SIM');
    expect(group?.ssrcs).toEqual(layers);
  });

  test.each([
    ['no ICE credentials', ANSWER.replace(/a=ice-(ufrag|pwd).*\r\n/g, '')],
    ['no DTLS fingerprint', ANSWER.replace(/a=fingerprint.*\r\n/g, '')],
    ['no ICE credentials', ''],
  ])('refuses an answer with %s', (reason, sdp) => {
    expect(readLocalAnswer(sdp)).toEqual({ type: 'error', reason });
  });
});

describe('addSimulcast', () => {
  const next = () => {
    let ssrc = 0;
    return () => ++ssrc;
  };

  test('makes three pairs, the browser’s own first', () => {
    const result = readLocalAnswer(addSimulcast(ANSWER, '1', 3, next()));
    expect(result.type === 'ok' && result.value.media[1]).toMatchObject({
      ssrcs: [2657946871, 1, 3, 990528059, 2, 4],
      groups: [
        { semantics: 'SIM', ssrcs: [2657946871, 1, 3] },
        { semantics: 'FID', ssrcs: [2657946871, 990528059] },
        { semantics: 'FID', ssrcs: [1, 2] },
        { semantics: 'FID', ssrcs: [3, 4] },
      ],
    });
  });

  test('every SSRC has the canonical name of the first', () => {
    const sdp = addSimulcast(ANSWER, '1', 3, next());
    expect(sdp.match(/a=ssrc:\d+ cname:c1/g)).toHaveLength(7);
  });

  test('asks again for an SSRC that is 0 or taken', () => {
    const ssrcs = [0, 910000001, 5, 5, 6, 7, 8];
    const sdp = addSimulcast(ANSWER, '1', 3, () => ssrcs.shift() ?? 99);
    expect(sdp).toContain('a=ssrc-group:SIM 2657946871 5 7');
  });

  test.each([
    ['one layer', () => addSimulcast(ANSWER, '1', 1, next())],
    ['a line that is not there', () => addSimulcast(ANSWER, '9', 3, next())],
  ])('leaves the answer as it is with %s', (_, run) => {
    expect(run()).toBe(ANSWER);
  });

  test('does it once: what is simulcast already stays', () => {
    const once = addSimulcast(ANSWER, '1', 3, next());
    expect(addSimulcast(once, '1', 3, next())).toBe(once);
  });
});
