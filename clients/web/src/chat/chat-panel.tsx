/** The conversation beside the call. */
import type { ChatEntry, Conference, Participant } from '@conclave/sdk';
import { useLayoutEffect, useRef, useState } from 'react';
import icon from '../app/icon-button.module.css';
import { SidePanel } from '../app/side-panel.tsx';
import { useFirstFocus } from '../app/use-first-focus.ts';
import { useStore } from '../app/use-store.ts';
import { displayNameOf } from '../call/tile-model.ts';
import { SendIcon } from '../icons/icons.tsx';
import { strings } from '../strings/strings.ts';
import { ChatEntryView } from './chat-entry-view.tsx';
import styles from './chat-panel.module.css';

interface ChatPanelProps {
  readonly conference: Conference;
  /** Whom the next message is for; empty for everybody. */
  readonly recipientId: string;
  readonly onClose: () => void;
}

export function ChatPanel({ conference, recipientId, onClose }: ChatPanelProps) {
  const entries = useStore(conference.chat.entries);
  const participants = useStore(conference.participants);
  const { groupChatRestricted } = useStore(conference.features.metadata.permissions);
  const permissions = useStore(conference.permissions);
  return (
    <SidePanel title={strings.chat.title} closeLabel={strings.chat.close} onClose={onClose}>
      <ChatLog entries={entries} />
      <ChatForm
        participants={participants}
        recipientId={recipientId}
        mayWriteToAll={!groupChatRestricted || permissions.get('send-groupchat') === true}
        onSend={(text, to) => conference.sendChat(text, to)}
      />
    </SidePanel>
  );
}

function ChatLog({ entries }: { readonly entries: readonly ChatEntry[] }) {
  const log = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  // biome-ignore lint/correctness/useExhaustiveDependencies: runs when entries are drawn
  useLayoutEffect(() => {
    if (log.current !== null && atEnd.current) log.current.scrollTop = log.current.scrollHeight;
  }, [entries]);
  return (
    <div
      ref={log}
      className={styles.log}
      role="log"
      aria-live="polite"
      aria-label={strings.chat.log}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
      tabIndex={0}
      onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) => {
        atEnd.current = scrollHeight - scrollTop - clientHeight < 40;
      }}
    >
      {entries.length === 0 && <p className={styles.empty}>{strings.chat.empty}</p>}
      {entries.map((entry) => (
        <ChatEntryView key={entry.id} entry={entry} />
      ))}
    </div>
  );
}

interface ChatFormProps {
  readonly participants: readonly Participant[];
  readonly recipientId: string;
  /** Or to single people only. */
  readonly mayWriteToAll: boolean;
  readonly onSend: (text: string, toId: string | undefined) => void;
}

function ChatForm({ participants, recipientId, mayWriteToAll, onSend }: ChatFormProps) {
  const [text, setText] = useState('');
  const [toId, setToId] = useState(recipientId);
  const input = useFirstFocus<HTMLTextAreaElement>();
  const recipient = participants.find(({ id }) => id === toId);
  const mayWrite = mayWriteToAll || recipient !== undefined;
  const send = () => {
    if (text.trim() === '' || !mayWrite) return;
    onSend(text, recipient?.id);
    setText('');
    input.current?.focus();
  };
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      {!mayWriteToAll && <p className={styles.restricted}>{strings.chat.restricted}</p>}
      {participants.length > 0 && (
        <label className={styles.recipient}>
          {strings.chat.recipient}
          <select
            className={styles.select}
            value={recipient?.id ?? ''}
            onChange={(event) => setToId(event.target.value)}
          >
            <option value="">
              {mayWriteToAll ? strings.chat.everybody : strings.chat.nobodyYet}
            </option>
            {participants.map((participant) => (
              <option key={participant.id} value={participant.id}>
                {displayNameOf(participant)}
              </option>
            ))}
          </select>
        </label>
      )}
      <div className={styles.row}>
        <textarea
          ref={input}
          className={styles.input}
          rows={2}
          disabled={!mayWrite}
          value={text}
          placeholder={strings.chat.placeholder}
          aria-label={
            recipient === undefined
              ? strings.chat.inputLabel
              : strings.chat.privateInputLabel(displayNameOf(recipient))
          }
          onChange={(event) => setText(event.target.value)}
          onKeyDown={(event) => {
            // Enter ends a composition before it sends (IME).
            if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
            event.preventDefault();
            send();
          }}
        />
        <button
          type="submit"
          className={icon.iconButton}
          aria-label={strings.chat.send}
          title={strings.chat.send}
        >
          <SendIcon />
        </button>
      </div>
    </form>
  );
}
