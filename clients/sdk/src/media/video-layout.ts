/** What we want to see, told to the bridge as ReceiverVideoConstraints. */
import type {
  ReceiverVideoConstraints,
  VideoConstraints,
} from '@conclave/protocols/bridge-channel';

export interface VideoLayout {
  /** Sources that are shown large, most important first. */
  readonly onStage: readonly string[];
  /** Greatest useful height of each source on screen, in device pixels. */
  readonly heightsPx: ReadonlyMap<string, number>;
  /** For sources that are not in `heightsPx`; 0 asks for nothing. */
  readonly defaultHeightPx: number;
}

/** Small pictures of everybody, until the page knows better. */
export const INITIAL_LAYOUT: VideoLayout = {
  onStage: [],
  heightsPx: new Map(),
  defaultHeightPx: 180,
};

/** Layers have these heights; asking for anything between gives the lower one. */
const STEPS_PX = [180, 360, 720] as const;

/** The layer that fills `heightPx`: a tile may be up to a fifth taller than its picture before more is asked for. */
export function usefulHeightPx(heightPx: number): number {
  if (heightPx <= 0) return 0;
  return STEPS_PX.find((step) => heightPx <= step * 1.2) ?? 720;
}

export function receiverConstraints(layout: VideoLayout): ReceiverVideoConstraints {
  const constraints: Record<string, VideoConstraints> = {};
  for (const [name, heightPx] of layout.heightsPx) {
    constraints[name] = { maxHeight: usefulHeightPx(heightPx) };
  }
  return {
    colibriClass: 'ReceiverVideoConstraints',
    lastN: -1,
    selectedSources: [],
    onStageSources: layout.onStage,
    defaultConstraints: { maxHeight: usefulHeightPx(layout.defaultHeightPx) },
    constraints,
    assumedBandwidthBps: -1,
  };
}
