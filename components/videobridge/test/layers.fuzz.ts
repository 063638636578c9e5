/**
 * Hostile senders of VP9, AV1 and H.264: random layers, references, losses and restarts, while receivers change what
 * they want and ask for packets again. Nothing throws, and no number is used for two packets (the port of the test
 * refuses that).
 */
import { PacketKind } from '@conclave/platform/packet-io';
import type { MediaDescription } from '@conclave/protocols/colibri';
import { writeRtpPacket, writeVp9Descriptor } from '@conclave/protocols/rtp';
import { byteCorpus } from '@conclave/testkit';
import { expect, test } from 'vitest';
import { MEDIA, TestBridge } from './test-bridge.ts';

const TYPES = [
  [101, 'VP9'],
  [41, 'AV1'],
  [107, 'H264'],
] as const;
const KEYS = [
  'c00001800214eaa860414d1410208427013f00b3',
  'c00002800514853aaaa8018004004004002a02a0060010015d34514174d144c700874321651118543276809f8059813f80b38',
].map((hex) => Uint8Array.from(Buffer.from(hex, 'hex')));

const media: MediaDescription[] = MEDIA.map((description) =>
  description.type === 'audio'
    ? description
    : {
        ...description,
        payloadTypes: TYPES.flatMap(([id, name]) => [
          { id, name, clockRateHz: 90_000, parameters: {}, rtcpFeedback: [] },
          {
            id: id + 1,
            name: 'rtx',
            clockRateHz: 90_000,
            parameters: { apt: String(id) },
            rtcpFeedback: [],
          },
        ]),
        headerExtensions: [
          ...description.headerExtensions,
          {
            id: 11,
            uri: 'https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension',
          },
        ],
      },
);

test('layers of all kinds', () => {
  let state = 0x2468ace1;
  const next = (bound: number): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % bound;
  };
  let forwarded = 0;
  for (let round = 0; round < 50; round++) {
    const bridge = new TestBridge();
    const ann = bridge.join('ann', media);
    const bob = bridge.join('bob', media);
    bob.want({ defaultConstraints: { maxHeight: 720 } });
    let seq = next(0x10000);
    let picture = next(0x8000);
    let type = next(3);
    for (const [payloadType = 0, isLast = 0, ...payload] of byteCorpus(import.meta.url)) {
      const packet = writeRtpPacket({
        marker: isLast === 1,
        payloadType,
        sequenceNumber: seq++ & 0xffff,
        timestamp: (picture++ * 3000) >>> 0,
        ssrc: ann.encodings[0]!.ssrc,
        payload: Uint8Array.from(payload),
      });
      bridge.receive(ann, PacketKind.rtp, packet);
    }
    for (let i = 0; i < 2000; i++) {
      if (next(3) === 0) picture++;
      if (next(300) === 0) picture = next(0x8000);
      if (next(300) === 0) type = next(3);
      if (next(400) === 0) seq += next(20_000);
      const [payloadType, name] = TYPES[type]!;
      const isKey = next(25) === 0;
      const spatialId = isKey ? next(2) : next(4);
      let payload = Uint8Array.from({ length: 1 + next(30) }, () => next(256));
      let descriptor: Uint8Array | undefined;
      if (name === 'VP9' && next(10) > 0) {
        const vp9 = writeVp9Descriptor({
          isFrameStart: next(2) === 0,
          isFrameEnd: next(2) === 0,
          isInterPicture: !isKey,
          ...(next(4) > 0 && { references: [1 + next(3)] }),
          ...(next(20) > 0 && {
            pictureId: { value: picture & 0x7fff, bits: 15 as const },
            layers: {
              temporalId: next(4),
              spatialId,
              isSwitchingUp: next(2) === 0,
              tl0PicIdx: next(256),
            },
          }),
          isLayerReference: next(2) === 0,
          ...(isKey &&
            next(2) === 0 && {
              structure: [
                [320, 180],
                [640, 360],
                [1280, 720],
              ] as const,
            }),
        });
        payload = Uint8Array.of(...vp9, ...payload);
      } else if (next(10) > 0) {
        if (isKey) payload[0] = name === 'H264' ? 0x67 : 0x18;
        descriptor = isKey ? KEYS[next(2)]!.slice() : Uint8Array.of(0xc0 | next(12), 0, 0);
        new DataView(descriptor.buffer).setUint16(1, picture & 0xffff);
      }
      const packet = writeRtpPacket({
        marker: next(3) === 0,
        payloadType,
        sequenceNumber: (next(8) === 0 ? seq - next(20) : seq++) & 0xffff,
        timestamp: (picture * 3000) >>> 0,
        ssrc: ann.encodings[next(20) === 0 ? 1 : 0]!.ssrc,
        ...(descriptor && {
          extensions: [{ id: 11, data: descriptor }],
          extensionForm: descriptor.length > 16 ? ('two-byte' as const) : ('one-byte' as const),
        }),
        payload,
      });
      if (next(15) > 0) bridge.receive(ann, PacketKind.rtp, packet);
      if (next(10) === 0) bridge.advance(33);
      if (next(60) === 0) {
        const maxHeight = [0, 180, 360, 720][next(4)]!;
        bob.say({ colibriClass: 'ReceiverVideoConstraints', defaultConstraints: { maxHeight } });
      }
      const last = bridge.io.sent.at(-1);
      if (next(20) === 0 && last !== undefined) {
        const view = new DataView(last.bytes.buffer, last.bytes.byteOffset);
        bob.sendNack(view.getUint32(8), [(view.getUint16(2) - next(30)) & 0xffff]);
      }
    }
    forwarded += bridge.io.sent.length;
    expect(bridge.events).toEqual([]);
    expect(bridge.counter('dropped_conferences_failed')).toBe(0);
  }
  expect(forwarded).toBeGreaterThan(5000);
});
