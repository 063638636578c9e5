/** The video codecs that are on, the preferred first: what the focus offers and config.js tells must agree. */
import type { Settings } from './settings/index.ts';

type VideoCodecName = Settings['CODEC_ORDER_JVB'][number];

/** VP8 when everything is off: a call without video codec cannot be negotiated. */
export function offeredCodecs(settings: Settings): readonly VideoCodecName[] {
  const isOn: Readonly<Record<VideoCodecName, boolean>> = {
    AV1: settings.ENABLE_CODEC_AV1,
    VP9: settings.ENABLE_CODEC_VP9,
    VP8: settings.ENABLE_CODEC_VP8,
    H264: settings.ENABLE_CODEC_H264,
  };
  const order = new Set<VideoCodecName>([...settings.CODEC_ORDER_JVB, 'VP8', 'VP9', 'H264', 'AV1']);
  const codecs = [...order].filter((codec) => isOn[codec]);
  return codecs.length === 0 ? ['VP8'] : codecs;
}
