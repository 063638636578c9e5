/** The three simulcast layers of the camera, low to high, and which of them anybody wants. */

/**
 * How the browser is told to send them: by SSRCs that are written into its own answer, or by RTP stream ids in the offer
 * (RFC 8853).
 */
export type SimulcastKind = 'ssrc' | 'rid';

/** RTP stream ids, low to high. */
export const LAYER_RIDS: readonly string[] = ['1', '2', '3'];

export interface SimulcastLayer {
  /** Nominal, for a 720p camera; the bridge chooses by these. */
  readonly heightPx: number;
  readonly scaleDownBy: number;
  readonly maxBitrateBps: number;
}

/** VP8; the values of Jitsi's standard settings. */
export const SIMULCAST_LAYERS: readonly SimulcastLayer[] = [
  { heightPx: 180, scaleDownBy: 4, maxBitrateBps: 200_000 },
  { heightPx: 360, scaleDownBy: 2, maxBitrateBps: 500_000 },
  { heightPx: 720, scaleDownBy: 1, maxBitrateBps: 1_500_000 },
];

/** Encoding of one layer, as RTCRtpSender.setParameters takes it. */
export interface LayerEncoding {
  readonly active: boolean;
  readonly scaleResolutionDownBy: number;
  readonly maxBitrate: number;
}

/**
 * @param maxHeightPx the greatest height any receiver wants; 0 is nobody, -1 is no limit
 * @param count encodings that the browser really has: 3, or 1 without simulcast
 */
export function layerEncodings(maxHeightPx: number, count: number): LayerEncoding[] {
  const layers = count === 1 ? SIMULCAST_LAYERS.slice(-1) : SIMULCAST_LAYERS.slice(0, count);
  return layers.map(({ heightPx, scaleDownBy, maxBitrateBps }, index) => {
    // The lowest layer goes out whenever anybody wants anything.
    const wanted = maxHeightPx < 0 || heightPx <= maxHeightPx || (index === 0 && maxHeightPx > 0);
    const scale =
      count === 1 && maxHeightPx > 0 ? Math.max(1, heightPx / maxHeightPx) : scaleDownBy;
    return { active: wanted, scaleResolutionDownBy: scale, maxBitrate: maxBitrateBps };
  });
}
