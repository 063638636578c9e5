/** One room of a divided meeting: who is in it, the way there; for moderators, its name and its end. */
import type { BreakoutRoom } from '@conclave/sdk';
import { useRef, useState } from 'react';
import panel from '../app/panel-content.module.css';
import screen from '../app/screen.module.css';
import { strings } from '../strings/en.ts';
import styles from './people.module.css';

export function roomName({ isMain, name }: BreakoutRoom): string {
  return isMain ? strings.breakout.mainRoom : name;
}

interface BreakoutRowProps {
  readonly room: BreakoutRoom;
  readonly isHere: boolean;
  /** The main room has its name and its end elsewhere. */
  readonly mayChange: boolean;
  readonly onGo: () => void;
  readonly onRename: (name: string) => void;
  readonly onClose: () => void;
}

export function BreakoutRow({
  room,
  isHere,
  mayChange,
  onGo,
  onRename,
  onClose,
}: BreakoutRowProps) {
  const [renaming, setRenaming] = useState(false);
  const renameButton = useRef<HTMLButtonElement>(null);
  const texts = strings.breakout;
  const name = roomName(room);
  const people = room.people.map((person) => person.displayName || strings.call.guest).join(', ');
  const endRenaming = () => {
    setRenaming(false);
    renameButton.current?.focus();
  };
  return (
    <li className={styles.knocker}>
      <span className={styles.name}>
        <strong>{name}</strong>
        <br />
        <span className={panel.quiet}>{people || texts.nobody}</span>
      </span>
      <span className={panel.buttons}>
        {isHere ? (
          <span className={panel.quiet}>{texts.here}</span>
        ) : (
          <button
            type="button"
            className={panel.small}
            aria-label={texts.goTo(name)}
            onClick={onGo}
          >
            {texts.go}
          </button>
        )}
        {mayChange && (
          <>
            <button
              type="button"
              ref={renameButton}
              className={panel.small}
              aria-label={texts.renameRoom(name)}
              aria-expanded={renaming}
              onClick={() => setRenaming(!renaming)}
            >
              {texts.rename}
            </button>
            <button
              type="button"
              className={panel.small}
              aria-label={texts.closeRoom(name)}
              onClick={onClose}
            >
              {texts.close}
            </button>
          </>
        )}
      </span>
      {renaming && (
        <RenameForm
          name={name}
          onRename={(next) => {
            onRename(next);
            endRenaming();
          }}
          onCancel={endRenaming}
        />
      )}
    </li>
  );
}

interface RenameFormProps {
  readonly name: string;
  readonly onRename: (name: string) => void;
  readonly onCancel: () => void;
}

function RenameForm({ name, onRename, onCancel }: RenameFormProps) {
  const [text, setText] = useState(name);
  const texts = strings.breakout;
  return (
    <form
      className={styles.note}
      onSubmit={(event) => {
        event.preventDefault();
        const next = text.trim();
        if (next === '' || next === name) onCancel();
        else onRename(next);
      }}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        // Ends the renaming, not the panel.
        event.stopPropagation();
        onCancel();
      }}
    >
      <input
        className={screen.input}
        value={text}
        aria-label={texts.newNameOf(name)}
        maxLength={100}
        // biome-ignore lint/a11y/noAutofocus: it was asked for with the button
        autoFocus
        onFocus={({ target }) => target.select()}
        onChange={({ target }) => setText(target.value)}
      />
      <button type="submit" className={panel.small}>
        {texts.rename}
      </button>
    </form>
  );
}
