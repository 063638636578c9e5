/** Story: packets get lost, on the way to the bridge and behind it. */
import { PacketKind } from '@conclave/platform/packet-io';
import type { MediaDescription } from '@conclave/protocols/colibri';
import {
  firCount,
  firSeq,
  firSsrc,
  PayloadFeedback,
  RtcpCursor,
  RtcpType,
  writeFir,
} from '@conclave/protocols/rtcp';
import { writeRtpPacket } from '@conclave/protocols/rtp';
import { describe, expect, test } from 'vitest';
import { MEDIA, TestBridge } from './test-bridge.ts';
import { readMark } from './test-endpoint.ts';

const FULL = { defaultConstraints: { maxHeight: 720 } };

function watched(
  options: ConstructorParameters<typeof TestBridge>[0] = {},
  senderMedia: readonly MediaDescription[] = MEDIA,
) {
  const bridge = new TestBridge(options);
  const ann = bridge.join('ann', senderMedia);
  const bob = bridge.join('bob');
  bob.want(FULL);
  ann.sendFrame([0, 1, 2], { isKey: true });
  const ssrc = ann.encodings[0]!.ssrc;
  const rtxSsrc = ann.encodings[0]!.rtxSsrc;
  return { bridge, ann, bob, ssrc, rtxSsrc };
}

describe('loss on the way to the bridge', () => {
  test('is asked for at once, again after 150 ms, and the repair fills the gap', () => {
    const { bridge, ann, bob, ssrc } = watched();
    const encoding = ann.encodings[2]!;
    const lost = (encoding.seq + 1) & 0xffff;
    ann.sendFrame([2], { lose: [1] });
    expect(ann.nacked(encoding.ssrc)).toEqual([lost]);
    bridge.advance(100);
    expect(ann.nacked(encoding.ssrc)).toEqual([lost]);
    bridge.advance(60);
    expect(ann.nacked(encoding.ssrc)).toEqual([lost, lost]);
    ann.sendRtx(2, lost);
    const packets = bob.received(ssrc);
    const seqs = packets.map((packet) => packet.extendedSeq).sort((a, b) => a - b);
    expect(seqs).toEqual(seqs.map((_, i) => seqs[0]! + i));
    const repaired = packets.at(-1)!;
    expect(readMark(repaired.payload)).toMatchObject({ layer: 2, packet: 1, frame: 2 });
    expect(repaired.payloadType).toBe(100);
    bridge.advance(400);
    expect(ann.nacked(encoding.ssrc)).toHaveLength(2);
  });

  test('a repair that comes twice is forwarded once', () => {
    const { bridge, ann, bob, ssrc } = watched();
    const lost = (ann.encodings[2]!.seq + 1) & 0xffff;
    ann.sendFrame([2], { lose: [1] });
    const before = bob.received(ssrc).length;
    ann.sendRtx(2, lost);
    ann.sendRtx(2, lost);
    expect(bob.received(ssrc)).toHaveLength(before + 1);
    expect(bridge.counter('dropped_rtp_duplicate_or_late')).toBe(1);
  });

  /** Bob waits for the lowest layer, and its key frame comes without its beginning. */
  function withoutBeginning() {
    const call = watched();
    const { bridge, ann, bob, ssrc } = call;
    bob.say({ colibriClass: 'ReceiverVideoConstraints', defaultConstraints: { maxHeight: 180 } });
    bridge.advance(33);
    const encoding = ann.encodings[0]!;
    const lost = encoding.seq;
    const before = bob.received(ssrc).length;
    ann.sendFrame([0], { isKey: true, lose: [0] });
    return { ...call, encoding, lost, before };
  }

  test('of the beginning of a key frame is repaired when padding came behind it, too', () => {
    const { bridge, ann, bob, ssrc, encoding, lost, before } = withoutBeginning();
    const padding = writeRtpPacket({
      marker: false,
      payloadType: 100,
      sequenceNumber: encoding.seq,
      timestamp: encoding.timestamp,
      ssrc: encoding.ssrc,
      payload: new Uint8Array(),
      paddingLength: 200,
    });
    bridge.receive(ann, PacketKind.rtp, padding);
    ann.sendRtx(0, lost);
    const packets = bob.received(ssrc).slice(before);
    expect(packets.map(({ payload }) => readMark(payload).packet)).toEqual([0, 1, 2]);
  });

  test('of the beginning of a key frame is repaired, and the rest follows at once', () => {
    const { ann, bob, ssrc, encoding, lost, before } = withoutBeginning();
    ann.sendFrame([0]);
    expect(bob.received(ssrc)).toHaveLength(before);
    expect(ann.nacked(encoding.ssrc)).toEqual([lost]);
    ann.sendRtx(0, lost);
    ann.sendFrame([0]);
    const packets = bob.received(ssrc).slice(before);
    expect(packets.map(({ payload }) => readMark(payload).packet)).toEqual([
      0, 1, 2, 0, 1, 2, 0, 1, 2,
    ]);
    const firstId = readMark(packets[0]!.payload).pictureId;
    expect(packets.map(({ payload }) => readMark(payload).pictureId - firstId)).toEqual([
      0, 0, 0, 1, 1, 1, 2, 2, 2,
    ]);
    packets.forEach((packet, i) => {
      expect(packet.extendedSeq).toBe(packets[0]!.extendedSeq + i);
    });
    bob.sendNack(ssrc, [packets[1]!.seq]);
    const [repair] = bob.received(encoding.rtxSsrc);
    expect(repair?.payload.slice(2)).toEqual(packets[1]!.payload);
  });

  test('is not asked for when nobody gets that encoding', () => {
    const { bridge, ann } = watched();
    for (let i = 0; i < 40; i++) {
      bridge.advance(33);
      ann.sendFrame([0, 1, 2]);
    }
    ann.sendFrame([0], { lose: [1] });
    expect(ann.nacked(ann.encodings[0]!.ssrc)).toEqual([]);
  });
});

test('RTX of a type that repairs nothing is dropped', () => {
  const bridge = new TestBridge();
  bridge.colibri({ create: true });
  const media = MEDIA.map((description) => ({
    ...description,
    payloadTypes: description.payloadTypes.map((type) => ({ ...type, parameters: {} })),
  }));
  const ann = bridge.join('ann', media);
  bridge.join('bob', media).want(FULL);
  ann.sendFrame([0], { isKey: true, lose: [1] });
  ann.sendRtx(0, (ann.encodings[0]!.seq - 2) & 0xffff);
  expect(bridge.counter('dropped_rtp_unknown_payload_type')).toBe(1);
});

describe('loss behind the bridge', () => {
  test('is repaired from the cache on the RTX SSRC (RFC 4588)', () => {
    const { bridge, ann, bob, ssrc, rtxSsrc } = watched();
    ann.sendFrame([2]);
    const originals = bob.received(ssrc);
    const wanted = originals.slice(-2);
    bob.sendNack(
      ssrc,
      wanted.map((packet) => packet.seq),
    );
    const repairs = bob.received(rtxSsrc);
    expect(repairs).toHaveLength(2);
    repairs.forEach((repair, i) => {
      const original = wanted[i]!;
      expect(repair.payloadType).toBe(96);
      expect(repair.payload[0]! * 256 + repair.payload[1]!).toBe(original.seq);
      expect(repair.payload.slice(2)).toEqual(original.payload);
      expect(repair.timestamp).toBe(original.timestamp);
      expect(repair.marker).toBe(original.marker);
      expect(repair.transportSeq).toBe(originals.length + 1 + i);
    });
    expect(repairs[1]!.extendedSeq).toBe(repairs[0]!.extendedSeq + 1);
    expect(bridge.counter('total_packets_resent')).toBe(2);
  });

  test('is repaired after a switch too, with the ids that were sent', () => {
    const { bridge, ann, bob, ssrc, rtxSsrc } = watched();
    bob.say({ colibriClass: 'ReceiverVideoConstraints', defaultConstraints: { maxHeight: 180 } });
    bridge.advance(40);
    ann.sendFrame([0, 1, 2], { isKey: true });
    const [old] = bob.received(ssrc);
    const recent = bob.received(ssrc).at(-1)!;
    expect(readMark(recent.payload).layer).toBe(0);
    bob.sendNack(ssrc, [old!.seq, recent.seq]);
    const repairs = bob.received(rtxSsrc);
    expect(repairs.map((packet) => packet.payload.slice(2))).toEqual([
      old!.payload,
      recent.payload,
    ]);
  });

  test('without RTX is repaired by the very same packet, to the byte', () => {
    const bridge = new TestBridge();
    const ann = bridge.join('ann');
    const media = MEDIA.map((description) => ({
      ...description,
      payloadTypes: description.payloadTypes.filter(({ name }) => name !== 'rtx'),
    }));
    const bob = bridge.join('bob', media);
    bob.want(FULL);
    ann.sendFrame([0], { isKey: true });
    const ssrc = ann.encodings[0]!.ssrc;
    // Encoders cut frames into packets that differ by a byte.
    ann.makeFrame(0, { packets: 4 }).forEach((packet, i) => {
      bridge.queue(ann, PacketKind.rtp, Uint8Array.from([...packet, ...(i % 2 === 0 ? [] : [7])]));
    });
    bridge.deliver();
    const first = bridge.io.sent.slice(-4);
    bob.sendNack(
      ssrc,
      bob
        .received(ssrc)
        .slice(-4)
        .map(({ seq }) => seq),
    );
    // FakePacketIo throws when they differ.
    expect(bridge.events).toEqual([]);
    expect(bridge.io.sent.slice(-4).map(({ bytes }) => bytes)).toEqual(
      first.map(({ bytes }) => bytes),
    );
  });

  test('a repeated request within the round trip is ignored', () => {
    const { bridge, bob, ssrc, rtxSsrc } = watched();
    const { seq } = bob.received(ssrc).at(-1)!;
    bob.sendNack(ssrc, [seq]);
    bob.sendNack(ssrc, [seq]);
    expect(bob.received(rtxSsrc)).toHaveLength(1);
    bridge.advance(100);
    bob.sendNack(ssrc, [seq]);
    expect(bob.received(rtxSsrc)).toHaveLength(2);
    expect(bridge.counter('dropped_nack_repeats')).toBe(1);
  });

  test('what belongs to an encoding that was left is not sent again', () => {
    const { bridge, bob, ssrc, rtxSsrc } = watched();
    const [first] = bob.received(ssrc);
    expect(readMark(first!.payload).layer).not.toBe(
      readMark(bob.received(ssrc).at(-1)!.payload).layer,
    );
    bob.sendNack(ssrc, [first!.seq]);
    expect(bob.received(rtxSsrc)).toEqual([]);
    expect(bridge.counter('dropped_nack_misses')).toBe(1);
  });

  test('what is older than a second, or was never sent, is not there', () => {
    const { bridge, bob, ssrc, rtxSsrc } = watched();
    const { seq } = bob.received(ssrc)[0]!;
    bob.sendNack(ssrc, [(seq + 5000) & 0xffff]);
    bridge.advance(1100);
    bob.sendNack(ssrc, [seq]);
    expect(bob.received(rtxSsrc)).toEqual([]);
    expect(bridge.counter('dropped_nack_misses')).toBe(2);
    expect(bridge.counter('slots_cached')).toBe(0);
  });

  test('what was sent and is not there any more is made up for by a key frame, not more than once a second', () => {
    const { bridge, ann, bob, ssrc } = watched();
    ann.sendFrame([2]);
    const seqs = bob.received(ssrc).map(({ seq }) => seq);
    bridge.advance(1100);
    const before = ann.keyframesAsked.length;
    bob.sendNack(ssrc, seqs.slice(-3));
    bridge.advance(400);
    bob.sendNack(ssrc, seqs.slice(-3));
    expect(ann.keyframesAsked.slice(before)).toEqual([ann.encodings[2]!.ssrc]);
    bridge.advance(700);
    bob.sendNack(ssrc, seqs.slice(-3));
    expect(ann.keyframesAsked).toHaveLength(before + 2);
  });

  test('more than may be repeated, and old, is made up for by a key frame', () => {
    const { bridge, ann, bob, ssrc, rtxSsrc } = watched();
    const before = ann.keyframesAsked.length;
    bridge.advance(33);
    for (let i = 0; i < 28; i++) {
      ann.sendFrame([2], { packets: 20 });
      bridge.advance(33);
    }
    const seqs = bob.received(ssrc).map(({ seq }) => seq);
    const nack = (from: number, to: number) => {
      for (let at = from; at < to; at += 50) bob.sendNack(ssrc, seqs.slice(at, at + 50));
    };
    nack(seqs.length - 100, seqs.length);
    expect(ann.keyframesAsked).toHaveLength(before);
    nack(seqs.length - 560, seqs.length - 100);
    expect(bob.received(rtxSsrc).length).toBeGreaterThan(100);
    expect(bridge.counter('dropped_nack_rate_limited')).toBeGreaterThan(0);
    expect(ann.keyframesAsked.slice(before)).toEqual([ann.encodings[2]!.ssrc]);
  });

  test('a receiver cannot ask for what it is not sent', () => {
    const { bridge, ann, bob } = watched();
    ann.sendNack(ann.encodings[2]!.ssrc, [ann.encodings[2]!.seq - 1]);
    bob.sendNack(ann.encodings[2]!.ssrc, [ann.encodings[2]!.seq - 1]);
    expect(bridge.counter('dropped_rtcp_unknown_ssrc')).toBe(2);
    expect(bridge.counter('total_packets_resent')).toBe(0);
  });

  test("a receiver's PLI reaches the sender, within limits", () => {
    const { bridge, ann, bob, ssrc } = watched();
    bridge.advance(1000);
    const before = ann.keyframesAsked.length;
    for (let i = 0; i < 10; i++) bob.sendPli(ssrc);
    expect(ann.keyframesAsked).toHaveLength(before + 1);
    expect(ann.keyframesAsked.at(-1)).toBe(ann.encodings[2]!.ssrc);
    for (let i = 0; i < 20; i++) {
      bridge.advance(250);
      bob.sendPli(ssrc);
    }
    // Three at once, then one in two seconds.
    expect(ann.keyframesAsked).toHaveLength(before + 5);
  });

  test("a receiver's FIR does the same; who has not negotiated PLI is asked by FIR (RFC 5104 §4.3.1)", () => {
    const withoutPli = MEDIA.map((media) => ({
      ...media,
      payloadTypes: media.payloadTypes.map((type) => ({ ...type, rtcpFeedback: [] })),
    }));
    const { bridge, ann, bob, ssrc } = watched({}, withoutPli);
    const asked = () =>
      bridge.rtcpTo(ann).flatMap((bytes) => {
        const cursor = new RtcpCursor();
        cursor.reset(bytes, 0, bytes.length);
        const out: { ssrc: number; seq: number }[] = [];
        while (cursor.next()) {
          const isFir = cursor.count === PayloadFeedback.fir && firCount(cursor.bodyLength) === 1;
          if (cursor.type !== RtcpType.payloadFeedback || !isFir) continue;
          const { bodyOffset } = cursor;
          out.push({ ssrc: firSsrc(bytes, bodyOffset, 0), seq: firSeq(bytes, bodyOffset, 0) });
        }
        return out;
      });
    bridge.advance(1000);
    const before = asked().length;
    for (let i = 0; i < 2; i++) {
      const out = new Uint8Array(20);
      writeFir(out, 0, 1, ssrc, i);
      bridge.receive(bob, PacketKind.rtcp, out);
      bridge.advance(1000);
    }
    const [first, second] = asked().slice(before);
    expect(first?.ssrc).toBe(ann.encodings[2]!.ssrc);
    // A command with the same number would be a repeat of the last (§4.3.1.1).
    expect(second).toEqual({ ssrc: first!.ssrc, seq: (first!.seq + 1) & 0xff });
  });
});

describe('packet memory', () => {
  test('is given back in full when the conference ends', () => {
    const { bridge, ann } = watched();
    for (let i = 0; i < 30; i++) {
      ann.sendFrame([0, 1, 2], { lose: [i % 3] });
      bridge.advance(10);
    }
    expect(bridge.counter('slots_cached')).toBeGreaterThan(50);
    expect(bridge.counter('slots_in_hand')).toBe(0);
    bridge.colibri({ expire: true });
    bridge.core.handleTick(bridge.nowMs);
    expect(bridge.io.freeSlots).toBe(bridge.io.slotCount);
  });

  test('is taken from caches, oldest first, before receiving suffers', () => {
    const { bridge, ann, bob, ssrc, rtxSsrc } = watched({ slotCount: 64 });
    for (let i = 0; i < 40; i++) ann.sendFrame([2]);
    expect(bridge.counter('slots_cached')).toBeLessThanOrEqual(32);
    expect(bridge.counter('total_slots_evicted_for_space')).toBeGreaterThan(0);
    expect(bridge.io.freeSlots).toBeGreaterThanOrEqual(32);
    bob.sendNack(ssrc, [bob.received(ssrc).at(-1)!.seq, bob.received(ssrc)[0]!.seq]);
    expect(bob.received(rtxSsrc)).toHaveLength(1);
  });

  test('packets beyond the capacity are sent in between', () => {
    const bridge = new TestBridge({ txCapacity: 64 });
    const all = ['ann', 'bob', 'cem', 'dan'].map((id) => bridge.join(id));
    for (const endpoint of all) endpoint.want(FULL);
    all[0]!.sendFrame([0, 1, 2], { isKey: true, packets: 80 });
    const counts = all.map((endpoint) => endpoint.received().length);
    expect(counts[0]).toBe(0);
    expect(counts.slice(1).every((count) => count >= 80)).toBe(true);
  });
});
