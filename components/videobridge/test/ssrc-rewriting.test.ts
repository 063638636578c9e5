/** Story: receivers in rewriting mode get a limited number of SSRCs of the bridge's, and are told whose they are. */
import { PacketKind } from '@conclave/platform/packet-io';
import {
  createSenderInfo,
  RtcpCursor,
  RtcpType,
  readSenderInfo,
  writeSenderReport,
} from '@conclave/protocols/rtcp';
import { describe, expect, test } from 'vitest';
import { discontinuities } from './discontinuities.ts';
import {
  audioMap,
  bridgeWith,
  REWRITING,
  sendersOf,
  stream,
  talk,
  videoMap,
} from './rewriting-receivers.ts';
import { MEDIA, TestBridge } from './test-bridge.ts';
import { readMark, type TestEndpoint } from './test-endpoint.ts';

describe('SSRC rewriting', () => {
  test('everything comes under announced SSRCs; who cannot do it gets the same under its own', () => {
    const bridge = bridgeWith(5, 5);
    const ann = bridge.join('ann');
    const bob = bridge.join('bob', MEDIA, REWRITING);
    const cem = bridge.join('cem');
    bob.want({ defaultConstraints: { maxHeight: 720 } });
    cem.want({ defaultConstraints: { maxHeight: 720 } });
    talk(bridge, ann, cem);
    stream(bridge, [ann, cem], 5);

    const audio = audioMap(bob);
    const video = videoMap(bob);
    expect([...audio.keys()].sort()).toEqual(['ann-a0', 'cem-a0']);
    expect(video.get('ann-v0')).toMatchObject({ owner: 'ann', videoType: 'CAMERA' });
    const announced = [...audio.values(), ...video.values()].map(({ ssrc }) => ssrc);
    expect(new Set(announced).size).toBe(4);
    expect(new Set(bob.received().map(({ ssrc }) => ssrc))).toEqual(new Set(announced));
    expect(announced).not.toContain(ann.audioSsrc);
    const pictures = bob.received(video.get('ann-v0')!.ssrc);
    expect(sendersOf(pictures)).toEqual([ann.number]);
    expect(discontinuities(pictures)).toEqual([]);

    expect(cem.received(ann.encodings[0]!.ssrc).length).toBeGreaterThan(0);
    expect(cem.heard('VideoSourcesMap')).toEqual([]);
    expect(cem.heard('AudioSourcesMap')).toEqual([]);
  });

  test('with fewer places than cameras a place changes hands, announced before its first packet', () => {
    const bridge = bridgeWith(5, 2);
    const senders = ['ann', 'bob', 'cem'].map((id) => bridge.join(id));
    const [ann, bob, cem] = senders;
    const dan = bridge.join('dan', MEDIA, REWRITING);
    dan.want({ defaultConstraints: { maxHeight: 180 } });
    stream(bridge, senders, 5);
    const before = videoMap(dan);
    expect([...before.keys()]).toEqual(['ann-v0', 'bob-v0']);
    expect(dan.heard('ForwardedSources').at(-1)?.forwardedSources).toEqual(['ann-v0', 'bob-v0']);

    const sentBefore = dan.received().length;
    const askedBefore = cem!.keyframesAsked.length;
    dan.say({ colibriClass: 'ReceiverVideoConstraints', onStageSources: ['cem-v0'] });
    const after = videoMap(dan);
    expect([...after.keys()].sort()).toEqual(['ann-v0', 'cem-v0']);
    expect(after.get('cem-v0')?.ssrc).toBe(before.get('bob-v0')?.ssrc);
    expect(dan.received()).toHaveLength(sentBefore);
    expect(cem!.keyframesAsked.length).toBeGreaterThan(askedBefore);

    // Nothing of the former owner, and nothing but a key frame of the new one.
    bob!.sendFrame([0, 1, 2]);
    cem!.sendFrame([0, 1, 2]);
    expect(dan.received(after.get('cem-v0')!.ssrc)).toHaveLength(
      dan.received(before.get('bob-v0')!.ssrc).length,
    );
    stream(bridge, senders, 5);
    const packets = dan.received(after.get('cem-v0')!.ssrc);
    expect(sendersOf(packets)).toEqual([bob!.number, cem!.number]);
    expect(discontinuities(packets)).toEqual([]);
    expect(sendersOf(dan.received(after.get('ann-v0')!.ssrc))).toEqual([ann!.number]);
    expect(new Set(dan.received().map(({ ssrc }) => ssrc)).size).toBe(2);
  });

  test('repair and key frame requests are about who is there now', () => {
    const bridge = bridgeWith(5, 1);
    const senders = ['ann', 'bob'].map((id) => bridge.join(id));
    const [ann, bob] = senders;
    const cem = bridge.join('cem', MEDIA, REWRITING);
    cem.want({ defaultConstraints: { maxHeight: 180 }, onStageSources: ['ann-v0'] });
    stream(bridge, senders, 3);
    const { ssrc, rtx } = videoMap(cem).get('ann-v0')!;
    const old = cem.received(ssrc).at(-1)!;
    cem.sendNack(ssrc, [old.seq]);
    expect(cem.received(rtx)).toHaveLength(1);

    cem.say({ colibriClass: 'ReceiverVideoConstraints', onStageSources: ['bob-v0'] });
    expect(videoMap(cem).get('bob-v0')).toMatchObject({ ssrc, rtx });
    stream(bridge, senders, 3);
    bridge.advance(300);
    const fresh = cem.received(ssrc).at(-1)!;
    expect(readMark(fresh.payload).sender).toBe(bob!.number);
    const asked = bob!.keyframesAsked.length;
    const askedOfAnn = ann!.keyframesAsked.length;
    cem.sendNack(ssrc, [old.seq, fresh.seq]);
    cem.sendPli(ssrc);
    const [, ...repeated] = cem.received(rtx);
    expect(repeated.map(({ payload }) => (payload[0]! << 8) | payload[1]!)).toEqual([fresh.seq]);
    expect(repeated[0]?.payload.subarray(2)).toEqual(fresh.payload);
    expect(bob!.keyframesAsked).toHaveLength(asked + 1);
    expect(ann!.keyframesAsked).toHaveLength(askedOfAnn);
  });

  test('reports of a sender reach its place in the numbers there', () => {
    const bridge = bridgeWith(1, 1);
    const [ann, bob] = ['ann', 'bob'].map((id) => bridge.join(id)) as [TestEndpoint, TestEndpoint];
    const cem = bridge.join('cem', MEDIA, REWRITING);
    cem.want({});
    bridge.advance(300);
    bob.audioTimestamp = 500_000;
    talk(bridge, ann);
    bridge.advance(500);
    talk(bridge, bob);
    const { ssrc } = audioMap(cem).get('bob-a0')!;
    const out = new Uint8Array(100);
    for (const sender of [ann, bob]) {
      const length = writeSenderReport(out, 0, sender.audioSsrc, {
        ntpSeconds: 1000 + sender.number,
        ntpFraction: 0,
        rtpTimestamp: sender.audioTimestamp - 960,
        packetCount: 1,
        octetCount: 1,
      });
      bridge.receive(sender, PacketKind.rtcp, out.subarray(0, length));
    }
    const reports = bridge.rtcpTo(cem).flatMap((bytes) => {
      const cursor = new RtcpCursor();
      cursor.reset(bytes, 0, bytes.length);
      cursor.next();
      if (cursor.type !== RtcpType.senderReport) return [];
      const info = createSenderInfo();
      readSenderInfo(bytes, cursor.bodyOffset, info);
      return [{ ssrc: cursor.senderSsrc, ...info }];
    });
    expect(reports).toHaveLength(1);
    expect(reports[0]).toMatchObject({
      ssrc,
      ntpSeconds: 1000 + bob.number,
      rtpTimestamp: cem.received(ssrc).at(-1)?.timestamp,
      packetCount: 40,
    });
  });

  test('who comes and goes uses the places of those before', () => {
    const bridge = bridgeWith(3, 3);
    const ann = bridge.join('ann', MEDIA, REWRITING);
    ann.want({ defaultConstraints: { maxHeight: 180 } });
    for (let i = 0; i < 20; i++) {
      const guests = [1, 2].map((n) => bridge.join(`guest-${i}-${n}`));
      stream(bridge, guests, 3);
      talk(bridge, ...guests);
      for (const { id } of guests) bridge.colibri({ endpoints: [{ id, expire: true }] });
    }
    const ssrcs = new Set(ann.received().map(({ ssrc }) => ssrc));
    expect(ssrcs.size).toBe(4);
    const mapped = ann.heard('VideoSourcesMap').flatMap(({ mappedSources }) => mappedSources);
    for (const ssrc of new Set(mapped.map((mapping) => mapping.ssrc))) {
      expect(discontinuities(ann.received(ssrc))).toEqual([]);
    }
    expect(mapped.filter(({ source }) => source === 'guest-19-2-v0').length).toBeGreaterThan(0);
  });

  test('a room larger than the limits costs a receiver as many SSRCs as they say', () => {
    const bridge = new TestBridge();
    const ann = bridge.join('ann', MEDIA, REWRITING);
    ann.want({ defaultConstraints: { maxHeight: 180 } });
    const others = Array.from({ length: 60 }, (_, i) => bridge.join(`guest-${i}`));
    bridge.advance(300);
    for (const other of others) {
      other.sendAudio();
      bridge.advance(20);
    }
    for (const { id } of others) {
      ann.say({ colibriClass: 'ReceiverVideoConstraints', onStageSources: [`${id}-v0`] });
    }
    const ssrcsIn = (colibriClass: 'AudioSourcesMap' | 'VideoSourcesMap') =>
      new Set(
        ann.heard(colibriClass).flatMap(({ mappedSources }) => mappedSources.map((m) => m.ssrc)),
      );
    expect(ssrcsIn('AudioSourcesMap').size).toBe(50);
    expect(ssrcsIn('VideoSourcesMap').size).toBe(50);
    const heard = new Set(ann.received().map(({ payload }) => payload[0]));
    expect(heard).toEqual(new Set(others.map(({ number }) => number)));
  });

  test('a channel that opens later or again is told everything', () => {
    const bridge = bridgeWith(5, 5);
    const ann = bridge.join('ann');
    const bob = bridge.join('bob', MEDIA, REWRITING);
    talk(bridge, ann);
    expect(bob.received()).toEqual([]);
    bob.want({ defaultConstraints: { maxHeight: 180 } });
    stream(bridge, [ann], 2);
    bridge.advance(5000);
    const audio = bob.heard('AudioSourcesMap').length;
    const video = bob.heard('VideoSourcesMap').length;
    bob.want({});
    expect(bob.heard('AudioSourcesMap')[audio]?.mappedSources).toEqual([...audioMap(bob).values()]);
    expect(bob.heard('VideoSourcesMap')[video]?.mappedSources).toEqual([...videoMap(bob).values()]);
  });

  test('a screen beside the camera has a place of its own, and gets it back when it returns', () => {
    const bridge = bridgeWith(5, 5);
    const ann = bridge.join('ann');
    const bob = bridge.join('bob', MEDIA, REWRITING);
    bob.want({ defaultConstraints: { maxHeight: 720 } });
    stream(bridge, [ann], 2);
    const screen = {
      type: 'video' as const,
      name: 'ann-v1',
      videoType: 'desktop' as const,
      ssrcs: [77, 78],
      groups: [{ semantics: 'FID' as const, ssrcs: [77, 78] }],
    };
    const share = (on: boolean) =>
      bridge.colibri({
        endpoints: [{ id: 'ann', sources: on ? [...ann.sources, screen] : ann.sources }],
      });
    share(true);
    const first = videoMap(bob).get('ann-v1');
    expect(first?.videoType).toBe('DESKTOP');
    share(false);
    const cem = bridge.join('cem');
    stream(bridge, [ann, cem], 2);
    share(true);
    expect(videoMap(bob).get('ann-v1')?.owner).toBe('ann');
    expect(videoMap(bob).size).toBeLessThanOrEqual(3);
  });
});
