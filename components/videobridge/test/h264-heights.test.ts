/** Story: a camera that sends H.264 in three encodings; receivers get the size they asked for, not what its place suggests. */
import { PacketKind } from '@conclave/platform/packet-io';
import type { MediaDescription } from '@conclave/protocols/colibri';
import { writeRtpPacket } from '@conclave/protocols/rtp';
import { expect, test } from 'vitest';
import { MEDIA, TestBridge } from './test-bridge.ts';
import { MEETING } from './test-endpoint.ts';

const H264 = 107;
const H264_MEDIA: readonly MediaDescription[] = MEDIA.map((description) =>
  description.type === 'audio'
    ? description
    : {
        ...description,
        payloadTypes: [
          {
            id: H264,
            name: 'H264',
            clockRateHz: 90_000,
            parameters: {},
            rtcpFeedback: [{ type: 'nack', subtype: 'pli' }],
          },
        ],
      },
);
/** Sequence parameter sets that x264 wrote, of 160 x 90, 320 x 180 and 640 x 360. */
const PARAMETER_SETS = [
  '6764000aacd9428df930110000030001000003001e0f122596',
  '6742c00cd901419f9f0110000003001000000301e0f142a480',
  '6742c016d900a02ff970110000030001000003001e0f162e48',
];

test('heights come from the parameter sets', () => {
  const bridge = new TestBridge();
  const ann = bridge.join('ann', H264_MEDIA);
  const bob = bridge.join('bob', H264_MEDIA);
  bob.want({ lastN: -1, defaultConstraints: { maxHeight: 180 } });
  for (let frame = 0; frame < 3; frame++) {
    PARAMETER_SETS.forEach((hex, layer) => {
      const packet = writeRtpPacket({
        marker: true,
        payloadType: H264,
        sequenceNumber: 100 + frame,
        timestamp: 3000 * frame,
        ssrc: ann.encodings[layer]!.ssrc,
        extensions: [],
        payload: Uint8Array.from(Buffer.from(hex, 'hex')),
      });
      bridge.receive(ann, PacketKind.rtp, packet);
    });
    bridge.advance(40);
  }
  const query = { meetingId: MEETING, endpointId: 'ann', isFull: true };
  expect(bridge.core.debugState(query, bridge.nowMs)).toMatchObject({
    sources: [
      { type: 'audio' },
      {
        type: 'video',
        streams: [{ pictureHeight: 90 }, { pictureHeight: 180 }, { pictureHeight: 360 }],
      },
    ],
  });
  // 180 lines are the second encoding of this camera, not the first.
  const { ssrc } = ann.encodings[0]!;
  expect(bob.received(ssrc).at(-1)?.payload.length).toBe(PARAMETER_SETS[1]!.length / 2);
});
