/** Story: cameras that send their layers in one stream (VP9, AV1), and receivers of different means. */
import { PacketKind } from '@conclave/platform/packet-io';
import type { MediaDescription } from '@conclave/protocols/colibri';
import {
  RtpHeader,
  Vp9Descriptor,
  writeRtpPacket,
  writeVp9Descriptor,
} from '@conclave/protocols/rtp';
import { describe, expect, test } from 'vitest';
import { MEDIA, TestBridge } from './test-bridge.ts';
import type { ReceivedPacket, TestEndpoint } from './test-endpoint.ts';

const DEPENDENCIES =
  'https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension';

function mediaWith(id: number, name: string): MediaDescription[] {
  const rtx = { id: id + 1, name: 'rtx', clockRateHz: 90_000, parameters: { apt: String(id) } };
  return MEDIA.map((media) =>
    media.type === 'audio'
      ? media
      : {
          ...media,
          payloadTypes: [
            { id, name, clockRateHz: 90_000, parameters: {}, rtcpFeedback: [{ type: 'nack' }] },
            { ...rtx, rtcpFeedback: [] },
          ],
          headerExtensions: [...media.headerExtensions, { id: 11, uri: DEPENDENCIES }],
        },
  );
}

/** One camera in one room; receivers want different heights. */
class Call {
  readonly bridge = new TestBridge();
  readonly media: readonly MediaDescription[];
  readonly ann: TestEndpoint;
  seq = 65_530;
  picture = 0;

  constructor(id: number, name: string) {
    this.media = mediaWith(id, name);
    this.ann = this.bridge.join('ann', this.media);
  }

  join(id: string, maxHeight: number): TestEndpoint {
    const endpoint = this.bridge.join(id, this.media);
    endpoint.want({ defaultConstraints: { maxHeight }, lastN: -1 });
    return endpoint;
  }

  /** One packet of the camera's only stream. */
  send(payloadType: number, payload: Uint8Array, marker: boolean, descriptor?: Uint8Array): void {
    const packet = writeRtpPacket({
      marker,
      payloadType,
      sequenceNumber: this.seq & 0xffff,
      timestamp: this.picture * 3000,
      ssrc: this.ann.encodings[0]!.ssrc,
      ...(descriptor && {
        extensions: [{ id: 11, data: descriptor }],
        extensionForm: descriptor.length > 16 ? ('two-byte' as const) : ('one-byte' as const),
      }),
      payload,
    });
    this.seq++;
    this.bridge.receive(this.ann, PacketKind.rtp, packet);
  }
}

const numbersOf = (packets: readonly ReceivedPacket[]) =>
  packets.map(({ extendedSeq }) => extendedSeq - packets[0]!.extendedSeq);

describe('VP9 in K-SVC, three spatial layers', () => {
  /** A picture: two packets of each layer. */
  function sendPicture(call: Call, isKey: boolean): void {
    call.picture++;
    for (const spatialId of [0, 1, 2]) {
      for (const part of [0, 1]) {
        const descriptor = writeVp9Descriptor({
          isFrameStart: part === 0,
          isFrameEnd: part === 1,
          isInterPicture: !isKey,
          references: [1],
          pictureId: { value: call.picture, bits: 15 },
          layers: { temporalId: 0, spatialId, isInterLayer: isKey && spatialId > 0 },
          isLayerReference: isKey && spatialId < 2,
          ...(isKey &&
            spatialId === 0 &&
            part === 0 && {
              structure: [
                [320, 180],
                [640, 360],
                [1280, 720],
              ],
            }),
        });
        const payload = Uint8Array.of(...descriptor, spatialId, ...new Uint8Array(50));
        call.send(101, payload, spatialId === 2 && part === 1);
      }
    }
    call.bridge.advance(33);
  }

  const framesOf = (packets: readonly ReceivedPacket[]): string[] =>
    packets.map(({ payload, marker }) => {
      const vp9 = new Vp9Descriptor();
      if (!vp9.read(payload, 0, payload.length)) throw new Error('no descriptor');
      return `${vp9.spatialId}${marker ? '!' : ''}`;
    });

  function start(): { call: Call; small: TestEndpoint; large: TestEndpoint } {
    const call = new Call(101, 'VP9');
    const small = call.join('bob', 180);
    const large = call.join('cem', 720);
    for (let i = 0; i < 60; i++) sendPicture(call, i % 20 === 0);
    return { call, small, large };
  }

  test('each gets the layer it wants, with continuous numbers and the marker where the picture ends', () => {
    const { small, large } = start();
    const ofSmall = small.received().slice(-38);
    expect(framesOf(ofSmall)).toEqual(
      Array.from({ length: 38 }, (_, i) => (i % 2 === 0 ? '0' : '0!')),
    );
    expect(numbersOf(ofSmall)).toEqual(ofSmall.map((_, i) => i));
    const ofLarge = large.received().slice(-44);
    const key = ['0', '0', '1', '1', '2', '2!'];
    expect(framesOf(ofLarge)).toEqual([...key, ...Array(19).fill(['2', '2!']).flat()]);
    expect(numbersOf(ofLarge)).toEqual(ofLarge.map((_, i) => i));
  });

  test('a marked packet that is asked for again comes with the marker, over RTX', () => {
    const { call, small } = start();
    const last = small.received().at(-1)!;
    expect(last.marker).toBe(true);
    small.sendNack(last.ssrc, [last.seq]);
    const repeated = small.received().at(-1)!;
    expect(repeated.payloadType).toBe(102);
    expect(repeated.marker).toBe(true);
    expect([...repeated.payload.subarray(2)]).toEqual([...last.payload]);
    expect(call.bridge.counter('dropped_nack_misses')).toBe(0);
  });

  test('a larger layer is asked for by a key frame', () => {
    const { call, small } = start();
    for (let i = 0; i < 10; i++) sendPicture(call, false);
    const asked = call.ann.keyframesAsked.length;
    small.say({
      colibriClass: 'ReceiverVideoConstraints',
      defaultConstraints: { maxHeight: 360 },
    });
    for (let i = 0; i < 10; i++) sendPicture(call, false);
    expect(call.ann.keyframesAsked.length).toBeGreaterThan(asked);
    expect(framesOf(small.received()).at(-1)).toBe('0!');
    for (let i = 0; i < 3; i++) sendPicture(call, i === 0);
    expect(framesOf(small.received().slice(-8))).toEqual([
      '0',
      '0',
      '1',
      '1!',
      '1',
      '1!',
      '1',
      '1!',
    ]);
  });
});

describe('AV1 with two spatial layers (L2T3_KEY)', () => {
  const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex, 'hex'));
  const KEY =
    'c00002800514853aaaa8018004004002a02a0060010015d34514174d144c700874321651118543276809f8059813f80b38';

  test('the dependency descriptor goes along, and each gets the layer it wants', () => {
    const call = new Call(41, 'AV1');
    const small = call.join('bob', 180);
    const large = call.join('cem', 720);
    let frame = 1;
    const number = (hex: string) => {
      frame++;
      const descriptor = bytes(hex);
      new DataView(descriptor.buffer).setUint16(1, frame);
      return descriptor;
    };
    const filler = new Uint8Array(60);
    for (let i = 0; i < 40; i++) {
      call.picture++;
      const [lower, upper] = i % 10 === 0 ? [KEY, 'c50000'] : ['c10000', 'c60000'];
      call.send(41, Uint8Array.of(i % 10 === 0 ? 0x18 : 0x10, ...filler), false, number(lower!));
      call.send(41, Uint8Array.of(0x10, ...filler), true, number(upper!));
      call.bridge.advance(33);
    }
    const header = new RtpHeader();
    const descriptorsOf = (endpoint: TestEndpoint) =>
      call.bridge.io.sent
        .filter(({ peer }) => peer === endpoint.peer)
        .map(({ bytes: sent }) => {
          header.read(sent, 0, sent.length);
          const at = header.findExtension(sent, 11);
          return { length: header.extensionLength, number: sent[at + 1]! * 256 + sent[at + 2]! };
        })
        .slice(-10);
    expect(
      small
        .received()
        .slice(-10)
        .map(({ marker }) => marker),
    ).toEqual(Array(10).fill(true));
    expect(numbersOf(small.received().slice(-10))).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(descriptorsOf(small)[0]).toEqual({ length: 49, number: 62 });
    expect(descriptorsOf(small).slice(1)).toEqual(
      Array.from({ length: 9 }, (_, i) => ({ length: 3, number: 64 + 2 * i })),
    );
    // Both layers of the key picture, then the upper one alone.
    expect(descriptorsOf(large).map((descriptor) => descriptor.number)).toEqual([
      63, 65, 67, 69, 71, 73, 75, 77, 79, 81,
    ]);
  });

  test('packets that do not tell their layers go on under numbers of their own', () => {
    const call = new Call(41, 'AV1');
    const small = call.join('bob', 180);
    let frame = 1;
    for (let i = 0; i < 60; i++) {
      call.picture++;
      for (const hex of i % 20 === 0 ? [KEY, 'c50000'] : ['c10000', 'c60000']) {
        frame++;
        const descriptor = bytes(hex);
        new DataView(descriptor.buffer).setUint16(1, frame);
        const isKey = hex === KEY;
        const isTold = i % 7 !== 3;
        const payload = Uint8Array.of(isKey ? 0x18 : 0x10, i, ...new Uint8Array(60));
        call.send(41, payload, !isKey && hex !== 'c10000', isTold ? descriptor : undefined);
      }
      call.bridge.advance(33);
    }
    // The port refuses a number that is used for two packets; here none is left out either.
    const numbers = numbersOf(small.received());
    expect(numbers.length).toBeGreaterThan(60);
    expect(numbers).toEqual(numbers.map((_, i) => i));
  });
});

describe('AV1 in two encodings of one layer each (simulcast)', () => {
  /** Of three temporal layers, 320 x 180 and 640 x 360. */
  const KEYS = [
    'c00001800214eaa860414d1410208427013f00b3',
    'c00001800214eaa860414d1410208427027f0167',
  ];
  /** Two-byte and three-byte descriptors of the frames between: the base layer's. */
  const BETWEEN = 'c10001';

  class SimulcastCall extends Call {
    #frame = 0;
    readonly #seqs = [100, 200];

    constructor() {
      super(41, 'AV1');
    }

    /** `count` pictures, of which each tenth is a key frame. */
    run(count: number): void {
      for (let i = 0; i < count; i++) {
        const isKey = this.#frame++ % 10 === 0;
        KEYS.forEach((key, encoding) => {
          const descriptor = Uint8Array.from(Buffer.from(isKey ? key : BETWEEN, 'hex'));
          new DataView(descriptor.buffer).setUint16(1, 1000 * encoding + this.#frame);
          const packet = writeRtpPacket({
            marker: true,
            payloadType: 41,
            sequenceNumber: this.#seqs[encoding]!++,
            timestamp: this.#frame * 3000,
            ssrc: this.ann.encodings[encoding]!.ssrc,
            extensions: [{ id: 11, data: descriptor }],
            extensionForm: isKey ? 'two-byte' : 'one-byte',
            payload: Uint8Array.of(isKey ? 0x18 : 0x10, encoding, ...new Uint8Array(60)),
          });
          this.bridge.receive(this.ann, PacketKind.rtp, packet);
        });
        this.bridge.advance(33);
      }
    }

    /** Which encoding a receiver's last packets are of. */
    encodings(endpoint: TestEndpoint, count: number): (number | undefined)[] {
      const packets = endpoint.received().slice(-count);
      return [...new Set(packets.map(({ payload }) => payload[1]))];
    }

    /** Frame numbers in the descriptors of a receiver's packets. */
    frameNumbers(endpoint: TestEndpoint): number[] {
      const header = new RtpHeader();
      return this.bridge.io.sent
        .filter(({ peer }) => peer === endpoint.peer)
        .map(({ bytes }) => {
          header.read(bytes, 0, bytes.length);
          const at = header.findExtension(bytes, 11);
          return bytes[at + 1]! * 256 + bytes[at + 2]!;
        });
    }
  }

  test('each gets the size it wants; a change goes on with numbers in a row', () => {
    const call = new SimulcastCall();
    const small = call.join('bob', 180);
    const large = call.join('cem', 360);
    call.run(30);
    expect(call.encodings(small, 10)).toEqual([0]);
    expect(call.encodings(large, 10)).toEqual([1]);

    small.want({ defaultConstraints: { maxHeight: 360 } });
    call.run(30);
    expect(call.encodings(small, 10)).toEqual([1]);
    for (const endpoint of [small, large]) {
      const sequence = numbersOf(endpoint.received());
      expect(sequence).toEqual(sequence.map((_, i) => i));
      const frames = call.frameNumbers(endpoint);
      expect(frames.slice(1).every((frame, i) => frame - frames[i]! === 1)).toBe(true);
    }
  });
});

test('VP8 that tells its temporal layers in the dependency descriptor only loses frames where bandwidth is short', () => {
  const call = new Call(100, 'VP8');
  const bob = call.join('bob', 720);
  /** Template ids of L1T3: the base layer's frames, then those of the layers above in their order. */
  const [KEY, BASE, MIDDLE, TOP, LAST] = [0, 1, 2, 3, 4];
  const structure = Uint8Array.from(Buffer.from('c00001800214eaa860414d1410208427013f00b3', 'hex'));
  let frame = 0;
  const send = (frames: number) => {
    const before = bob.received().length;
    for (let i = 0; i < frames; i++) {
      frame++;
      call.picture++;
      const isKey = frame === 1;
      const template = isKey ? KEY : [BASE, TOP, MIDDLE, LAST][(frame - 1) % 4]!;
      const descriptor = isKey ? structure.slice() : Uint8Array.of(0xc0 | template, 0, 0);
      new DataView(descriptor.buffer).setUint16(1, frame);
      // S, then a key frame's header or another's (RFC 7741 §4.3); neither picture id nor temporal id.
      const payload = Uint8Array.of(0x10, isKey ? 0x10 : 0x11, 0, 0, ...new Uint8Array(500));
      call.send(100, payload, true, descriptor);
      call.bridge.advance(33);
    }
    return bob.received().slice(before);
  };
  const assume = (assumedBandwidthBps: number) =>
    bob.say({ colibriClass: 'ReceiverVideoConstraints', assumedBandwidthBps });

  expect(send(60)).toHaveLength(60);
  assume(90_000);
  send(8);
  const half = send(40);
  expect(half).toHaveLength(20);
  expect(numbersOf(half)).toEqual(half.map((_, i) => i));
  assume(45_000);
  send(8);
  expect(send(40)).toHaveLength(10);
  assume(10_000_000);
  send(8);
  expect(send(40)).toHaveLength(40);
});
