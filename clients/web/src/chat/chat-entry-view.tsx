/** One line of the conversation. Text is only ever put in as text. */
import type { ChatEntry, ChatMessage } from '@conclave/sdk';
import { strings } from '../strings/strings.ts';
import styles from './chat-entry-view.module.css';
import { linkify } from './linkify.ts';
import { timeLocale } from './time-locale.ts';

function timeText(timeMs: number): string {
  const locale = timeLocale(document.documentElement.lang, navigator.languages);
  return new Date(timeMs).toLocaleTimeString(locale, { hour: 'numeric', minute: '2-digit' });
}

function senderText({ own, fromName, toName, privateWith }: ChatMessage): string {
  const guest = strings.call.guest;
  if (privateWith === undefined) return own ? strings.call.you : fromName || guest;
  return own
    ? strings.chat.privateTo(toName || guest)
    : strings.chat.privateFrom(fromName || guest);
}

export function ChatEntryView({ entry }: { readonly entry: ChatEntry }) {
  switch (entry.type) {
    case 'message':
      return <MessageView message={entry} />;
    case 'notice':
      return <p className={styles.system}>{entry.text || strings.chat.notSent}</p>;
    case 'joined':
    case 'left':
      return (
        <p className={styles.system}>
          {strings.chat[entry.type](entry.name || strings.call.guest)}{' '}
          <Time timeMs={entry.timeMs} />
        </p>
      );
    default: {
      const never: never = entry;
      return never;
    }
  }
}

function MessageView({ message }: { readonly message: ChatMessage }) {
  const { own, privateWith, text, timeMs } = message;
  const classes = [styles.message, own && styles.own, privateWith !== undefined && styles.private];
  return (
    <div className={classes.filter(Boolean).join(' ')} data-own={own}>
      <p className={styles.meta}>
        <strong dir="auto">{senderText(message)}</strong> <Time timeMs={timeMs} />
      </p>
      <p className={styles.text} data-text="" dir="auto">
        {linkify(text).map((part, index) =>
          part.type === 'text' ? (
            part.text
          ) : (
            <a
              // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a message never change
              key={index}
              href={part.href}
              target="_blank"
              rel="noopener noreferrer nofollow"
            >
              {part.text}
            </a>
          ),
        )}
      </p>
    </div>
  );
}

function Time({ timeMs }: { readonly timeMs: number }) {
  return (
    <time className={styles.time} dateTime={new Date(timeMs).toISOString()}>
      {timeText(timeMs)}
    </time>
  );
}
