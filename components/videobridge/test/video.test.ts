/** Story: cameras with three encodings, receivers that want different heights. */

import { PacketKind } from '@conclave/platform/packet-io';
import { describe, expect, test } from 'vitest';
import { discontinuities } from './discontinuities.ts';
import { TestBridge } from './test-bridge.ts';
import { type ReceivedPacket, readMark, type TestEndpoint } from './test-endpoint.ts';

const ALL = [0, 1, 2];
const FULL = { defaultConstraints: { maxHeight: 720 } };
const THUMBNAIL = { defaultConstraints: { maxHeight: 180 } };

function start(...ids: string[]): { bridge: TestBridge; endpoints: TestEndpoint[] } {
  const bridge = new TestBridge();
  return { bridge, endpoints: ids.map((id) => bridge.join(id)) };
}

/** Frames at 30/s; the first is a key frame. */
function stream(
  bridge: TestBridge,
  sender: TestEndpoint,
  frames: number,
  layers: readonly number[] = ALL,
): void {
  for (let i = 0; i < frames; i++) {
    sender.sendFrame(layers, { isKey: i === 0 });
    bridge.advance(33);
  }
}

function layersOf(packets: readonly ReceivedPacket[]): number[] {
  return packets.map((packet) => readMark(packet.payload).layer);
}

describe('video', () => {
  test('is not sent before the receiver said what it wants', () => {
    const { bridge, endpoints } = start('ann', 'bob');
    stream(bridge, endpoints[0]!, 5);
    expect(endpoints[1]!.received()).toEqual([]);
    expect(endpoints[0]!.heard('SenderSourceConstraints')).toEqual([]);
  });

  test('comes on the first SSRC, in the highest encoding within the wanted height', () => {
    const { bridge, endpoints } = start('ann', 'bob', 'cem', 'dan');
    const [ann, bob, cem, dan] = endpoints;
    bob!.want(FULL);
    cem!.want(THUMBNAIL);
    dan!.want({ defaultConstraints: { maxHeight: 0 } });
    stream(bridge, ann!, 20);
    const ssrc = ann!.encodings[0]!.ssrc;
    expect(bob!.received().every((packet) => packet.ssrc === ssrc)).toBe(true);
    expect(new Set(layersOf(cem!.received(ssrc)))).toEqual(new Set([0]));
    expect(layersOf(bob!.received(ssrc)).slice(-30)).toEqual(Array(30).fill(2));
    expect(dan!.received()).toEqual([]);
    expect(discontinuities(bob!.received(ssrc))).toEqual([]);
    expect(discontinuities(cem!.received(ssrc))).toEqual([]);
    expect(ann!.received()).toEqual([]);
  });

  test('is chosen by the size that key frames tell, whichever way the camera is held', () => {
    const { bridge, endpoints } = start('ann', 'bob', 'cem');
    const [ann, bob, cem] = endpoints;
    bob!.want({ defaultConstraints: { maxHeight: 360 } });
    cem!.want(THUMBNAIL);
    const key = (layer: number, size: readonly [number, number]) => {
      const packets = ann!.makeFrame(layer, { isKey: true, size });
      for (const packet of packets) bridge.queue(ann!, PacketKind.rtp, packet);
    };
    // A small camera: its largest encoding is no larger than what others send in the middle.
    key(0, [160, 90]);
    key(1, [320, 180]);
    key(2, [360, 640]);
    bridge.deliver();
    bridge.advance(33);
    for (let i = 0; i < 20; i++) {
      ann!.sendFrame(ALL, { isKey: i === 5 });
      bridge.advance(33);
    }
    expect(layersOf(bob!.received()).at(-1)).toBe(2);
    expect(layersOf(cem!.received()).at(-1)).toBe(1);
    expect(discontinuities(bob!.received())).toEqual([]);
  });

  test('of an encoding that has not told its size is taken for twice the one below', () => {
    const { bridge, endpoints } = start('ann', 'bob');
    const [ann, bob] = endpoints;
    bob!.want({ defaultConstraints: { maxHeight: 360 } });
    for (const layer of [0, 1]) {
      const size = [160 << layer, 90 << layer] as const;
      for (const packet of ann!.makeFrame(layer, { isKey: true, size })) {
        bridge.queue(ann!, PacketKind.rtp, packet);
      }
    }
    bridge.deliver();
    stream(bridge, ann!, 10);
    expect(layersOf(bob!.received()).at(-1)).toBe(2);
  });

  test('starts with the very first key frame, in the best encoding that has come', () => {
    const { bridge, endpoints } = start('ann', 'bob');
    endpoints[1]!.want(FULL);
    stream(bridge, endpoints[0]!, 1, [0]);
    expect(layersOf(endpoints[1]!.received())).toEqual([0, 0, 0]);
  });

  test('a key frame is asked for as soon as somebody can get it', () => {
    const { bridge, endpoints } = start('ann', 'bob');
    const [ann, bob] = endpoints;
    stream(bridge, ann!, 10);
    expect(ann!.keyframesAsked).toEqual([]);
    bob!.want(THUMBNAIL);
    expect(ann!.keyframesAsked).toEqual([ann!.encodings[0]!.ssrc]);
  });

  test('numbers video for congestion control, one by one', () => {
    const { bridge, endpoints } = start('ann', 'bob', 'cem');
    const [ann, bob, cem] = endpoints;
    cem!.want(FULL);
    ann!.sendAudio();
    stream(bridge, ann!, 5);
    stream(bridge, bob!, 5);
    const video = cem!.received().filter((packet) => packet.payloadType === 100);
    expect(video.map((packet) => packet.transportSeq)).toEqual(video.map((_, i) => i + 1));
  });

  test('switches up and down at key frames only, continuously', () => {
    const { bridge, endpoints } = start('ann', 'bob');
    const [ann, bob] = endpoints;
    bob!.want(THUMBNAIL);
    stream(bridge, ann!, 10);
    expect(new Set(layersOf(bob!.received()))).toEqual(new Set([0]));

    bob!.say({ colibriClass: 'ReceiverVideoConstraints', ...FULL });
    for (let i = 0; i < 5; i++) ann!.sendFrame(ALL);
    expect(new Set(layersOf(bob!.received()))).toEqual(new Set([0]));
    expect(ann!.keyframesAsked).toContain(ann!.encodings[2]!.ssrc);

    stream(bridge, ann!, 5);
    // The lower encoding's part of the key frame came first; after it only the wanted one.
    expect(layersOf(bob!.received()).slice(-5 * 3)).toEqual(Array(5 * 3).fill(2));

    bob!.say({ colibriClass: 'ReceiverVideoConstraints', ...THUMBNAIL });
    const beforeDown = bob!.received().length;
    for (let i = 0; i < 3; i++) ann!.sendFrame(ALL);
    expect(new Set(layersOf(bob!.received().slice(beforeDown)))).toEqual(new Set([2]));
    const beforeKey = bob!.received().length;
    stream(bridge, ann!, 3);
    expect(new Set(layersOf(bob!.received().slice(beforeKey)))).toEqual(new Set([0]));
    expect(discontinuities(bob!.received())).toEqual([]);
  });

  test('falls back when the higher encoding stops, and returns when it comes again', () => {
    const { bridge, endpoints } = start('ann', 'bob');
    const [ann, bob] = endpoints;
    bob!.want(FULL);
    stream(bridge, ann!, 10);
    for (let i = 0; i < 40; i++) {
      ann!.sendFrame([0, 1]);
      bridge.advance(33);
    }
    expect(ann!.keyframesAsked).toContain(ann!.encodings[1]!.ssrc);
    stream(bridge, ann!, 3, [0, 1]);
    expect(layersOf(bob!.received()).at(-1)).toBe(1);
    stream(bridge, ann!, 3);
    expect(layersOf(bob!.received()).at(-1)).toBe(2);
    expect(discontinuities(bob!.received())).toEqual([]);
  });

  test('a frame cut off by a switch leaves a gap, so that it does not seem complete', () => {
    const { bridge, endpoints } = start('ann', 'bob');
    const [ann, bob] = endpoints;
    bob!.want(THUMBNAIL);
    stream(bridge, ann!, 2);
    ann!.sendFrame([0], { lose: [2] });
    bob!.say({ colibriClass: 'ReceiverVideoConstraints', ...FULL });
    const before = bob!.received().at(-1)!;
    ann!.sendFrame([2], { isKey: true });
    ann!.sendFrame([2], { isKey: true });
    const after = bob!.received().find((packet) => readMark(packet.payload).layer === 2)!;
    expect(after.extendedSeq).toBe(before.extendedSeq + 2);
  });

  test('a key frame whose beginning was lost is not switched to', () => {
    const { bridge, endpoints } = start('ann', 'bob');
    const [ann, bob] = endpoints;
    bob!.want(FULL);
    ann!.sendFrame(ALL, { isKey: true, lose: [0] });
    expect(bob!.received()).toEqual([]);
    bridge.advance(33);
    stream(bridge, ann!, 1);
    expect(bob!.received().length).toBeGreaterThan(0);
  });

  test('key frames are asked for again with growing pauses, at most five in the first two seconds', () => {
    const { bridge, endpoints } = start('ann', 'bob');
    const [ann, bob] = endpoints;
    bob!.want(FULL);
    for (let i = 0; i < 60; i++) {
      ann!.sendFrame([0]);
      bridge.advance(33);
    }
    expect(ann!.keyframesAsked.length).toBeGreaterThanOrEqual(3);
    expect(ann!.keyframesAsked.length).toBeLessThanOrEqual(5);
  });

  test('packets of another endpoint never arrive under a wrong SSRC', () => {
    const { bridge, endpoints } = start('ann', 'bob', 'cem');
    for (const endpoint of endpoints) endpoint.want(FULL);
    for (let i = 0; i < 30; i++) {
      for (const endpoint of endpoints) endpoint.sendFrame(ALL, { isKey: i % 10 === 0 });
      bridge.advance(33);
    }
    for (const receiver of endpoints) {
      for (const sender of endpoints) {
        const packets = receiver.received(sender.encodings[0]!.ssrc);
        if (sender === receiver) expect(packets).toEqual([]);
        else {
          expect(packets.length).toBeGreaterThan(80);
          expect(packets.every((p) => readMark(p.payload).sender === sender.number)).toBe(true);
          expect(discontinuities(packets)).toEqual([]);
        }
      }
    }
  });

  test('padding of the sender leaves no gap', () => {
    const { bridge, endpoints } = start('ann', 'bob');
    const [ann, bob] = endpoints;
    bob!.want(THUMBNAIL);
    stream(bridge, ann!, 3, [0]);
    const encoding = ann!.encodings[0]!;
    const padding = ann!.makeFrame(0, { packets: 1 })[0]!;
    const empty = Uint8Array.from([...padding.subarray(0, 12), 0, 0, 0, 4]);
    empty[0] = 0xa0; // padding, no extension
    encoding.pictureId = (encoding.pictureId - 1) & 0x7fff;
    encoding.tl0PicIdx = (encoding.tl0PicIdx - 1) & 0xff;
    bridge.receive(ann!, 1, empty);
    stream(bridge, ann!, 3, [0]);
    expect(discontinuities(bob!.received())).toEqual([]);
    expect(bridge.counter('dropped_rtp_padding')).toBe(1);
  });

  test('the receiver is told what it gets, in both forms', () => {
    const { bridge, endpoints } = start('ann', 'bob', 'cem');
    const [ann, bob] = endpoints;
    bob!.want({ ...THUMBNAIL, lastN: 1, onStageSources: ['cem-v0'] });
    expect(bob!.heard('ForwardedSources').at(-1)?.forwardedSources).toEqual(['cem-v0']);
    expect(bob!.heard('LastNEndpointsChangeEvent').at(-1)?.lastNEndpoints).toEqual(['cem']);
    bob!.say({ colibriClass: 'ReceiverVideoConstraints', lastN: -1 });
    expect(bob!.heard('ForwardedSources').at(-1)?.forwardedSources).toEqual(['cem-v0', 'ann-v0']);
    bridge.colibri({ endpoints: [{ id: 'ann', expire: true }] });
    expect(bob!.heard('ForwardedSources').at(-1)?.forwardedSources).toEqual(['cem-v0']);
    expect(bridge.channelsClosed.some(({ channelId }) => channelId === ann!.channelId)).toBe(false);
  });

  test('the sender is told the largest height anybody wants', () => {
    const { bridge, endpoints } = start('ann', 'bob', 'cem');
    const [ann, bob, cem] = endpoints;
    const heights = () => {
      bridge.advance(20);
      return ann!.heard('SenderSourceConstraints').map((m) => m.maxHeight);
    };
    ann!.want({});
    bob!.want({ constraints: { 'ann-v0': { maxHeight: 360 } } });
    expect(heights()).toEqual([360]);
    cem!.want({ onStageEndpoints: ['ann'], constraints: { ann: { maxHeight: 720 } } });
    expect(heights()).toEqual([360, 720]);
    cem!.say({ colibriClass: 'ReceiverVideoConstraints', lastN: 0 });
    expect(heights()).toEqual([360, 720, 360]);
    bridge.colibri({ endpoints: [{ id: 'bob', expire: true }] });
    expect(heights()).toEqual([360, 720, 360, 0]);
    cem!.say({ colibriClass: 'ReceiverVideoConstraints', lastN: -1, constraints: {} });
    expect(heights()).toEqual([360, 720, 360, 0, 180]);
    // Of several wishes at a time the sender hears once.
    cem!.say({ colibriClass: 'ReceiverVideoConstraints', defaultConstraints: { maxHeight: 720 } });
    cem!.say({
      colibriClass: 'ReceiverVideoConstraints',
      defaultConstraints: { maxHeight: -1 },
    });
    expect(heights()).toEqual([360, 720, 360, 0, 180, 2160]);
    expect(ann!.heard('SenderVideoConstraints').at(-1)?.videoConstraints.idealHeight).toBe(2160);
  });

  test('a bridge that is overloaded sends everybody less, those on stage first, and recovers', () => {
    const { bridge, endpoints } = start('ann', 'bob', 'cem', 'dan', 'eve', 'flo');
    const [, bob] = endpoints;
    bob!.want({ ...THUMBNAIL, onStageSources: ['flo-v0'] });
    const shown = () => bob!.heard('ForwardedSources').at(-1)?.forwardedSources;
    expect(shown()).toHaveLength(5);
    bridge.core.handleLoad(1.1, bridge.nowMs);
    expect(shown()).toEqual(['flo-v0', 'ann-v0', 'cem-v0']);
    bridge.core.handleLoad(1.1, bridge.nowMs);
    expect(shown()).toHaveLength(3);
    bridge.advance(10_000);
    bridge.core.handleLoad(1.1, bridge.nowMs);
    expect(shown()).toEqual(['flo-v0', 'ann-v0']);
    bob!.say({ colibriClass: 'ReceiverVideoConstraints', lastN: 1 });
    expect(shown()).toEqual(['flo-v0']);
    bob!.say({ colibriClass: 'ReceiverVideoConstraints', lastN: -1 });
    expect(shown()).toHaveLength(2);
    bridge.advance(60_000);
    bridge.core.handleLoad(0.5, bridge.nowMs);
    expect(shown()).toHaveLength(3);
    expect(bridge.counter('total_last_n_changes')).toBe(3);
  });

  test('a bridge that must not send less does not, however loaded it is', () => {
    const bridge = new TestBridge({ bridge: { reducesLoad: false } });
    const [ann] = ['ann', 'bob', 'cem'].map((id) => bridge.join(id));
    ann!.want(THUMBNAIL);
    bridge.core.handleLoad(2, bridge.nowMs);
    expect(ann!.heard('ForwardedSources').at(-1)?.forwardedSources).toHaveLength(2);
  });

  test('a source that its owner turned off makes room within last-N', () => {
    const { endpoints } = start('ann', 'bob', 'cem');
    const [ann, bob, cem] = endpoints;
    ann!.want({ lastN: 1 });
    bob!.want({});
    expect(ann!.heard('ForwardedSources').at(-1)?.forwardedSources).toEqual(['bob-v0']);
    bob!.say({ colibriClass: 'SourceVideoTypeMessage', sourceName: 'bob-v0', videoType: 'none' });
    expect(ann!.heard('ForwardedSources').at(-1)?.forwardedSources).toEqual([`${cem!.id}-v0`]);
    bob!.say({ colibriClass: 'VideoTypeMessage', videoType: 'camera' });
    expect(ann!.heard('ForwardedSources').at(-1)?.forwardedSources).toEqual(['bob-v0']);
  });

  test('what kind of video it is may be said before it is there', () => {
    const { bridge, endpoints } = start('ann', 'bob');
    const [ann, bob] = endpoints;
    ann!.want({});
    bob!.want({});
    bridge.colibri({ endpoints: [{ id: 'bob', sources: [] }] });
    bob!.say({ colibriClass: 'SourceVideoTypeMessage', sourceName: 'bob-v0', videoType: 'none' });
    bridge.colibri({ endpoints: [{ id: 'bob', sources: bob!.sources }] });
    expect(ann!.heard('ForwardedSources').at(-1)?.forwardedSources).toEqual([]);
  });

  test('of somebody muted by a moderator is dropped and not forwarded, until that ends', () => {
    const { bridge, endpoints } = start('ann', 'bob');
    const [ann, bob] = endpoints;
    ann!.want({});
    const mute = (video: boolean) =>
      bridge.colibri({ endpoints: [{ id: 'bob', forceMute: { audio: false, video } }] });
    bob!.sendFrame([0], { isKey: true });
    const before = ann!.received().length;
    expect(before).toBeGreaterThan(0);
    mute(true);
    bridge.advance(200);
    bob!.sendFrame([0], { isKey: true });
    expect(ann!.received()).toHaveLength(before);
    expect(bridge.counter('dropped_rtp_force_muted')).toBe(3);
    expect(ann!.heard('ForwardedSources').at(-1)?.forwardedSources).toEqual([]);
    mute(false);
    bridge.advance(200);
    bob!.sendFrame([0], { isKey: true });
    expect(ann!.received()).toHaveLength(before + 3);
    expect(ann!.heard('ForwardedSources').at(-1)?.forwardedSources).toEqual(['bob-v0']);
  });
});
