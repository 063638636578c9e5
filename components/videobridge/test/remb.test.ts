/** Story: clients without transport-wide feedback; receivers tell what they can take, senders are told what arrives. */
import { PacketKind } from '@conclave/platform/packet-io';
import type { MediaDescription } from '@conclave/protocols/colibri';
import {
  PayloadFeedback,
  RtcpCursor,
  RtcpType,
  rembBitrateBps,
  rembSsrc,
  rembSsrcCount,
  writeReceiverReport,
  writeRemb,
} from '@conclave/protocols/rtcp';
import { absoluteSendTime, RtpHeader } from '@conclave/protocols/rtp';
import { describe, expect, test } from 'vitest';
import { MEDIA, TestBridge } from './test-bridge.ts';
import { readMark, type TestEndpoint } from './test-endpoint.ts';

const SEND_TIME = {
  id: 3,
  uri: 'http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time',
};
const REMB_MEDIA: readonly MediaDescription[] = MEDIA.map((description) => ({
  ...description,
  payloadTypes: description.payloadTypes.map((payloadType) =>
    payloadType.name === 'VP8'
      ? { ...payloadType, rtcpFeedback: [...payloadType.rtcpFeedback, { type: 'goog-remb' }] }
      : payloadType,
  ),
  headerExtensions: description.type === 'video' ? [SEND_TIME] : [],
}));

/** Packets and bytes of a frame on each layer: 0.15, 0.5 and 2.4 Mbit/s at 30 frames/s. */
const LAYERS = [
  { packets: 1, bytes: 600 },
  { packets: 3, bytes: 700 },
  { packets: 10, bytes: 1000 },
] as const;
const FRAME_MS = 33;

function sendFrame(sender: TestEndpoint, isKey: boolean, layers: readonly number[] = [0, 1, 2]) {
  sender.frame++;
  for (const layer of layers) {
    const { packets, bytes } = LAYERS[layer]!;
    for (const packet of sender.makeFrame(layer, { isKey, packets })) {
      const padded = new Uint8Array(bytes);
      padded.set(packet);
      sender.bridge.queue(sender, PacketKind.rtp, padded);
    }
  }
  sender.bridge.deliver();
}

describe('a receiver that sends REMB', () => {
  class Call {
    readonly bridge = new TestBridge();
    readonly ann = this.bridge.join('ann');
    readonly bob: TestEndpoint;
    rembBps = 5e6;
    fractionLost = 0;
    #frames = 0;

    constructor(options: { readonly ssrcRewriting?: boolean } = {}) {
      this.bob = this.bridge.join('bob', REMB_MEDIA, options);
      this.bob.want({ defaultConstraints: { maxHeight: 720 }, lastN: -1 });
    }

    run(ms: number): void {
      for (const endMs = this.bridge.nowMs + ms; this.bridge.nowMs < endMs; ) {
        sendFrame(this.ann, this.#frames++ % 12 === 0);
        if (this.#frames % 15 === 0) this.#report();
        this.bridge.advance(FRAME_MS);
      }
    }

    #report(): void {
      const out = new Uint8Array(200);
      const { ssrc } = this;
      let length = writeReceiverReport(
        out,
        0,
        5,
        [
          {
            ssrc,
            fractionLost: this.fractionLost * 256,
            cumulativeLost: 0,
            highestSeq: 0,
            jitter: 0,
            lastSr: 0,
            delaySinceLastSr: 0,
          },
        ],
        1,
      );
      length += writeRemb(out, length, 5, this.rembBps, [ssrc]);
      this.bridge.receive(this.bob, PacketKind.rtcp, out.slice(0, length));
    }

    /** Of ann's video as bob sees it. */
    get ssrc(): number {
      const seen = this.bob.received().find(({ payloadType }) => payloadType === 100);
      return seen?.ssrc ?? this.ann.encodings[0]!.ssrc;
    }

    layers(since: number): number[] {
      const packets = this.bob.received(this.ssrc).slice(since);
      return [...new Set(packets.map(({ payload }) => readMark(payload).layer))].sort();
    }

    get sent(): number {
      return this.bob.received(this.ssrc).length;
    }
  }

  test('gets as much as it says, and more when it says more', () => {
    const call = new Call();
    call.run(3000);
    let since = call.sent;
    call.run(1000);
    expect(call.layers(since)).toEqual([2]);

    call.rembBps = 300_000;
    call.run(1500);
    since = call.sent;
    call.run(3000);
    expect(call.layers(since)).toEqual([0]);
    expect(call.bob.heard('ConnectionStats').at(-1)?.estimatedDownlinkBandwidth).toBeGreaterThan(0);

    call.rembBps = 5e6;
    call.run(4000);
    since = call.sent;
    call.run(1000);
    expect(call.layers(since)).toEqual([2]);
  });

  test.each([
    ['the senders', false],
    ['the bridge', true],
  ])('that loses much gets less than it says, under SSRCs of %s', (_whose, ssrcRewriting) => {
    const call = new Call({ ssrcRewriting });
    call.run(3000);
    call.fractionLost = 0.5;
    call.run(10_000);
    const since = call.sent;
    call.run(1000);
    expect(Math.max(...call.layers(since))).toBeLessThan(2);
  });

  test('is sent padding while it wants more than it gets and says that it could have more', () => {
    const call = new Call();
    call.rembBps = 300_000;
    call.run(8000);
    expect(call.layers(call.sent - 5)).toEqual([0]);
    const padding = () => {
      const { counters } = call.bridge.core.stats(call.bridge.nowMs);
      return counters.total_probe_packets_repeated! + counters.total_probe_padding_sent!;
    };
    expect(padding()).toBeGreaterThan(0);
    // All it wants: no padding any more.
    call.rembBps = 5e6;
    call.run(5000);
    const before = padding();
    call.run(3000);
    expect(padding()).toBe(before);
  });

  test('is told when packets were sent', () => {
    const call = new Call();
    call.run(500);
    const header = new RtpHeader();
    const [first, ...others] = call.bridge.io.sent
      .filter(({ peer }) => peer === call.bob.peer)
      .map(({ bytes }) => {
        header.read(bytes, 0, bytes.length);
        const at = header.findExtension(bytes, SEND_TIME.id);
        expect(header.extensionLength).toBe(3);
        return (bytes[at]! << 16) | (bytes[at + 1]! << 8) | bytes[at + 2]!;
      });
    expect(first).toBeLessThanOrEqual(absoluteSendTime(call.bridge.nowMs));
    expect(others.at(-1)! - first!).toBeGreaterThan(absoluteSendTime(300));
  });
});

describe('a sender that wants REMB', () => {
  function setUp() {
    const bridge = new TestBridge();
    const ann = bridge.join('ann', REMB_MEDIA);
    bridge.join('bob');
    return { bridge, ann };
  }

  const rembs = (ann: TestEndpoint): { bps: number; ssrcs: number[] }[] =>
    ann.bridge.rtcpTo(ann).flatMap((bytes) => {
      const cursor = new RtcpCursor();
      cursor.reset(bytes, 0, bytes.length);
      const out: { bps: number; ssrcs: number[] }[] = [];
      while (cursor.next()) {
        if (cursor.type !== RtcpType.payloadFeedback) continue;
        if (cursor.count !== PayloadFeedback.applicationLayer) continue;
        const { bodyOffset, bodyLength } = cursor;
        const count = rembSsrcCount(bytes, bodyOffset);
        out.push({
          bps: rembBitrateBps(bytes, bodyOffset, bodyLength),
          ssrcs: Array.from({ length: count }, (_, i) => rembSsrc(bytes, bodyOffset, i)),
        });
      }
      return out;
    });

  /** Frames of 0.5 Mbit/s for `ms`; each arrives `delayMs` after it was sent. */
  function stream(ann: TestEndpoint, ms: number, delayMs: (sentMs: number) => number): void {
    const { bridge } = ann;
    const beganMs = bridge.nowMs;
    for (let sentMs = 0; sentMs < ms; sentMs += FRAME_MS) {
      const arrivalMs = beganMs + sentMs + delayMs(sentMs);
      if (arrivalMs > bridge.nowMs) bridge.advance(arrivalMs - bridge.nowMs);
      ann.sendTime = { id: SEND_TIME.id, value: absoluteSendTime(beganMs + sentMs) };
      sendFrame(ann, false, [1]);
    }
  }

  test('hears about all its video every half second', () => {
    const { ann } = setUp();
    stream(ann, 5000, () => 20);
    const heard = rembs(ann);
    expect(heard.length).toBeGreaterThanOrEqual(9);
    expect(heard.at(-1)!.ssrcs).toEqual(ann.encodings.map(({ ssrc }) => ssrc));
    expect(heard.at(-1)!.bps).toBeGreaterThan(1e6);
    expect(ann.bridge.counter('total_rembs_sent')).toBe(heard.length);
  });

  test('is told less than it sends when its packets are held up more and more', () => {
    const { ann } = setUp();
    stream(ann, 3000, () => 20);
    stream(ann, 3000, (sentMs) => 20 + sentMs * 0.3);
    expect(rembs(ann).at(-1)!.bps).toBeLessThan(0.5e6);
  });

  test('hears nothing while it sends nothing', () => {
    const { bridge, ann } = setUp();
    bridge.advance(3000);
    expect(rembs(ann)).toEqual([]);
  });

  test('that does not tell when it sends: the timestamps of one of its streams do', () => {
    const { bridge, ann } = setUp();
    // As the timestamps of the frames say, but for the delay.
    const streamUntold = (frames: number, extraMs: number) => {
      for (let i = 0; i < frames; i++) {
        sendFrame(ann, false, [0, 1]);
        bridge.advance(33.3 + extraMs);
      }
    };
    streamUntold(90, 0);
    expect(rembs(ann).at(-1)!.bps).toBeGreaterThan(1e6);
    streamUntold(90, 10);
    expect(rembs(ann).at(-1)!.bps).toBeLessThan(0.65e6);
  });
});
