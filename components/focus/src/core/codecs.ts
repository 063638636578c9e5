/** The codecs and header extensions of an offer, as data. Every leg of a conference uses the same numbers. */
import type { MediaType, PayloadType } from '@conclave/protocols/colibri';
import { FEATURE } from './features.ts';

export interface OfferedCodec {
  readonly media: MediaType;
  readonly payloadType: PayloadType;
  /** Payload type of retransmissions (RFC 4588); undefined for none. */
  readonly rtxId?: number;
  /** Offered only to clients with this feature. */
  readonly feature?: string;
}

export interface OfferedExtension {
  /** 1..14, so that one-byte headers can be used (RFC 8285 §4.2). */
  readonly id: number;
  readonly uri: string;
  readonly media: readonly MediaType[];
}

export const TRANSPORT_CC_URI =
  'http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01';

/** What REMB is estimated from. */
export const SEND_TIME_URI = 'http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time';

const VIDEO_FEEDBACK = [
  { type: 'ccm', subtype: 'fir' },
  { type: 'nack' },
  { type: 'nack', subtype: 'pli' },
  { type: 'transport-cc' },
  { type: 'goog-remb' },
] as const;

export const OPUS: OfferedCodec = {
  media: 'audio',
  payloadType: {
    id: 111,
    // Lower case: clients that set audio quality look for exactly this.
    name: 'opus',
    clockRateHz: 48_000,
    channels: 2,
    parameters: { minptime: '10', useinbandfec: '1' },
    rtcpFeedback: [{ type: 'transport-cc' }],
  },
};

/** Opus with copies of earlier frames (RFC 2198): for those who have the feature. */
export const OPUS_RED: OfferedCodec = {
  media: 'audio',
  payloadType: {
    id: 112,
    name: 'red',
    clockRateHz: 48_000,
    channels: 2,
    parameters: { '': '111/111' },
    rtcpFeedback: [{ type: 'transport-cc' }],
  },
  feature: FEATURE.opusRed,
};

/** Keypad tones for telephone gateways (RFC 4733). */
export const TELEPHONE_EVENT: OfferedCodec = {
  media: 'audio',
  payloadType: {
    id: 126,
    name: 'telephone-event',
    clockRateHz: 8_000,
    parameters: {},
    rtcpFeedback: [],
  },
};

export const VP8: OfferedCodec = videoCodec(100, 'VP8', 96, {});
export const VP9: OfferedCodec = videoCodec(101, 'VP9', 97, {});
export const AV1: OfferedCodec = videoCodec(41, 'AV1', 42, {});
export const H264: OfferedCodec = videoCodec(107, 'H264', 99, {
  'profile-level-id': '42e01f',
  'level-asymmetry-allowed': '1',
  'packetization-mode': '1',
});

function videoCodec(
  id: number,
  name: string,
  rtxId: number,
  parameters: Readonly<Record<string, string>>,
): OfferedCodec {
  return {
    media: 'video',
    payloadType: { id, name, clockRateHz: 90_000, parameters, rtcpFeedback: VIDEO_FEEDBACK },
    rtxId,
  };
}

/** By the names that settings use. */
export const VIDEO_CODECS = { VP8, VP9, AV1, H264 } as const;

/** Those who send the first codec of an offer send VP8. */
export const DEFAULT_CODECS: readonly OfferedCodec[] = [OPUS, TELEPHONE_EVENT, VP8, VP9, H264, AV1];

export const DEFAULT_HEADER_EXTENSIONS: readonly OfferedExtension[] = [
  { id: 1, uri: 'urn:ietf:params:rtp-hdrext:ssrc-audio-level', media: ['audio'] },
  { id: 3, uri: SEND_TIME_URI, media: ['video'] },
  { id: 5, uri: TRANSPORT_CC_URI, media: ['audio', 'video'] },
  { id: 10, uri: 'urn:ietf:params:rtp-hdrext:sdes:mid', media: ['audio', 'video'] },
  {
    id: 11,
    uri: 'https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension',
    media: ['video'],
  },
];
