/** Whose voices one receiver wants (`ReceiverAudioSubscription`, Jitsi's clients since 2025); everybody's to begin with. */
import type { ReceiverAudioSubscription } from '@conclave/protocols/bridge-channel';
import type { AudioReceiver } from './audio-forward.ts';
import type { SourcesMapAnnouncer } from './sources-map-announcer.ts';
import { preparePlace } from './voice-places.ts';

export class AudioSubscription {
  #all = true;
  #include: ReadonlySet<string> = new Set();
  #exclude: ReadonlySet<string> = new Set();

  get isNobody(): boolean {
    return !this.#all && this.#include.size === 0;
  }

  set({ all, include, exclude }: ReceiverAudioSubscription): void {
    this.#all = all;
    this.#include = new Set(include);
    this.#exclude = new Set(exclude);
  }

  wants(sourceName: string): boolean {
    if (this.#exclude.has(sourceName)) return false;
    return this.#all || this.#include.has(sourceName);
  }

  /** The source is wanted by its name: it is heard even where only the loudest are. */
  names(sourceName: string): boolean {
    return this.#include.has(sourceName) && !this.#exclude.has(sourceName);
  }
}

/** The receiver says whose voices it wants from now on. Who was named before gives way to who is named now. */
export function subscribeToAudio(
  { audioSubscription, audioForwards }: AudioReceiver,
  message: ReceiverAudioSubscription,
  maps: SourcesMapAnnouncer,
): void {
  audioSubscription.set(message);
  for (const forward of audioForwards) forward.subscribe(audioSubscription);
  for (const forward of audioForwards) if (forward.isNamed) preparePlace(forward, maps);
}
