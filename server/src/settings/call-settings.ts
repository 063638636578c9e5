/** Settings of the media of conferences: how much each may send, direct calls, codecs, quality. */
import { hostPortList } from './address-kinds.ts';
import { flag, integer, order } from './value-kinds.ts';

const group = 'Conferences';

export const CALL_SETTINGS = {
  JICOFO_CONF_MAX_AUDIO_SENDERS: integer({
    group,
    default: 0,
    min: 0,
    max: 999999,
    zero: 'for no limit',
    sentence: 'Open microphones in one conference at a time.',
  }),
  JICOFO_CONF_MAX_VIDEO_SENDERS: integer({
    group,
    default: 0,
    min: 0,
    max: 999999,
    zero: 'for no limit',
    sentence: 'Participants with a camera or screen share on at a time in one conference.',
  }),
  JICOFO_CONF_SSRC_REWRITING: flag({
    group,
    default: true,
    sentence:
      'Clients that can are not told of every stream in the conference, but receive a limited number under changing owners; it keeps large conferences light.',
  }),
  MAX_SSRCS_PER_USER: integer({
    group,
    default: 20,
    min: 4,
    max: 200,
    sentence: 'Media streams (SSRCs) that one participant may announce.',
  }),
  MAX_SSRC_GROUPS_PER_USER: integer({
    group,
    default: 20,
    min: 4,
    max: 200,
    sentence: 'Groups of media streams that one participant may announce.',
  }),
  ENABLE_P2P: flag({
    group,
    default: true,
    sentence: 'Two people alone in a conference may send media directly to each other.',
  }),
  P2P_STUN_SERVERS: hostPortList({
    group,
    sentence:
      'STUN servers for direct calls of two; none by default, because they would be a third party that learns addresses.',
  }),
  ENABLE_CODEC_VP8: flag({
    group,
    default: true,
    sentence: 'The bridge offers VP8. Jitsi clients use it whenever they encrypt end to end.',
  }),
  ENABLE_CODEC_VP9: flag({ group, default: true, sentence: 'The bridge offers VP9.' }),
  ENABLE_CODEC_AV1: flag({ group, default: true, sentence: 'The bridge offers AV1.' }),
  ENABLE_CODEC_H264: flag({
    group,
    default: true,
    sentence: 'The bridge offers H.264.',
  }),
  ENABLE_CODEC_OPUS_RED: flag({
    group,
    default: false,
    sentence:
      'The bridge offers Opus with redundancy (RED), which repairs loss for more bandwidth.',
  }),
  ENABLE_OPUS_RED: flag({
    group,
    default: false,
    sentence: 'Clients ask for Opus with redundancy; needs ENABLE_CODEC_OPUS_RED.',
  }),
  CODEC_ORDER_JVB: order({
    group,
    default: ['VP8', 'VP9', 'H264', 'AV1'],
    values: ['AV1', 'VP9', 'VP8', 'H264'],
    sentence:
      'What computers send, the best first; all participants must have it. VP9 and AV1 take less bandwidth and more processor time.',
  }),
  CODEC_ORDER_JVB_MOBILE: order({
    group,
    default: ['VP8', 'VP9', 'H264', 'AV1'],
    values: ['AV1', 'VP9', 'VP8', 'H264'],
    sentence: 'The same for phones.',
  }),
  CODEC_ORDER_P2P: order({
    group,
    default: ['VP8', 'VP9', 'H264', 'AV1'],
    values: ['AV1', 'VP9', 'VP8', 'H264'],
    sentence: 'What computers send in direct calls of two.',
  }),
  CODEC_ORDER_P2P_MOBILE: order({
    group,
    default: ['VP8', 'VP9', 'H264', 'AV1'],
    values: ['AV1', 'VP9', 'VP8', 'H264'],
    sentence: 'The same for phones.',
  }),
  ENABLE_SIMULCAST: flag({
    group,
    default: true,
    sentence: 'Cameras send several resolutions, so that each receiver gets the one it needs.',
  }),
  RESOLUTION: integer({
    group,
    default: 720,
    min: 180,
    max: 2160,
    unit: 'of lines',
    sentence: 'Height of the picture that cameras are asked for.',
  }),
  START_WITH_AUDIO_MUTED: flag({
    group,
    default: false,
    sentence: 'Everyone enters with the microphone off.',
  }),
  START_WITH_VIDEO_MUTED: flag({
    group,
    default: false,
    sentence: 'Everyone enters with the camera off.',
  }),
} as const;
