/** Says for a few seconds who came, went or raised a hand; screen readers hear it too. */
import type { Conference } from '@conclave/sdk';
import { useEffect, useState } from 'react';
import { strings } from '../strings/en.ts';
import { type Happening, type HappeningType, withHappening } from './happenings.ts';
import { displayNameOf } from './tile-model.ts';
import styles from './toasts.module.css';

const SHOWN_MS = 5_000;

export function Toasts({ conference }: { readonly conference: Conference }) {
  const shown = useHappenings(conference);
  return (
    <div className={styles.toasts} role="status">
      {shown.map(({ id, type, name, others }) => (
        <p key={id} className={styles.toast} dir="auto">
          {strings.call.happened[type](name, others)}
        </p>
      ))}
    </div>
  );
}

function useHappenings(conference: Conference): readonly Happening[] {
  const [shown, setShown] = useState<readonly Happening[]>([]);
  useEffect(() => {
    const timers = new Set<number>();
    let lastId = 0;
    const tell = (type: HappeningType, name: string) => {
      const id = ++lastId;
      setShown((before) => withHappening(before, { id, type, name }));
      const hide = () => {
        timers.delete(timer);
        setShown((before) => before.filter((happening) => happening.id !== id));
      };
      const timer = window.setTimeout(hide, SHOWN_MS);
      timers.add(timer);
    };
    const handsUp = () => conference.participants.get().filter(({ raisedHand }) => raisedHand);
    let raised = new Set(handsUp().map(({ id }) => id));
    const stops = [
      conference.on('participantJoined', (person) => tell('joined', displayNameOf(person))),
      conference.on('participantLeft', (person) => tell('left', displayNameOf(person))),
      conference.participants.subscribe(() => {
        const hands = handsUp();
        for (const person of hands) {
          if (!raised.has(person.id)) tell('hand', displayNameOf(person));
        }
        raised = new Set(hands.map(({ id }) => id));
      }),
    ];
    return () => {
      for (const stop of stops) stop();
      for (const timer of timers) window.clearTimeout(timer);
      setShown([]);
    };
  }, [conference]);
  return shown;
}
