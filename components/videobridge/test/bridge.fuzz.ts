/**
 * Random and mutated packets, channel messages and COLIBRI requests from hostile endpoints: nothing is
 * thrown, no slot is lost, nobody receives a packet under somebody else's SSRC, no SRTP index is used
 * twice (FakePacketIo watches that), and other people's call goes on.
 */
import { PacketKind } from '@conclave/platform/packet-io';
import type { ConferenceModify } from '@conclave/protocols/colibri';
import { textCorpus } from '@conclave/testkit';
import { expect, test } from 'vitest';
import { MEDIA, TestBridge } from './test-bridge.ts';
import { MEETING, readMark, type TestEndpoint } from './test-endpoint.ts';

function xorshift(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % bound;
  };
}

const channelTexts = textCorpus(import.meta.url);

test('100,000 hostile packets and messages harm nobody', () => {
  const next = xorshift(0x1234_5677);
  const bridge = new TestBridge({
    slotCount: 512,
    bridge: { ssrcSlots: { audio: 1, video: 1 } },
  });
  const [ann, bob, eve] = ['ann', 'bob', 'eve'].map((id) => bridge.join(id)) as [
    TestEndpoint,
    TestEndpoint,
    TestEndpoint,
  ];
  const dan = bridge.join('dan', MEDIA, { ssrcRewriting: true });
  for (const endpoint of [ann, bob, eve, dan]) {
    endpoint.want({ defaultConstraints: { maxHeight: 720 } });
  }
  for (const text of channelTexts) {
    bridge.core.channels.handleMessage(eve.channelId, text, bridge.nowMs);
    bridge.advance(20);
  }
  const danSsrcs = new Set<number>();
  const pool: Uint8Array[] = [];
  const remember = (packet: Uint8Array) => {
    if (pool.length < 200) pool.push(packet);
    else pool[next(200)] = packet;
  };

  for (let i = 0; i < 100_000; i++) {
    const choice = next(40);
    if (choice < 30) {
      // Eve repeats, mutates or invents.
      let packet = pool[next(Math.max(1, pool.length))]?.slice() ?? new Uint8Array(next(60));
      if (choice < 6) packet = Uint8Array.from({ length: next(80) }, () => next(256));
      for (let flips = next(4); flips > 0 && packet.length > 0; flips--) {
        packet[next(Math.min(packet.length, 40))] = next(256);
      }
      if (next(10) === 0) packet = packet.subarray(0, next(packet.length + 1));
      const kind = next(8) === 0 ? PacketKind.rtcp : PacketKind.rtp;
      bridge.queue(eve, next(50) === 0 ? PacketKind.stun : kind, packet);
      if (next(4) === 0) bridge.deliver();
    } else if (choice < 33) {
      eve.frame++;
      for (const packet of eve.makeFrame(next(3), { isKey: next(3) === 0, packets: 1 + next(4) })) {
        remember(packet);
        if (next(5) > 0) bridge.queue(eve, PacketKind.rtp, packet);
      }
      bridge.deliver();
    } else if (choice < 35) {
      const report = new Uint8Array(60);
      report.set([0x81, 205, 0, 3]);
      report.set([0x90, 0, 0, next(3)], 8);
      for (let at = 12; at < 16; at++) report[at] = next(256);
      remember(report.subarray(0, 16));
      bridge.deliver();
    } else if (choice < 37) {
      bridge.core.channels.handleMessage(
        eve.channelId,
        channelTexts[next(channelTexts.length)] ?? '',
        bridge.nowMs,
      );
    } else if (choice === 37) {
      bridge.advance(20 * next(4));
      const onStageSources = [next(2) === 0 ? 'ann-v0' : 'eve-v0'];
      dan.say({ colibriClass: 'ReceiverVideoConstraints', onStageSources });
    } else if (choice === 38 && next(20) === 0) {
      const sources = next(2) === 0 ? [] : eve.sources;
      bridge.colibri({ endpoints: [{ id: 'eve', sources }] });
    } else {
      // The others' call.
      bridge.deliver();
      ann.sendFrame([0, 1, 2], { isKey: i % 7 === 0 });
      ann.sendAudio();
    }
    if (i % 1000 === 0) {
      bridge.deliver();
      expect(bridge.counter('slots_in_hand')).toBe(0);
      expect(bridge.counter('slots_cached') + bridge.io.freeSlots).toBe(512);
      for (const { payloadType, ssrc, payload } of bob.received()) {
        if (payloadType !== 100 || ssrc !== ann.encodings[0]!.ssrc) continue;
        expect(readMark(payload).sender).toBe(ann.number);
      }
      for (const { ssrc } of dan.received()) danSsrcs.add(ssrc);
      bridge.io.sent.length = 0;
      bridge.io.sentRtcp.length = 0;
      bridge.channelTexts.clear();
    }
  }
  bridge.deliver();
  expect(bridge.events).toEqual([]);
  // One voice and one picture, whose ever.
  expect(danSsrcs.size).toBe(2);
  expect(bridge.counter('dropped_conferences_failed')).toBe(0);

  bridge.io.sent.length = 0;
  bridge.advance(1000);
  bob.say({ colibriClass: 'ReceiverVideoConstraints', defaultConstraints: { maxHeight: 720 } });
  ann.sendFrame([0, 1, 2], { isKey: true });
  ann.sendFrame([0, 1, 2]);
  expect(bob.received(ann.encodings[0]!.ssrc).length).toBeGreaterThan(3);
});

test('20,000 random COLIBRI requests are all answered and leave nothing behind', () => {
  const next = xorshift(0x0bad_cafd);
  const bridge = new TestBridge({ slotCount: 64 });
  const ids = ['a', 'b', 'c', '__proto__', ''];
  const source = (name: string) => ({
    type: next(2) === 0 ? ('audio' as const) : ('video' as const),
    name,
    ssrcs: Array.from({ length: next(5) }, () => next(12)),
    groups:
      next(2) === 0
        ? []
        : [
            { semantics: 'SIM' as const, ssrcs: Array.from({ length: next(4) }, () => next(12)) },
            { semantics: 'FID' as const, ssrcs: [next(12), next(12)] },
          ],
  });
  let modified = 0;
  for (let i = 0; i < 20_000; i++) {
    const message: ConferenceModify = {
      meetingId: next(3) === 0 ? 'other' : MEETING,
      ...(next(4) === 0 && { create: true }),
      ...(next(40) === 0 && { expire: true }),
      endpoints: Array.from({ length: next(3) }, () => ({
        id: ids[next(ids.length)] ?? '',
        ...(next(2) === 0 && { create: true }),
        ...(next(5) === 0 && { expire: true }),
        ...(next(2) === 0 && { media: MEDIA }),
        ...(next(3) === 0 && { ssrcRewriting: true }),
        ...(next(2) === 0 && { sources: [source('x'), source(next(2) === 0 ? 'x' : 'y')] }),
        ...(next(4) === 0 && {
          transport: {
            ufrag: 'u'.repeat(next(8)),
            password: 'p'.repeat(next(40)),
            candidates: [],
            fingerprints: [],
          },
        }),
      })),
    };
    const response = bridge.core.handleColibri(message, bridge.nowMs);
    if (response.type === 'modified') modified++;
    else expect(response.reason).not.toBe('bridge_failed');
    if (i % 50 === 0) bridge.advance(40);
  }
  expect(modified).toBeGreaterThan(1000);
  bridge.core.handleColibri({ meetingId: MEETING, expire: true }, bridge.nowMs);
  bridge.core.handleColibri({ meetingId: 'other', expire: true }, bridge.nowMs);
  expect(bridge.core.endpointCount).toBe(0);
  expect(bridge.io.peers.size).toBe(0);
  expect(bridge.io.freeSlots).toBe(64);
});
