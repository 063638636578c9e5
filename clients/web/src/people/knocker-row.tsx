/** Somebody who waits outside: let in or not; what they wrote, and an answer. */
import type { Knocker } from '@conclave/sdk';
import { useState } from 'react';
import screen from '../app/screen.module.css';
import { SmallButton } from '../app/small-button.tsx';
import { strings } from '../strings/strings.ts';
import { Entry } from './entry.tsx';
import styles from './people.module.css';

interface KnockerRowProps {
  readonly knocker: Knocker;
  readonly onAdmit: () => void;
  readonly onDeny: () => void;
  readonly onAnswer: (text: string) => void;
}

export function KnockerRow({ knocker, onAdmit, onDeny, onAnswer }: KnockerRowProps) {
  const [text, setText] = useState('');
  const name = knocker.displayName || strings.call.guest;
  const texts = strings.people;
  return (
    <Entry
      name={<bdi>{name}</bdi>}
      buttons={
        <>
          <SmallButton text={texts.admit} label={texts.admitName(name)} onClick={onAdmit} />
          <SmallButton text={texts.deny} label={texts.denyName(name)} onClick={onDeny} />
        </>
      }
    >
      {knocker.messages.length > 0 && (
        <form
          className={styles.note}
          onSubmit={(event) => {
            event.preventDefault();
            onAnswer(text);
            setText('');
          }}
        >
          {knocker.messages.map((message, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: messages are only ever added
            <p key={index} className={message.own ? styles.ownNote : undefined} dir="auto">
              <strong>{message.own ? strings.call.you : name}:</strong> {message.text}
            </p>
          ))}
          <input
            className={screen.input}
            value={text}
            placeholder={texts.answer}
            aria-label={texts.answerTo(name)}
            maxLength={1_000}
            onChange={(event) => setText(event.target.value)}
          />
        </form>
      )}
    </Entry>
  );
}
