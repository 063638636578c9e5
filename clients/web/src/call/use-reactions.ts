/** What people show at the moment, each for a few seconds. */
import { type Conference, REACTIONS } from '@conclave/sdk';
import { useEffect, useState } from 'react';

const SHOWN_MS = 4_000;

/** By participant id. */
export function useReactions(conference: Conference): ReadonlyMap<string, string> {
  const [shown, setShown] = useState<ReadonlyMap<string, string>>(new Map());
  useEffect(() => {
    const timers = new Map<string, number>();
    const hide = (id: string) =>
      setShown((before) => new Map([...before].filter(([other]) => other !== id)));
    const stop = conference.reactions.on('reaction', (id, reaction) => {
      window.clearTimeout(timers.get(id));
      setShown((before) => new Map(before).set(id, REACTIONS[reaction]));
      timers.set(
        id,
        window.setTimeout(() => hide(id), SHOWN_MS),
      );
    });
    return () => {
      stop();
      for (const timer of timers.values()) window.clearTimeout(timer);
    };
  }, [conference]);
  return shown;
}
