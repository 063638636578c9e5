/** Story: receivers in rewriting mode get a limited number of SSRCs of the bridge's, and are told whose they are. */
import { PacketKind } from '@conclave/platform/packet-io';
import type { AudioSourceMapping, VideoSourceMapping } from '@conclave/protocols/bridge-channel';
import {
  createSenderInfo,
  RtcpCursor,
  RtcpType,
  readSenderInfo,
  writeSenderReport,
} from '@conclave/protocols/rtcp';
import { describe, expect, test } from 'vitest';
import { discontinuities } from './discontinuities.ts';
import { MEDIA, TestBridge } from './test-bridge.ts';
import { type ReceivedPacket, readMark, type TestEndpoint } from './test-endpoint.ts';

const ALL = [0, 1, 2];
const REWRITING = { ssrcRewriting: true };

function bridgeWith(audio: number, video: number): TestBridge {
  return new TestBridge({ bridge: { ssrcSlots: { audio, video } } });
}

/** Whose each SSRC is after everything that the endpoint heard. */
function videoMap(endpoint: TestEndpoint): Map<string, VideoSourceMapping> {
  const bySsrc = new Map<number, VideoSourceMapping>();
  for (const { mappedSources } of endpoint.heard('VideoSourcesMap')) {
    for (const mapping of mappedSources) bySsrc.set(mapping.ssrc, mapping);
  }
  return new Map([...bySsrc.values()].map((mapping) => [mapping.source, mapping]));
}

function audioMap(endpoint: TestEndpoint): Map<string, AudioSourceMapping> {
  const bySsrc = new Map<number, AudioSourceMapping>();
  for (const { mappedSources } of endpoint.heard('AudioSourcesMap')) {
    for (const mapping of mappedSources) bySsrc.set(mapping.ssrc, mapping);
  }
  return new Map([...bySsrc.values()].map((mapping) => [mapping.source, mapping]));
}

function stream(bridge: TestBridge, senders: readonly TestEndpoint[], frames: number): void {
  for (let i = 0; i < frames; i++) {
    for (const sender of senders) sender.sendFrame(ALL, { isKey: i === 0 });
    bridge.advance(33);
  }
}

/** Who sent each packet, without repetition in a row. */
function sendersOf(packets: readonly ReceivedPacket[]): number[] {
  const senders = packets.map(({ payload }) => readMark(payload).sender);
  return senders.filter((sender, i) => sender !== senders[i - 1]);
}

function talk(bridge: TestBridge, ...speakers: readonly TestEndpoint[]): void {
  for (let i = 0; i < 20; i++) {
    for (const speaker of speakers) speaker.sendAudio(30);
    bridge.advance(20);
  }
}

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

  test('voices have their places before anybody speaks', () => {
    const bridge = bridgeWith(5, 5);
    bridge.join('ann');
    const bob = bridge.join('bob', MEDIA, REWRITING);
    bob.want({});
    expect([...audioMap(bob).keys()]).toEqual(['ann-a0']);
    bridge.join('cem');
    expect([...audioMap(bob).keys()]).toEqual(['ann-a0', 'cem-a0']);
  });

  test('a voice waits until its receiver knows the SSRC and had time to get ready for it', () => {
    const bridge = bridgeWith(2, 2);
    const ann = bridge.join('ann');
    const bob = bridge.join('bob', MEDIA, REWRITING);
    talk(bridge, ann);
    bob.want({});
    const toldMs = bridge.nowMs;
    while (bob.received().length === 0) {
      ann.sendAudio();
      bridge.advance(20);
    }
    expect(bridge.nowMs - toldMs).toBeGreaterThanOrEqual(250);
    expect(bridge.nowMs - toldMs).toBeLessThan(320);
    // Who comes later to an SSRC that is known need not wait.
    bridge.colibri({ endpoints: [{ id: 'ann', expire: true }] });
    const cem = bridge.join('cem');
    const count = bob.received().length;
    cem.sendAudio();
    expect(bob.received()).toHaveLength(count + 1);
    expect(audioMap(bob).get('cem-a0')?.ssrc).toBe(bob.received().at(-1)?.ssrc);
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
    bob!.sendFrame(ALL);
    cem!.sendFrame(ALL);
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

  test('a voice takes the place that has been silent for longest; its numbers and clock go on', () => {
    const bridge = bridgeWith(2, 2);
    const [ann, bob, cem] = ['ann', 'bob', 'cem'].map((id) => bridge.join(id)) as [
      TestEndpoint,
      TestEndpoint,
      TestEndpoint,
    ];
    const dan = bridge.join('dan', MEDIA, REWRITING);
    dan.want({});
    talk(bridge, ann);
    talk(bridge, bob);
    bridge.advance(500);
    const before = audioMap(dan);
    expect([...before.keys()]).toEqual(['ann-a0', 'bob-a0']);
    talk(bridge, cem);
    const after = audioMap(dan);
    expect(after.get('cem-a0')).toEqual({
      source: 'cem-a0',
      owner: 'cem',
      ssrc: before.get('ann-a0')?.ssrc,
    });
    const packets = dan.received(after.get('cem-a0')!.ssrc);
    const speakers = packets.map(({ payload }) => payload[0]);
    expect(new Set(speakers)).toEqual(new Set([ann.number, cem.number]));
    for (let i = 1; i < packets.length; i++) {
      const [a, b] = [packets[i - 1]!, packets[i]!];
      expect(b.extendedSeq).toBe(a.extendedSeq + 1);
      const ticks = (b.timestamp - a.timestamp) | 0;
      // 400 ms of bob, and the pause.
      const expected = speakers[i] === speakers[i - 1] ? 960 : 48 * (400 + 500 + 20);
      expect(Math.abs(ticks - expected)).toBeLessThanOrEqual(960);
    }
    const count = dan.heard('AudioSourcesMap').length;
    talk(bridge, bob);
    bridge.advance(5000);
    const later = dan.heard('AudioSourcesMap').slice(count);
    // Once more, for clients that overlooked it, and then no more.
    expect(later).toHaveLength(1);
    expect(later[0]?.mappedSources).toHaveLength(2);
    expect(audioMap(dan)).toEqual(after);
    // What happens to SSRCs that are long known is said once.
    talk(bridge, ann);
    bridge.advance(5000);
    expect(dan.heard('AudioSourcesMap')).toHaveLength(count + 2);
  });

  test('with more voices than places the loudest are heard', () => {
    const bridge = bridgeWith(2, 2);
    const [ann, bob, cem] = ['ann', 'bob', 'cem'].map((id) => bridge.join(id)) as [
      TestEndpoint,
      TestEndpoint,
      TestEndpoint,
    ];
    const dan = bridge.join('dan', MEDIA, REWRITING);
    const eve = bridge.join('eve');
    dan.want({});
    for (let i = 0; i < 50; i++) {
      ann.sendAudio(60);
      bob.sendAudio(20);
      cem.sendAudio(20);
      bridge.advance(20);
    }
    const heard = dan.received().slice(-40);
    expect(new Set(heard.map(({ payload }) => payload[0]))).toEqual(
      new Set([bob.number, cem.number]),
    );
    // Places do not go back and forth.
    const changes = dan.heard('AudioSourcesMap').flatMap(({ mappedSources }) => mappedSources);
    expect(changes.length).toBeLessThanOrEqual(8);
    expect(eve.received(ann.audioSsrc)).toHaveLength(50);
  });

  test('who is asked for by name has a place of its own beside the loudest, before it is heard and as long as it is asked for', () => {
    const bridge = bridgeWith(2, 2);
    const [ann, bob, cem, fay] = ['ann', 'bob', 'cem', 'fay'].map((id) => bridge.join(id)) as [
      TestEndpoint,
      TestEndpoint,
      TestEndpoint,
      TestEndpoint,
    ];
    const dan = bridge.join('dan', MEDIA, REWRITING);
    const eve = bridge.join('eve', MEDIA, REWRITING);
    dan.want({});
    eve.want({});
    /** A second of two loud voices and two quiet ones; whose packets each got. */
    const converse = (bobLevel = 20) => {
      const [danHad, eveHad] = [dan.received().length, eve.received().length];
      for (let i = 0; i < 50; i++) {
        ann.sendAudio(20);
        bob.sendAudio(bobLevel);
        cem.sendAudio(60);
        fay.sendAudio(60);
        bridge.advance(20);
      }
      const names = new Map([ann, bob, cem, fay].map(({ number, id }) => [number, id]));
      const heardBy = (receiver: TestEndpoint, had: number) => {
        const counts: Record<string, number> = {};
        for (const { payload } of receiver.received().slice(had)) {
          const name = names.get(payload[0]!)!;
          counts[name] = (counts[name] ?? 0) + 1;
        }
        return counts;
      };
      return { dan: heardBy(dan, danHad), eve: heardBy(eve, eveHad) };
    };
    converse();
    expect(converse()).toEqual({ dan: { ann: 50, bob: 50 }, eve: { ann: 50, bob: 50 } });

    dan.say({ colibriClass: 'ReceiverAudioSubscription', all: true, include: ['cem-a0'] });
    bridge.advance(20);
    const told = dan.heard('AudioSourcesMap').length;
    expect(audioMap(dan).has('cem-a0')).toBe(true);
    // One of the loud voices had to go, and they do not take turns.
    const heard = converse();
    expect(heard.dan.cem).toBe(50);
    expect(Object.values(heard.dan).sort()).toEqual([50, 50]);
    expect(heard.eve).toEqual({ ann: 50, bob: 50 });
    // The one that is clearly louder has the other place.
    const louder = converse(5);
    expect(louder.dan.cem).toBe(50);
    expect(louder.dan.bob).toBeGreaterThan(40);
    expect(dan.heard('AudioSourcesMap').length).toBeLessThanOrEqual(told + 1);

    // More names than places: those who have one keep it.
    const include = ['cem-a0', 'bob-a0', 'fay-a0', 'nobody-a0'];
    dan.say({ colibriClass: 'ReceiverAudioSubscription', all: true, include });
    expect(converse()).toMatchObject({ dan: { cem: 50, bob: 50 }, eve: { ann: 50, bob: 50 } });
    dan.say({ colibriClass: 'ReceiverAudioSubscription', all: false, include: ['fay-a0'] });
    expect(converse().dan).toEqual({ fay: 50 });
    dan.say({ colibriClass: 'ReceiverAudioSubscription', all: true });
    converse();
    expect(converse().dan).toEqual({ ann: 50, bob: 50 });
    for (const ssrc of new Set(dan.received().map((packet) => packet.ssrc))) {
      const packets = dan.received(ssrc);
      packets.slice(1).forEach((packet, i) => {
        expect(packet.extendedSeq).toBe(packets[i]!.extendedSeq + 1);
      });
    }
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
