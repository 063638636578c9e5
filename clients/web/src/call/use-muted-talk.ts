/** Listens to the microphone while it is off, to tell people that they are not heard. */
import { type LocalMedia, watchAudioLevel } from '@conclave/sdk';
import { useEffect } from 'react';
import { useStore } from '../app/use-store.ts';
import { MutedTalk } from './muted-talk.ts';

/** @param onTalk must stay the same function as long as it does the same */
export function useMutedTalk(media: LocalMedia, onTalk: () => void): void {
  const { muted, track } = useStore(media.audio);
  const listensTo = muted ? track : undefined;
  useEffect(() => {
    if (listensTo === undefined) return;
    const talk = new MutedTalk();
    return watchAudioLevel(listensTo, (level) => {
      if (talk.handleLevel(level, performance.now())) onTalk();
    });
  }, [listensTo, onTalk]);
}
