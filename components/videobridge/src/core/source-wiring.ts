/** Connects sources with receivers: who may be sent what, under which SSRC. */
import { AudioForward } from './audio-forward.ts';
import type { Endpoint } from './endpoint.ts';
import { NO_LAYER, VideoProjection } from './projection/video-projection.ts';
import type { Source } from './source.ts';
import type { MapReceiver } from './sources-map-announcer.ts';
import { preparePlace } from './voice-places.ts';

/** What it tells when a receiver is to be sent the source under an SSRC that it has not heard of. */
interface Maps {
  mark(receiver: MapReceiver): void;
}

export function connectSource(maps: Maps, source: Source, receiver: Endpoint): void {
  const { ssrcSlots: slots } = receiver;
  if (source.type === 'audio') {
    const out = slots?.audio.nowhere ?? receiver.outgoing(source.ssrc);
    if (out === undefined) return;
    const forward = new AudioForward(receiver, source, out, slots?.audio);
    source.audioForwards.push(forward);
    receiver.audioForwards.push(forward);
    forward.subscribe(receiver.audioSubscription);
    // While there is room, the receiver is ready for a voice before it is heard.
    preparePlace(forward, maps);
    return;
  }
  const out = slots?.video.nowhere ?? receiver.outgoing(source.ssrc);
  if (out === undefined) return;
  const rtxOut =
    slots !== undefined || source.rtxSsrc === undefined
      ? undefined
      : receiver.outgoing(source.rtxSsrc);
  const projection = new VideoProjection(receiver, source, out, rtxOut, slots === undefined);
  source.projections.push(projection);
  receiver.projectionsBySsrc.set(source.ssrc | 0, projection);
}

/** Which encoding the receiver would get if bandwidth were no limit, or NO_LAYER: then it does not want the source. */
export function setIdeal(projection: VideoProjection, index: number): void {
  const { source, receiver } = projection;
  const wasWanted = projection.idealIndex !== NO_LAYER;
  const isWanted = index !== NO_LAYER;
  projection.idealIndex = index;
  if (isWanted === wasWanted) return;
  if (isWanted) {
    source.wanted.push(projection);
    receiver.wanted.push(projection);
  } else {
    remove(source.wanted, projection);
    remove(receiver.wanted, projection);
  }
}

/** The source is gone for everybody; its cached packets are released. */
export function disconnectSource(source: Source): void {
  for (const forward of source.audioForwards) {
    forward.end();
    remove(forward.receiver.audioForwards, forward);
    forward.slots?.remove(forward);
  }
  for (const projection of source.projections) {
    const { receiver } = projection;
    remove(receiver.wanted, projection);
    receiver.ssrcSlots?.video.remove(projection);
    if (receiver.projectionsBySsrc.get(source.ssrc | 0) === projection) {
      receiver.projectionsBySsrc.delete(source.ssrc | 0);
    }
  }
  source.audioForwards.length = 0;
  source.projections.length = 0;
  source.wanted.length = 0;
  for (const stream of source.streams) {
    stream.cache?.close();
    stream.cache = undefined;
  }
}

/** The receiver is gone. */
export function disconnectReceiver(receiver: Endpoint, sources: Iterable<Source>): void {
  for (const forward of receiver.audioForwards) forward.end();
  for (const { audioForwards, projections, wanted } of sources) {
    removeThatOf(receiver, audioForwards);
    removeThatOf(receiver, projections);
    removeThatOf(receiver, wanted);
  }
  receiver.audioForwards.length = 0;
  receiver.wanted.length = 0;
  receiver.projectionsBySsrc.clear();
}

function remove<T>(list: T[], item: T): void {
  const at = list.indexOf(item);
  if (at >= 0) list.splice(at, 1);
}

/** A source has at most one for each receiver. */
function removeThatOf<T extends { readonly receiver: object }>(
  receiver: Endpoint,
  list: T[],
): void {
  const at = list.findIndex((item) => item.receiver === receiver);
  if (at >= 0) list.splice(at, 1);
}
