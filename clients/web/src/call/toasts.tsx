/** Says for a few seconds who came, went, raised a hand or wrote; screen readers hear it too. */
import type { ChatMessage, Conference } from '@conclave/sdk';
import { useEffect, useState } from 'react';
import { strings } from '../strings/strings.ts';
import { type Happening, type HappeningType, withHappening } from './happenings.ts';
import { displayNameOf } from './tile-model.ts';
import styles from './toasts.module.css';

const SHOWN_MS = 5_000;
const MAX_TEXT = 140;

interface ToastsProps {
  readonly conference: Conference;
  /** The chat is open: what is written can be read there. */
  readonly readsChat: boolean;
}

export function Toasts({ conference, readsChat }: ToastsProps) {
  const all = useHappenings(conference);
  const shown = readsChat ? all.filter(({ type }) => type !== 'message') : all;
  return (
    <div className={styles.toasts} role="status">
      {shown.map(({ id, type, name, others, text }) => (
        <p key={id} className={styles.toast} dir="auto">
          {type === 'message'
            ? strings.call.wrote(name, text)
            : strings.call.happened[type](name, others)}
        </p>
      ))}
    </div>
  );
}

/** The beginning, without tearing a character apart. What is for us alone is not shown: others may see our screen. */
function excerptOf({ text, privateWith }: ChatMessage): string {
  if (privateWith !== undefined) return strings.call.privately;
  const characters = [...text];
  return characters.length <= MAX_TEXT ? text : `${characters.slice(0, MAX_TEXT).join('')}…`;
}

function useHappenings(conference: Conference): readonly Happening[] {
  const [shown, setShown] = useState<readonly Happening[]>([]);
  useEffect(() => {
    const timers = new Set<number>();
    let lastId = 0;
    const tell = (type: HappeningType, name: string, text = '') => {
      const id = ++lastId;
      setShown((before) => withHappening(before, { id, type, name, text }));
      const hide = () => {
        timers.delete(timer);
        setShown((before) => before.filter((happening) => happening.id !== id));
      };
      const timer = window.setTimeout(hide, SHOWN_MS);
      timers.add(timer);
    };
    const handsUp = () => conference.participants.get().filter(({ raisedHand }) => raisedHand);
    let raised = new Set(handsUp().map(({ id }) => id));
    let newest = conference.chat.entries.get().at(-1);
    const stops = [
      conference.chat.entries.subscribe(() => {
        const entry = conference.chat.entries.get().at(-1);
        const isNews = entry?.type === 'message' && !entry.own && entry.id !== newest?.id;
        newest = entry;
        // What was said before we came is no news.
        if (isNews && Date.now() - entry.timeMs < SHOWN_MS) {
          tell('message', entry.fromName || strings.call.guest, excerptOf(entry));
        }
      }),
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
