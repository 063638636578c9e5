/** Three temporal layers as browsers send them: at 30 frames/s those of the base layer come 7.5 times a second, with the middle one 15. */
export const TEMPORAL_PATTERN = [
  { temporalId: 0 },
  { temporalId: 2, isLayerSync: true },
  { temporalId: 1, isLayerSync: true },
  { temporalId: 2 },
  { temporalId: 0 },
  { temporalId: 2 },
  { temporalId: 1 },
  { temporalId: 2 },
] as const;
