/**
 * A large meeting as the benchmarks simulate it: all members send three simulcast layers of VP8, a few speak, and
 * each looks at one on stage and at a page of tiles of its own choice, the costliest case: nobody's layers can be spared.
 */
import type { EndpointModify, MediaDescription } from '@conclave/protocols/colibri';

export interface MeetingPlan {
  readonly members: number;
  /** Pictures that each one sees: one on stage in 720p, the others in 180p. */
  readonly lastN: number;
  /** So many speak: members 0, 1, … */
  readonly speakers: number;
  /** One of them is loud at a time, for two seconds. */
  readonly takesTurns?: boolean;
  /** Members take a limited number of SSRCs, as Jitsi's clients do, rather than one for each source of the meeting. */
  readonly takesRewrittenSsrcs: boolean;
}

export const MEETING_ID = 'meeting';
export const FRAMES_PER_S = 30;
/** Bytes of a frame: 200, 500 and 1500 kbit/s, as libwebrtc allots 180p, 360p and 720p. */
export const LAYER_FRAME_BYTES = [833, 2083, 6250] as const;
export const MAX_PAYLOAD_BYTES = 1160;
export const OPUS_PER_S = 50;
export const OPUS_BYTES = 80;
export const KEY_FRAME_EVERY = 90;

export const OPUS = 111;
export const VP8 = 100;
const RTX = 96;
export const AUDIO_LEVEL_ID = 1;
export const TRANSPORT_CC_ID = 5;

const LAYERS = LAYER_FRAME_BYTES.length;
const FIRST_VIDEO_SSRC = 0x10_0000;
const FIRST_RTX_SSRC = 0x20_0000;
const FIRST_AUDIO_SSRC = 0x30_0000;

export const memberId = (member: number) => `m${member}`;
export const audioSsrc = (member: number) => FIRST_AUDIO_SSRC + member;
export const videoSsrc = (member: number, layer: number) =>
  FIRST_VIDEO_SSRC + member * LAYERS + layer;
const videoName = (member: number) => `${memberId(member)}-v0`;

export const packetsOfFrame = (bytes: number) => Math.ceil(bytes / MAX_PAYLOAD_BYTES);

const TRANSPORT_CC = {
  id: TRANSPORT_CC_ID,
  uri: 'http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01',
};

export const MEDIA: readonly MediaDescription[] = [
  {
    type: 'audio',
    payloadTypes: [
      {
        id: OPUS,
        name: 'opus',
        clockRateHz: 48_000,
        channels: 2,
        parameters: {},
        rtcpFeedback: [{ type: 'transport-cc' }],
      },
    ],
    headerExtensions: [
      { id: AUDIO_LEVEL_ID, uri: 'urn:ietf:params:rtp-hdrext:ssrc-audio-level' },
      TRANSPORT_CC,
    ],
  },
  {
    type: 'video',
    payloadTypes: [
      {
        id: VP8,
        name: 'VP8',
        clockRateHz: 90_000,
        parameters: {},
        rtcpFeedback: [
          { type: 'nack', subtype: 'pli' },
          { type: 'nack' },
          { type: 'transport-cc' },
        ],
      },
      {
        id: RTX,
        name: 'rtx',
        clockRateHz: 90_000,
        parameters: { apt: `${VP8}` },
        rtcpFeedback: [],
      },
    ],
    headerExtensions: [TRANSPORT_CC],
  },
];

export function sourcesOf(member: number): NonNullable<EndpointModify['sources']> {
  const layers = LAYER_FRAME_BYTES.map((_, layer) => videoSsrc(member, layer));
  const repairs = layers.map((_, layer) => FIRST_RTX_SSRC + member * LAYERS + layer);
  return [
    {
      type: 'audio',
      name: `${memberId(member)}-a0`,
      ssrcs: [audioSsrc(member)],
      groups: [],
    },
    {
      type: 'video',
      name: videoName(member),
      videoType: 'camera',
      ssrcs: [...layers, ...repairs],
      groups: [
        { semantics: 'SIM', ssrcs: layers },
        ...layers.map((ssrc, i) => ({ semantics: 'FID' as const, ssrcs: [ssrc, repairs[i] ?? 0] })),
      ],
    },
  ];
}

/** How many pictures a member sees. */
export function picturesOf({ members, lastN }: MeetingPlan): number {
  return Math.min(lastN, members - 1);
}

/** What a member asks for on its bridge channel. Member 0 is on stage, for itself member 1. */
export function constraintsOf(plan: MeetingPlan, member: number): string {
  const stage = videoName(member === 0 ? 1 : 0);
  const tiles: string[] = [];
  for (let i = 1; tiles.length < picturesOf(plan) - 1; i++) {
    const name = videoName((member + i) % plan.members);
    if (name !== stage) tiles.push(name);
  }
  return JSON.stringify({
    colibriClass: 'ReceiverVideoConstraints',
    lastN: picturesOf(plan),
    onStageSources: [stage],
    selectedSources: [stage, ...tiles],
    constraints: { [stage]: { maxHeight: 720 } },
    defaultConstraints: { maxHeight: 180 },
  });
}

/** RTP packets a second that all members together are due, but for padding and what is repeated. */
export function packetsDue(plan: MeetingPlan): number {
  const [low = 0, , high = 0] = LAYER_FRAME_BYTES;
  const tiles = picturesOf(plan) - 1;
  const frame = packetsOfFrame(high) + tiles * packetsOfFrame(low);
  // Nobody hears themselves.
  const voices = plan.speakers * (plan.members - 1);
  return plan.members * frame * FRAMES_PER_S + voices * OPUS_PER_S;
}
