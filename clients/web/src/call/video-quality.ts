/** How good the pictures of the others may be, as the person chose: less costs less. */

export const VIDEO_QUALITIES = ['high', 'standard', 'low', 'none'] as const;

/** `none`: voices only. */
export type VideoQuality = (typeof VIDEO_QUALITIES)[number];

const LIMITS_PX: Readonly<Record<VideoQuality, number>> = {
  high: Number.POSITIVE_INFINITY,
  standard: 360,
  low: 180,
  none: 0,
};

/** Greatest height of a picture in device px. */
export function heightLimitPx(quality: VideoQuality): number {
  return LIMITS_PX[quality];
}

export function isVideoQuality(value: unknown): value is VideoQuality {
  return VIDEO_QUALITIES.some((quality) => quality === value);
}
