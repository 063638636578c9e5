/** Story: a conference on two bridges. Ann and Cem are on one, Bob and Dan on the other. */

import { PacketKind } from '@conclave/platform/packet-io';
import { RtcpCursor, RtcpType, writeSenderReport } from '@conclave/protocols/rtcp';
import { describe, expect, test } from 'vitest';
import { discontinuities } from './discontinuities.ts';
import { RelayedBridges } from './relayed-bridges.ts';
import type { TestBridge } from './test-bridge.ts';
import { readMark, type TestEndpoint } from './test-endpoint.ts';

const ALL = [0, 1, 2];
const FULL = { defaultConstraints: { maxHeight: 720 } };
const MEDIUM = { defaultConstraints: { maxHeight: 360 } };
const THUMBNAIL = { defaultConstraints: { maxHeight: 180 } };

function call() {
  const bridges = new RelayedBridges();
  const { a, b } = bridges;
  const ann = bridges.join(a, 'ann');
  const cem = bridges.join(a, 'cem');
  const bob = bridges.join(b, 'bob');
  bridges.connect();
  const dan = bridges.join(b, 'dan');
  bridges.pump();
  return { bridges, a, b, ann, bob, cem, dan };
}

/** Frames at 30/s; the first is a key frame, and so is one after each request. */
function stream(bridges: RelayedBridges, sender: TestEndpoint, frames: number): void {
  let answered = 0;
  for (let i = 0; i < frames; i++) {
    const asked = keyframeRequests(sender.bridge, sender);
    sender.sendFrame(ALL, { isKey: i === 0 || asked > answered });
    answered = asked;
    bridges.pump();
    for (const bridge of [bridges.a, bridges.b]) bridge.advance(33);
    bridges.pump();
  }
}

function keyframeRequests(bridge: TestBridge, sender: TestEndpoint): number {
  return count(bridge.rtcpTo(sender), RtcpType.payloadFeedback);
}

function count(packets: readonly Uint8Array[], type: number): number {
  const cursor = new RtcpCursor();
  let found = 0;
  for (const bytes of packets) {
    cursor.reset(bytes, 0, bytes.length);
    while (cursor.next()) if (cursor.type === type) found++;
  }
  return found;
}

const heightsTold = (sender: TestEndpoint) =>
  sender.heard('SenderSourceConstraints').map(({ maxHeight }) => maxHeight);

describe('a relay', () => {
  test('brings every voice to everybody, each packet across once', () => {
    const { bridges, ann, bob, cem, dan } = call();
    bridges.crossed = 0;
    for (let i = 0; i < 50; i++) ann.sendAudio(30);
    bridges.pump();
    expect(bridges.crossed).toBe(50);
    for (const receiver of [bob, cem, dan]) {
      const packets = receiver.received(ann.audioSsrc);
      expect(packets.map(({ payload }) => payload[0])).toEqual(Array(50).fill(ann.number));
      expect(packets.map(({ seq }) => (seq - packets[0]!.seq) & 0xffff)).toEqual([
        ...Array(50).keys(),
      ]);
      expect(packets[7]!.audioLevel).toBe(30);
    }
    dan.sendAudio(30);
    bridges.pump();
    expect([ann, cem, bob].map((one) => one.received(dan.audioSsrc).length)).toEqual([1, 1, 1]);
  });

  test('brings all encodings; each receiver is sent the one that it wants, wherever it is', () => {
    const { bridges, ann, bob, cem, dan } = call();
    bob.want(FULL);
    cem.want(MEDIUM);
    dan.want(THUMBNAIL);
    stream(bridges, ann, 30);
    const ssrc = ann.encodings[0]!.ssrc;
    for (const [receiver, layer] of [
      [bob, 2],
      [cem, 1],
      [dan, 0],
    ] as const) {
      const packets = receiver.received(ssrc);
      expect(readMark(packets.at(-1)!.payload).layer).toBe(layer);
      expect(discontinuities(packets)).toEqual([]);
    }
    expect(bob.heard('ForwardedSources').at(-1)?.forwardedSources).toContain('ann-v0');
  });

  test('a camera that stops there is a camera that stopped: what is left gets its place', () => {
    const { bridges, b, ann, bob } = call();
    bob.want(FULL);
    stream(bridges, ann, 20);
    const activeAtB = () => {
      const state = b.core.debugState({ meetingId: 'meeting-1', isFull: true }, b.nowMs);
      const relays = JSON.stringify(state?.relays);
      return (relays.match(/"isActive":true/g) ?? []).length;
    };
    expect(activeAtB()).toBe(ALL.length);
    b.advance(4500);
    expect(activeAtB()).toBe(0);
  });

  test('brings requests for key frames to the sender', () => {
    const { bridges, ann, bob } = call();
    bob.want(THUMBNAIL);
    stream(bridges, ann, 10);
    const before = keyframeRequests(ann.bridge, ann);
    bob.bridge.advance(1000);
    bob.sendPli(ann.encodings[0]!.ssrc);
    bridges.pump();
    expect(keyframeRequests(ann.bridge, ann)).toBe(before + 1);
  });

  test('tells the sender the most that anybody wants, and less when the relay ends', () => {
    const { bridges, a, ann, bob, cem, dan } = call();
    ann.want(THUMBNAIL);
    cem.want(THUMBNAIL);
    stream(bridges, ann, 2);
    bob.want(MEDIUM);
    dan.want(FULL);
    bridges.advance(40);
    expect(heightsTold(ann).at(-1)).toBe(720);
    dan.say({ colibriClass: 'ReceiverVideoConstraints', ...THUMBNAIL });
    bridges.advance(40);
    expect(heightsTold(ann).at(-1)).toBe(360);
    bridges.relay(a, { id: 'b', expire: true });
    expect(heightsTold(ann).at(-1)).toBe(180);
  });

  test('the bridge of the sender repairs what is lost, also when only others watch', () => {
    const { bridges, a, ann, bob } = call();
    bob.want({ ...THUMBNAIL });
    stream(bridges, ann, 10);
    const lost = ann.encodings[0]!.seq + 1;
    ann.sendFrame([0], { lose: [1] });
    bridges.pump();
    a.advance(40);
    expect(count(a.rtcpTo(ann), RtcpType.transportFeedback)).toBeGreaterThan(0);
    expect(count(bridges.rtcpFrom(bridges.b), RtcpType.transportFeedback)).toBe(0);
    ann.sendRtx(0, lost & 0xffff);
    bridges.pump();
    const packets = bob.received(ann.encodings[0]!.ssrc);
    const last = packets.filter(({ payload }) => readMark(payload).frame === ann.frame);
    expect(last.map(({ payload }) => readMark(payload).packet).sort()).toEqual([0, 1, 2]);
  });

  test('is asked for what got lost on it, whether or not somebody watches on the other side', () => {
    const { bridges, ann, bob, cem } = call();
    const ssrc = ann.encodings[0]!.ssrc;
    bob.want({ ...THUMBNAIL });
    stream(bridges, ann, 10);
    let lost = 0;
    bridges.loses = () => lost++ < 4;
    const asked = ann.nacked(ssrc).length;
    const keyframes = ann.keyframesAsked.length;
    stream(bridges, ann, 4);
    expect(lost).toBeGreaterThan(4);
    const packets = bob.received(ssrc);
    const seqs = packets.map(({ extendedSeq }) => extendedSeq).sort((x, y) => x - y);
    expect(seqs).toEqual(seqs.map((_, i) => seqs[0]! + i));
    expect(packets).toHaveLength(14 * 3);
    // Nobody else had to do with it.
    expect(ann.nacked(ssrc)).toHaveLength(asked);
    expect(ann.keyframesAsked).toHaveLength(keyframes);
    expect(cem.received(ssrc)).toEqual([]);
  });

  test('is asked for what got lost on it also when nothing comes behind it, as of a screen that stands still', () => {
    const { bridges, ann, bob } = call();
    const ssrc = ann.encodings[0]!.ssrc;
    bob.want({ ...THUMBNAIL });
    stream(bridges, ann, 10);
    const before = bob.received(ssrc).length;
    let sent = 0;
    // Also the first time that it is repeated.
    bridges.loses = () => [1, 3].includes(sent++);
    ann.sendFrame([0]);
    bridges.pump();
    expect(bob.received(ssrc)).toHaveLength(before + 2);
    bridges.advance(300);
    expect(bob.received(ssrc)).toHaveLength(before + 3);
  });

  test('brings sender reports, which receivers need for lip synchrony', () => {
    const { bridges, a, b, ann, bob } = call();
    ann.sendAudio();
    bridges.pump();
    const out = new Uint8Array(100);
    const info = { ntpSeconds: 9, ntpFraction: 0, rtpTimestamp: 7, packetCount: 1, octetCount: 1 };
    const length = writeSenderReport(out, 0, ann.audioSsrc, info);
    a.receive(ann, PacketKind.rtcp, out.subarray(0, length));
    bridges.pump();
    expect(count(b.rtcpTo(bob), RtcpType.senderReport)).toBe(1);
  });

  test('both bridges find the same dominant speaker', () => {
    const { bridges, a, b, ann, bob, cem, dan } = call();
    for (const receiver of [ann, bob, cem, dan]) receiver.want(THUMBNAIL);
    const speech = (packet: number) => (packet % 25 === 0 ? 80 : 20 + (packet % 5));
    const noise = (packet: number) => 78 + (packet % 3);
    for (let i = 0; i < 300; i++) {
      ann.sendAudio(i < 150 ? speech(i) : noise(i));
      dan.sendAudio(i < 150 ? noise(i) : speech(i));
      bridges.pump();
      for (const bridge of [a, b]) bridge.advance(20);
    }
    for (const receiver of [ann, bob, cem, dan]) {
      const heard = receiver.heard('DominantSpeakerEndpointChangeEvent');
      const speakers = heard.map(({ dominantSpeakerEndpoint }) => dominantSpeakerEndpoint);
      expect(speakers.slice(-2)).toEqual(['ann', 'dan']);
    }
  });

  test('brings messages and statistics to whom they are for', () => {
    const { bridges, ann, bob, cem, dan } = call();
    for (const receiver of [ann, bob, cem, dan]) receiver.want(THUMBNAIL);
    const say = (to: string) => {
      ann.say({ colibriClass: 'EndpointMessage', to, from: 'eve', msgPayload: { to } });
      bridges.pump();
    };
    say('');
    say('dan');
    say('cem');
    const heard = (one: TestEndpoint) =>
      one.heard('EndpointMessage').map(({ from, msgPayload }) => `${from} ${msgPayload.to}`);
    expect(heard(ann)).toEqual([]);
    expect(heard(bob)).toEqual(['ann ']);
    expect(heard(cem)).toEqual(['ann ', 'ann cem']);
    expect(heard(dan)).toEqual(['ann ', 'ann dan']);
    ann.say({ colibriClass: 'EndpointStats', bitrate: 5 });
    bridges.pump();
    expect([bob, cem, dan].map((one) => one.heard('EndpointStats').length)).toEqual([1, 1, 1]);
    expect(bob.heard('EndpointStats')[0]).toMatchObject({ from: 'ann', bitrate: 5 });
  });

  test('counts those at the other end in what one may make us tell', () => {
    const { bridges, ann } = call();
    ann.want(THUMBNAIL);
    for (let i = 0; i < 198; i++) bridges.tell(bridges.a, { id: `guest-${i}`, sources: [] });
    for (let i = 0; i < 120; i++) {
      ann.say({ colibriClass: 'EndpointMessage', to: '', msgPayload: { i } });
    }
    // 200 there; nobody else here has a channel.
    expect(bridges.a.counter('dropped_channel_fan_out_limited')).toBe(20);
    ann.say({ colibriClass: 'EndpointMessage', to: 'guest-1', msgPayload: {} });
    expect(bridges.a.toBridges.at(-1)?.text).toContain('guest-1');
  });

  test('brings what clients say of their videos, before and after it is there', () => {
    const bridges = new RelayedBridges();
    const ann = bridges.join(bridges.a, 'ann');
    const bob = bridges.join(bridges.b, 'bob');
    ann.want(THUMBNAIL);
    const say = (videoType: string) =>
      ann.say({ colibriClass: 'SourceVideoTypeMessage', sourceName: 'ann-v0', videoType });
    say('desktop');
    bridges.connect();
    const typeAt = (bridge: TestBridge) => {
      const relay = bridge.core.debugState({ meetingId: 'meeting-1', isFull: true }, bridge.nowMs);
      return JSON.stringify(relay).match(/"name":"ann-v0","type":"video","videoType":"(\w+)"/)?.[1];
    };
    expect(typeAt(bob.bridge)).toBe('desktop');
    say('camera');
    bridges.pump();
    expect(typeAt(bob.bridge)).toBe('camera');
  });

  test('brings nothing of somebody whom a moderator muted', () => {
    const { bridges, a, b, ann, bob } = call();
    a.colibri({ endpoints: [{ id: 'ann', forceMute: { audio: true, video: false } }] });
    bridges.crossed = 0;
    ann.sendAudio();
    bridges.pump();
    expect(bridges.crossed).toBe(0);
    expect(bob.received()).toEqual([]);
    bridges.tell(b, { id: 'ann', forceMute: { audio: false, video: true } });
    bob.want(FULL);
    stream(bridges, ann, 5);
    expect(bob.received()).toEqual([]);
  });

  test('ends with all that it brought; endpoints of this bridge go on', () => {
    const { bridges, a, b, ann, bob, cem, dan } = call();
    bob.want(FULL);
    stream(bridges, ann, 10);
    const slotsBefore = b.counter('slots_cached');
    expect(slotsBefore).toBeGreaterThan(0);
    bridges.relay(b, { id: 'a', expire: true });
    expect(b.counter('slots_cached')).toBe(0);
    expect(bob.heard('ForwardedSources').at(-1)?.forwardedSources).toEqual(['dan-v0']);
    const before = bob.received().length;
    ann.sendAudio();
    bridges.pump();
    expect(bob.received().length).toBe(before);
    expect(cem.received(ann.audioSsrc)).toHaveLength(1);
    dan.sendAudio();
    expect(bob.received(dan.audioSsrc)).toHaveLength(1);
    a.core.close(a.nowMs);
    b.core.close(b.nowMs);
    for (const { io } of [a, b]) expect([io.peers.size, io.freeSlots]).toEqual([0, io.slotCount]);
  });

  test('an endpoint that moves to this bridge is no longer expected from the other', () => {
    const { bridges, a, b, bob, cem } = call();
    b.colibri({ endpoints: [{ id: 'dan', expire: true }] });
    const dan = a.join('dan');
    bridges.tell(b, { id: 'dan', sources: dan.sources });
    dan.sendAudio();
    bridges.pump();
    expect(cem.received(dan.audioSsrc)).toHaveLength(1);
    expect(bob.received(dan.audioSsrc)).toHaveLength(1);
  });

  test('what the other end should not send is counted and harms nobody', () => {
    const { bridges, b, ann, bob } = call();
    bridges.tell(b, { id: 'ann', sources: [] });
    ann.sendAudio();
    bridges.pump();
    expect(b.counter('dropped_relayed_unknown_ssrc')).toBe(1);
    b.core.handleBridgeMessage('meeting-1', 'a', '{"colibriClass":"AddReceiver"}', b.nowMs);
    b.core.handleBridgeMessage('meeting-1', 'a', 'nonsense', b.nowMs);
    b.core.handleBridgeMessage('elsewhere', 'a', '{}', b.nowMs);
    expect(b.counter('dropped_relay_messages_refused')).toBe(2);
    expect(bob.received()).toEqual([]);
    expect(b.colibri({ relays: [{ id: 'nobody', endpoints: [] }] })).toMatchObject({
      type: 'error',
      reason: 'bad_request',
    });
    expect(
      b.colibri({ relays: [{ id: 'a', endpoints: [{ id: 'bob', sources: [] }] }] }),
    ).toMatchObject({ type: 'error', reason: 'bad_request' });
  });

  test('of whom nothing is heard is known on both sides, also to who comes later, or when the relay does', () => {
    const bridges = new RelayedBridges();
    const { a, b } = bridges;
    bridges.join(a, 'ann');
    bridges.join(b, 'bob').want({});
    a.advance(16_000);
    bridges.connect();
    const cem = bridges.join(b, 'cem');
    cem.want({});
    for (const id of ['bob', 'cem']) {
      const watcher = b.joined.find((endpoint) => endpoint.id === id)!;
      const heard = watcher.heard('EndpointConnectivityStatusChangeEvent');
      expect(heard.map(({ endpoint, active }) => [endpoint, active])).toEqual([['ann', 'false']]);
    }
  });
});
