/** Story: a receiver's downlink gets worse and better, and the bridge goes with it. */
import { PacketKind } from '@conclave/platform/packet-io';
import { RtpHeader } from '@conclave/protocols/rtp';
import { describe, expect, test } from 'vitest';
import { ReceiverLink } from './receiver-link.ts';
import { MEDIA, TestBridge } from './test-bridge.ts';
import { readMark, type TestEndpoint } from './test-endpoint.ts';

const STEP_MS = 5;
const FRAME_MS = 33;
const KEY_FRAME_EVERY = 12;
/** Packets and bytes of a frame on each layer: 0.15, 0.5 and 2.4 Mbit/s at 30 frames/s. */
const LAYERS = [
  { packets: 1, bytes: 600 },
  { packets: 3, bytes: 700 },
  { packets: 10, bytes: 1000 },
] as const;

class Call {
  readonly bridge: TestBridge;
  readonly sender: TestEndpoint;
  readonly receiver: TestEndpoint;
  readonly link: ReceiverLink;
  /** Each frame loses its second packet on the way to the bridge, which is repaired so much later. */
  repairMs: number | undefined;
  readonly #repairs: { readonly layer: number; readonly seq: number; readonly atMs: number }[] = [];
  #nextFrameMs = 0;
  #frames = 0;

  constructor(
    capacityBps: number,
    media = MEDIA,
    options: ConstructorParameters<typeof TestBridge>[0] = {},
  ) {
    this.bridge = new TestBridge(options);
    this.sender = this.bridge.join('alice');
    this.receiver = this.bridge.join('bob', media);
    this.link = new ReceiverLink(this.bridge, this.receiver, capacityBps);
    this.receiver.want({ defaultConstraints: { maxHeight: 720 }, lastN: -1 });
  }

  run(ms: number): void {
    const endMs = this.bridge.nowMs + ms;
    while (this.bridge.nowMs < endMs) {
      this.bridge.nowMs += STEP_MS;
      const { nowMs, core } = this.bridge;
      if (nowMs >= this.#nextFrameMs) this.#sendFrame(nowMs);
      while ((this.#repairs[0]?.atMs ?? Number.POSITIVE_INFINITY) <= nowMs) {
        const { layer, seq } = this.#repairs.shift()!;
        this.sender.sendRtx(layer, seq);
      }
      if (nowMs % 20 === 0) core.handleTick(nowMs);
      else core.sendPaced(nowMs);
      this.link.run();
    }
  }

  /** Layers of the camera's packets that arrived within the last `ms`, without repetitions. */
  layers(ms: number): number[] {
    const header = new RtpHeader();
    const layers = new Set<number>();
    for (const { atMs, bytes, payloadType } of this.link.arrivals) {
      if (atMs < this.bridge.nowMs - ms || payloadType !== 100) continue;
      header.read(bytes, 0, bytes.length);
      if (header.payloadLength > 0) layers.add(readMark(bytes.slice(header.payloadOffset)).layer);
    }
    return [...layers].sort();
  }

  #sendFrame(nowMs: number): void {
    this.#nextFrameMs = nowMs + FRAME_MS;
    const isKey = this.#frames++ % KEY_FRAME_EVERY === 0;
    this.sender.frame++;
    LAYERS.forEach(({ packets, bytes }, layer) => {
      const { repairMs } = this;
      const seq = (this.sender.encodings[layer]!.seq + 1) & 0xffff;
      const isLossy = repairMs !== undefined && packets > 1;
      if (isLossy) this.#repairs.push({ layer, seq, atMs: nowMs + repairMs });
      const lose = isLossy ? [1] : [];
      for (const packet of this.sender.makeFrame(layer, { isKey, packets, lose })) {
        const padded = new Uint8Array(bytes);
        padded.set(packet);
        this.bridge.queue(this.sender, PacketKind.rtp, padded);
      }
    });
    this.bridge.deliver();
  }
}

describe('a receiver with transport-cc', () => {
  test('gets less within two seconds when the link is cut, and all again within ten', () => {
    const call = new Call(6e6);
    call.run(3000);
    expect(call.layers(500)).toEqual([2]);

    call.link.capacityBps = 5e5;
    call.run(2000);
    expect(Math.max(...call.layers(500))).toBeLessThan(2);
    call.run(4000);
    expect(call.layers(2000)).toEqual([0]);

    call.link.capacityBps = 6e6;
    call.run(10_000);
    expect(call.layers(500)).toEqual([2]);
  });

  test('is sent what it asks for when its estimate shall not count', () => {
    const call = new Call(6e6, MEDIA, { bridge: { trustBandwidthEstimate: false } });
    call.run(3000);
    call.link.capacityBps = 5e5;
    call.run(4000);
    expect(call.layers(1000)).toEqual([2]);
  });

  test.each([5, 20, 45])(
    'whose link is slow is sent repairs after %i ms under numbers of their own',
    (repairMs) => {
      const call = new Call(6e6);
      call.run(3000);
      call.repairMs = repairMs;
      for (let i = 0; i < 10; i++) {
        call.link.capacityBps = i % 2 === 0 ? 3.6e5 + 1.2e4 * i : 3e6;
        call.run(3000);
      }
      // FakePacketIo throws when a number is used for two packets.
      expect(call.bridge.counter('total_packets_paced')).toBeGreaterThan(0);
      expect(call.bridge.events).toEqual([]);
    },
  );

  test('is not disturbed by a link that is just good enough', () => {
    const call = new Call(3.5e6);
    call.run(3000);
    call.run(12_000);
    expect(call.layers(12_000)).toEqual([2]);
    expect(call.link.lost).toBe(0);
  });

  test('whose link carries nothing is told so, and is found again by padding', () => {
    const call = new Call(6e6);
    call.run(2000);
    call.link.capacityBps = 6e4;
    call.run(15_000);
    expect(call.receiver.heard('ForwardedSources').at(-1)).toMatchObject({ forwardedSources: [] });
    expect(call.layers(1000)).toEqual([]);

    call.link.capacityBps = 6e6;
    call.run(10_000);
    expect(call.receiver.heard('ForwardedSources').at(-1)).toMatchObject({
      forwardedSources: ['alice-v0'],
    });
    expect(call.layers(500)).toEqual([2]);
    const padding = call.link.arrivals.filter(({ hasPadding }) => hasPadding);
    expect(padding.length).toBeGreaterThan(0);
    expect(padding.every(({ payloadType }) => payloadType === 100)).toBe(true);
    expect(call.bridge.counter('total_probe_padding_sent')).toBeGreaterThan(0);
  });

  test('hears the estimate every ten seconds', () => {
    const call = new Call(6e6);
    call.run(21_000);
    const heard = call.receiver.heard('ConnectionStats');
    expect(heard).toHaveLength(3);
    expect(heard.at(-1)!.estimatedDownlinkBandwidth).toBeGreaterThan(2.4e6);
  });

  test('probes repeat packets over RTX, and end when there is enough', () => {
    const call = new Call(20e6);
    call.run(4000);
    const probes = call.bridge.counter('total_probe_packets_repeated');
    expect(probes).toBeGreaterThan(0);
    expect(call.link.arrivals.some(({ payloadType }) => payloadType === 96)).toBe(true);
    call.run(8000);
    expect(call.bridge.counter('total_probe_packets_repeated')).toBe(probes);
    expect(call.bridge.core.hasPaced).toBe(false);
  });

  test('assumed bandwidth takes the place of the estimate', () => {
    const call = new Call(6e6);
    call.receiver.want({ assumedBandwidthBps: 300_000 });
    call.run(3000);
    expect(call.layers(500)).toEqual([0]);
    call.receiver.say({ colibriClass: 'ReceiverVideoConstraints', assumedBandwidthBps: -1 });
    call.run(1500);
    expect(call.layers(500)).toEqual([2]);
  });

  test('gives every slot of packet memory back', () => {
    const call = new Call(6e4);
    call.run(5000);
    call.bridge.core.close(call.bridge.nowMs);
    expect(call.bridge.io.freeSlots).toBe(call.bridge.io.slotCount);
  });
});

describe('a receiver that cannot be estimated', () => {
  test('without feedback gets what it asks for', () => {
    const call = new Call(6e6);
    call.link.hasFeedback = false;
    call.run(8000);
    expect(call.layers(500)).toEqual([2]);
    expect(call.bridge.counter('total_probe_packets_repeated')).toBe(0);
    expect(call.receiver.heard('ConnectionStats')).toEqual([]);
  });

  test('without RTX is not bounded, for its estimate could never rise', () => {
    const media = MEDIA.map((description) => ({
      ...description,
      payloadTypes: description.payloadTypes.filter(({ name }) => name !== 'rtx'),
    }));
    const call = new Call(5e5, media);
    call.run(6000);
    expect(call.bridge.counter('total_probe_packets_repeated')).toBe(0);
    expect(Math.max(...call.layers(500))).toBe(2);
  });
});
