/**
 * Connects videos with those who want to see them, for as long: in a large meeting each looks at few of the others. What must be the same
 * when a receiver wants a video again, the numbers, is kept by the `OutgoingStream`.
 */
import type { Endpoint } from './endpoint.ts';
import { NO_LAYER, VideoProjection } from './projection/video-projection.ts';
import { removeFrom } from './remove-from.ts';
import type { Source } from './source.ts';

/**
 * A video that is not wanted any more is forgotten after so long: until then what was lost of it may be asked for, and limits on requests
 * for key frames count.
 */
const REST_MS = 15_000;

/** Undefined when the receiver has had too many SSRCs; then it ends. */
export function projectionOf(source: Source, receiver: Endpoint): VideoProjection | undefined {
  const known = receiver.projectionsBySsrc.get(source.ssrc | 0);
  if (known !== undefined) return known.source === source ? known : undefined;
  const { ssrcSlots: slots } = receiver;
  const out = slots?.video.nowhere ?? receiver.outgoing(source.ssrc);
  if (out === undefined) return undefined;
  const rtxOut =
    slots !== undefined || source.rtxSsrc === undefined
      ? undefined
      : receiver.outgoing(source.rtxSsrc);
  const projection = new VideoProjection(receiver, source, out, rtxOut, slots === undefined);
  source.projections.push(projection);
  receiver.projectionsBySsrc.set(source.ssrc | 0, projection);
  return projection;
}

/** Which encoding the receiver would get if bandwidth were no limit, or NO_LAYER: then it does not want the source. */
export function setIdeal(projection: VideoProjection, index: number, nowMs: number): void {
  const { source, receiver } = projection;
  const wasWanted = projection.idealIndex !== NO_LAYER;
  const isWanted = index !== NO_LAYER;
  projection.idealIndex = index;
  if (isWanted === wasWanted) return;
  if (isWanted) {
    source.wanted.push(projection);
    receiver.wanted.push(projection);
    removeFrom(receiver.resting, projection);
  } else {
    removeFrom(source.wanted, projection);
    removeFrom(receiver.wanted, projection);
    projection.restsSinceMs = Math.floor(nowMs);
    receiver.resting.push(projection);
  }
}

/** Forgets what the receiver has not wanted for a while. Call now and then. */
export function forgetResting(receiver: Endpoint, nowMs: number): void {
  const { resting, ssrcSlots } = receiver;
  for (let i = resting.length - 1; i >= 0; i--) {
    const projection = resting[i]!;
    if (nowMs - projection.restsSinceMs <= REST_MS) continue;
    // Who has a place keeps it until another needs it: they are few.
    if (ssrcSlots !== undefined && projection.hasPlace) continue;
    resting.splice(i, 1);
    disconnectVideo(projection);
  }
}

/** One of them is gone. */
export function disconnectVideo(projection: VideoProjection): void {
  const { source, receiver } = projection;
  removeFrom(source.projections, projection);
  removeFrom(source.wanted, projection);
  removeFrom(receiver.wanted, projection);
  removeFrom(receiver.resting, projection);
  receiver.ssrcSlots?.video.remove(projection);
  if (receiver.projectionsBySsrc.get(source.ssrc | 0) === projection) {
    receiver.projectionsBySsrc.delete(source.ssrc | 0);
  }
}
