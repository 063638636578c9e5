/** Story: three people talk. */
import { PacketKind } from '@conclave/platform/packet-io';
import { writeRtpPacket } from '@conclave/protocols/rtp';
import { describe, expect, test } from 'vitest';
import { MEDIA, TestBridge } from './test-bridge.ts';
import { MEETING, type TestEndpoint } from './test-endpoint.ts';

/** As `MEDIA`, with RED. */
const RED_MEDIA = MEDIA.map((media) =>
  media.type === 'audio'
    ? {
        ...media,
        payloadTypes: [
          ...media.payloadTypes,
          {
            id: 112,
            name: 'red',
            clockRateHz: 48_000,
            channels: 2,
            parameters: { '': '111/111' },
            rtcpFeedback: [],
          },
        ],
      }
    : media,
);

describe('audio', () => {
  test('RED goes as it is to those who have it, and as its newest frame alone to the others', () => {
    const bridge = new TestBridge();
    const ann = bridge.join('ann', RED_MEDIA);
    const bob = bridge.join('bob', RED_MEDIA);
    const cem = bridge.join('cem');
    for (const [i, payload] of [
      [111, 1, 2],
      [0x80 | 111, 0x0f, 0x00, 2, 111, 1, 2, 3, 4],
      [0x80 | 111, 0, 0, 200, 111, 9],
    ].entries()) {
      bridge.receive(
        ann,
        PacketKind.rtp,
        writeRtpPacket({
          marker: false,
          payloadType: 112,
          sequenceNumber: 100 + i,
          timestamp: 960 * i,
          ssrc: ann.audioSsrc,
          payload: Uint8Array.from(payload),
        }),
      );
    }
    const got = (endpoint: TestEndpoint) =>
      endpoint
        .received(ann.audioSsrc)
        .map(({ payloadType, payload }) => [payloadType, ...payload].join(' '));
    expect(got(bob)).toEqual([
      '112 111 1 2',
      '112 239 15 0 2 111 1 2 3 4',
      '112 239 0 0 200 111 9',
    ]);
    // The last one is cut: nothing can be taken out of it.
    expect(got(cem)).toEqual(['111 1 2', '111 3 4']);
  });

  test('goes to everybody else, unchanged, with its level and nothing more', () => {
    const bridge = new TestBridge();
    const [ann, bob, cem] = ['ann', 'bob', 'cem'].map((id) => bridge.join(id));
    for (let i = 0; i < 100; i++) {
      ann!.sendAudio(30);
      bob!.sendAudio(90);
    }
    for (const [receiver, senders] of [
      [ann, [bob]],
      [bob, [ann]],
      [cem, [ann, bob]],
    ] as const) {
      expect(receiver!.received()).toHaveLength(senders.length * 100);
      for (const sender of senders) {
        const packets = receiver!.received(sender!.audioSsrc);
        expect(packets).toHaveLength(100);
        packets.forEach((packet, i) => {
          expect(packet.extendedSeq).toBe(packets[0]!.extendedSeq + i);
          expect(packet.timestamp).toBe(1000 + 960 * i);
          expect(packet.payloadType).toBe(111);
          expect(packet.payload[0]).toBe(sender!.number);
          expect(packet.audioLevel).toBe(sender === ann ? 30 : 90);
          expect(packet.transportSeq).toBe(-1);
        });
        expect(packets[0]!.extendedSeq).toBeLessThan(0x8000);
      }
    }
  });

  test('silence stops after three packets, without a gap in the numbers', () => {
    const bridge = new TestBridge();
    const ann = bridge.join('ann');
    const bob = bridge.join('bob');
    for (const level of [20, 127, 127, 127, 127, 127, 20, 20]) ann.sendAudio(level);
    const packets = bob.received();
    expect(packets.map((packet) => packet.audioLevel)).toEqual([20, 127, 127, 127, 20, 20]);
    expect(packets.map((packet) => packet.seq - packets[0]!.seq)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(bridge.counter('dropped_rtp_silence')).toBe(2);
  });

  test('a packet lost on the way to the bridge keeps its number', () => {
    const bridge = new TestBridge();
    const ann = bridge.join('ann');
    const bob = bridge.join('bob');
    ann.sendAudio();
    ann.audioSeq = (ann.audioSeq + 1) & 0xffff;
    ann.sendAudio();
    const [first, second] = bob.received();
    expect(second!.seq - first!.seq).toBe(2);
  });

  test('goes on without a gap when the sender begins new numbers (RFC 3550 A.1)', () => {
    const bridge = new TestBridge();
    const ann = bridge.join('ann');
    const bob = bridge.join('bob');
    ann.sendAudio();
    ann.audioSeq = (ann.audioSeq + 20_000) & 0xffff;
    for (let i = 0; i < 3; i++) ann.sendAudio();
    const packets = bob.received();
    // The first packet after the jump is the one that has to be believed.
    expect(packets.map((packet) => packet.seq - packets[0]!.seq)).toEqual([0, 1, 2]);
  });

  test('of somebody muted by a moderator is dropped, and comes back without a gap', () => {
    const bridge = new TestBridge();
    const ann = bridge.join('ann');
    const bob = bridge.join('bob');
    ann.sendAudio();
    bridge.colibri({ endpoints: [{ id: 'ann', forceMute: { audio: true, video: false } }] });
    for (let i = 0; i < 5; i++) ann.sendAudio();
    bridge.colibri({ endpoints: [{ id: 'ann', forceMute: { audio: false, video: false } }] });
    ann.sendAudio();
    const packets = bob.received();
    expect(packets.map((packet) => packet.seq - packets[0]!.seq)).toEqual([0, 1]);
    expect(bridge.counter('dropped_rtp_force_muted')).toBe(5);
  });

  test('the same SSRC after leaving and joining again never repeats a number', () => {
    const bridge = new TestBridge();
    const ann = bridge.join('ann');
    const bob = bridge.join('bob');
    for (let i = 0; i < 10; i++) ann.sendAudio();
    const before = bob.received().at(-1)!.extendedSeq;
    bridge.colibri({ endpoints: [{ id: 'ann', sources: [] }] });
    ann.sendAudio();
    bridge.colibri({ endpoints: [{ id: 'ann', sources: ann.sources }] });
    for (let i = 0; i < 10; i++) ann.sendAudio();
    expect(bob.received()).toHaveLength(20);
    expect(bob.received()[10]!.extendedSeq).toBe(before + 1);
    expect(bridge.counter('dropped_rtp_unknown_ssrc')).toBe(1);
  });

  test('who speaks is announced to everybody, the earlier speakers behind', () => {
    const bridge = new TestBridge();
    const all = ['ann', 'bob', 'cem'].map((id) => bridge.join(id));
    for (const endpoint of all) endpoint.want({});
    const talk = (loud: number, ms: number) => {
      for (let t = 0; t < ms; t += 20) {
        all.forEach((endpoint, i) => {
          endpoint.sendAudio(i === loud ? (t % 100 === 0 ? 5 : 15) : 110);
        });
        bridge.advance(20);
      }
    };
    talk(0, 3000);
    talk(1, 3000);
    const heard = all[2]!.heard('DominantSpeakerEndpointChangeEvent');
    expect(heard.at(-1)).toMatchObject({
      dominantSpeakerEndpoint: 'bob',
      previousSpeakers: ['ann'],
      silence: false,
    });
    expect(heard.length).toBeLessThanOrEqual(3);
    expect(all[1]!.heard('DominantSpeakerEndpointChangeEvent')).toEqual(heard);
    // Somebody who comes later is told at once.
    const dan = bridge.join('dan');
    bridge.core.channels.open(99, MEETING, 'dan', dan.password, bridge.nowMs);
    expect(bridge.channelTexts.get(99)?.join()).toContain('"dominantSpeakerEndpoint":"bob"');
  });

  test('of the loudest only, when that is wished: nobody sees a gap in what is left', () => {
    const bridge = new TestBridge({ bridge: { loudestVoices: 1 } });
    const [ann, bob, cem] = ['ann', 'bob', 'cem'].map((id) => bridge.join(id));
    for (let i = 0; i < 100; i++) {
      ann!.sendAudio(20);
      bob!.sendAudio(i < 50 ? 60 : 5);
      bridge.advance(20);
    }
    const [ofAnn, ofBob] = [ann!, bob!].map(({ audioSsrc }) => cem!.received(audioSsrc));
    // Once bob is louder he is heard, and ann still is while she leads the talk.
    expect(ofBob!.length).toBeGreaterThan(40);
    expect(ofBob!.length).toBeLessThan(60);
    expect(ofAnn!.length).toBeGreaterThan(50);
    for (const packets of [ofAnn!, ofBob!]) {
      packets.slice(1).forEach((packet, i) => {
        expect(packet.extendedSeq).toBe(packets[i]!.extendedSeq + 1);
      });
    }
    expect(bridge.counter('dropped_rtp_not_loudest')).toBe(200 - ofAnn!.length - ofBob!.length);
  });

  test('of a sender that pauses (DTX): its times and marks go on, numbers have no gap, who talks leads', () => {
    const bridge = new TestBridge();
    const [ann, bob, cem] = ['ann', 'bob', 'cem'].map((id) => bridge.join(id)) as TestEndpoint[];
    for (const endpoint of [ann, bob, cem]) endpoint!.want({});
    let seq = 65_530;
    let timestamp = 2 ** 32 - 48_000;
    const sent: [timestamp: number, marker: boolean][] = [];
    /** A talkspurt begins with a mark (RFC 7587 §4.1); while it is quiet a packet comes every 400 ms (§3.1.3). */
    const send = (level: number, marker: boolean, ms: number) => {
      const packet = writeRtpPacket({
        marker,
        payloadType: 111,
        sequenceNumber: seq,
        timestamp,
        ssrc: ann!.audioSsrc,
        extensions: [{ id: 1, data: Uint8Array.of(level) }],
        payload: Uint8Array.of(1, 2, 3),
      });
      sent.push([timestamp, marker]);
      bridge.receive(ann!, PacketKind.rtp, packet);
      seq = (seq + 1) & 0xffff;
      timestamp = (timestamp + 48 * ms) >>> 0;
      for (let i = 0; i < ms; i += 20) bridge.advance(20);
    };
    const talk = () => {
      for (let i = 0; i < 100; i++) send(i % 5 === 0 ? 5 : 15, i === 0, 20);
    };
    cem!.sendAudio(110); // how quiet it is there
    talk();
    // Noise of the room, not silence: that would be left out.
    for (let i = 0; i < 8; i++) send(90, false, 400);
    talk();
    const got = bob!.received(ann!.audioSsrc);
    expect(got.map((packet) => [packet.timestamp, packet.marker])).toEqual(sent);
    got.slice(1).forEach((packet, i) => {
      expect(packet.extendedSeq).toBe(got[i]!.extendedSeq + 1);
    });
    const leads = () => bob!.heard('DominantSpeakerEndpointChangeEvent').at(-1);
    expect(leads()?.dominantSpeakerEndpoint).toBe('ann');
    // Whoever speaks while she is quiet takes over, though of her there is nothing to compare with.
    for (let i = 0; i < 150; i++) {
      cem!.sendAudio(i % 5 === 0 ? 5 : 15);
      if (i % 20 === 0) send(90, false, 0);
      timestamp = (timestamp + 960) >>> 0;
      bridge.advance(20);
    }
    expect(leads()?.dominantSpeakerEndpoint).toBe('cem');
  });

  test('is sent as far as the receiver wants it, and comes back without a gap', () => {
    const bridge = new TestBridge();
    const [ann, bob, cem] = ['ann', 'bob', 'cem'].map((id) => bridge.join(id)) as TestEndpoint[];
    for (const endpoint of [ann, bob, cem]) endpoint!.want({});
    const subscribe = (all: boolean, include: readonly string[], exclude: readonly string[] = []) =>
      cem!.say({ colibriClass: 'ReceiverAudioSubscription', all, include, exclude });
    let heard = 0;
    /** Ten packets of each; of how many cem got of ann and of bob. */
    const talk = () => {
      for (let i = 0; i < 10; i++) for (const sender of [ann, bob]) sender!.sendAudio(30);
      const packets = cem!.received().slice(heard);
      heard += packets.length;
      return [ann, bob].map((of) => packets.filter(({ ssrc }) => ssrc === of!.audioSsrc).length);
    };
    expect(talk()).toEqual([10, 10]);
    subscribe(false, []);
    expect(talk()).toEqual([0, 0]);
    subscribe(false, ['ann-a0']);
    expect(talk()).toEqual([10, 0]);
    subscribe(true, [], ['ann-a0']);
    expect(talk()).toEqual([0, 10]);
    // A source that comes later is one like the others.
    bridge.colibri({ endpoints: [{ id: 'ann', sources: [] }] });
    bridge.colibri({ endpoints: [{ id: 'ann', sources: ann!.sources }] });
    expect(talk()).toEqual([0, 10]);
    subscribe(true, []);
    expect(talk()).toEqual([10, 10]);
    for (const sender of [ann, bob]) {
      const packets = cem!.received(sender!.audioSsrc);
      packets.slice(1).forEach((packet, i) => {
        expect(packet.extendedSeq).toBe(packets[i]!.extendedSeq + 1);
      });
    }
    expect(bob!.received(ann!.audioSsrc)).toHaveLength(60);
  });

  test('who is asked for by name is heard beside the loudest, by those and as long as they ask', () => {
    const bridge = new TestBridge({ bridge: { loudestVoices: 1 } });
    const [ann, bob, cem, eve] = ['ann', 'bob', 'cem', 'eve'].map((id) =>
      bridge.join(id),
    ) as TestEndpoint[];
    cem!.want({});
    const quiet = () => {
      const before = cem!.received(bob!.audioSsrc).length;
      for (let i = 0; i < 50; i++) {
        ann!.sendAudio(20);
        bob!.sendAudio(60);
        bridge.advance(20);
      }
      return cem!.received(bob!.audioSsrc).length - before;
    };
    quiet();
    expect(quiet()).toBe(0);
    cem!.say({ colibriClass: 'ReceiverAudioSubscription', all: true, include: ['bob-a0'] });
    const others = eve!.received(bob!.audioSsrc).length;
    expect(quiet()).toBe(50);
    expect(eve!.received(bob!.audioSsrc)).toHaveLength(others);
    bridge.colibri({ endpoints: [{ id: 'cem', expire: true }] });
    const dan = bridge.join('dan');
    const before = bridge.counter('dropped_rtp_not_loudest');
    quiet();
    expect(dan.received(bob!.audioSsrc)).toEqual([]);
    expect(bridge.counter('dropped_rtp_not_loudest') - before).toBe(50);
    // All hear him once he is loud, as if nothing had been sent before.
    for (let i = 0; i < 50; i++) {
      bob!.sendAudio(10);
      bridge.advance(20);
    }
    const got = eve!.received(bob!.audioSsrc);
    expect(got.length).toBeGreaterThan(others + 40);
    got.slice(1).forEach((packet, i) => {
      expect(packet.extendedSeq).toBe(got[i]!.extendedSeq + 1);
    });
  });
});
