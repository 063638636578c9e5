/** What clients say of their videos. */
import type { BridgeVideoType } from '@conclave/protocols/bridge-channel';
import type { SourceVideoType } from './source.ts';
import type { SourceOwner } from './source-owner.ts';

/** Remembered video types of sources not signalled yet. */
const MAX_VIDEO_TYPES = 20;

export function setVideoType(
  owner: SourceOwner,
  sourceName: string,
  wireType: BridgeVideoType,
  nowMs: number,
): void {
  const type: SourceVideoType = wireType === 'desktop_high_fps' ? 'desktop' : wireType;
  if (owner.videoTypes.size < MAX_VIDEO_TYPES || owner.videoTypes.has(sourceName)) {
    owner.videoTypes.set(sourceName, type);
  }
  const source = owner.sources.find(
    (candidate) => candidate.type === 'video' && candidate.name === sourceName,
  );
  if (source === undefined || source.videoType === type) return;
  source.videoType = type;
  owner.conference.requestAllocation(nowMs);
}
