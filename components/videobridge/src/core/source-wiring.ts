/** Connects sources with receivers, and parts them again: voices in `voice-wiring.ts`, videos in `video-wiring.ts`, as they are wanted. */
import type { Endpoint } from './endpoint.ts';
import { removeFrom } from './remove-from.ts';
import type { Source } from './source.ts';
import { disconnectVideo } from './video-wiring.ts';
import { connectVoice, type SourcesMaps } from './voice-wiring.ts';

/** Source or receiver is new. */
export function connectSource(maps: SourcesMaps, source: Source, receiver: Endpoint): void {
  if (source.type === 'audio') connectVoice(maps, source, receiver);
}

/** The source is gone for everybody; its cached packets are released. */
export function disconnectSource(source: Source): void {
  source.isGone = true;
  for (const forward of source.audioForwards) {
    removeFrom(forward.receiver.audioForwards, forward);
    forward.slots?.remove(forward);
  }
  source.audioForwards.length = 0;
  for (const projection of [...source.projections]) disconnectVideo(projection);
  for (const stream of source.streams) {
    stream.cache?.close();
    stream.cache = undefined;
  }
}

/** The receiver is gone. `sources`: those of all others. */
export function disconnectReceiver(receiver: Endpoint, sources: Iterable<Source>): void {
  const { audioForwards, audioSubscription, projectionsBySsrc } = receiver;
  for (const forward of audioForwards) removeFrom(forward.source.audioForwards, forward);
  audioForwards.length = 0;
  for (const projection of [...projectionsBySsrc.values()]) disconnectVideo(projection);
  if (!audioSubscription.namesAny) return;
  for (const source of sources) {
    if (source.type === 'audio' && audioSubscription.names(source.name)) source.namedBy--;
  }
}
