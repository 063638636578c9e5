/** One room of a divided meeting: who is in it, the way there; for moderators, its name and its end. */
import type { BreakoutRoom } from '@conclave/sdk';
import { useEffect, useRef, useState } from 'react';
import panel from '../app/panel-content.module.css';
import screen from '../app/screen.module.css';
import { SmallButton } from '../app/small-button.tsx';
import { strings } from '../strings/strings.ts';
import { Entry } from './entry.tsx';
import styles from './people.module.css';

export function roomName({ isMain, name }: BreakoutRoom): string {
  return isMain ? strings.breakout.mainRoom : name;
}

/** Of those in one room; the others are counted. */
const MAX_NAMES = 6;

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
  const names = room.people.map((person) => person.displayName || strings.call.guest);
  const people = texts.people(names.slice(0, MAX_NAMES), Math.max(0, names.length - MAX_NAMES));
  const endRenaming = () => {
    setRenaming(false);
    renameButton.current?.focus();
  };
  return (
    <Entry
      name={
        <>
          <strong>
            <bdi>{name}</bdi>
          </strong>
          <br />
          <span className={panel.quiet}>{people || texts.nobody}</span>
        </>
      }
      buttons={
        <>
          {isHere ? (
            <span className={panel.quiet}>{texts.here}</span>
          ) : (
            <SmallButton text={texts.go} label={texts.goTo(name)} onClick={onGo} />
          )}
          {mayChange && (
            <>
              <SmallButton
                ref={renameButton}
                text={texts.rename}
                label={texts.renameRoom(name)}
                expanded={renaming}
                onClick={() => setRenaming(!renaming)}
              />
              <SmallButton text={texts.close} label={texts.closeRoom(name)} onClick={onClose} />
            </>
          )}
        </>
      }
    >
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
    </Entry>
  );
}

interface RenameFormProps {
  readonly name: string;
  readonly onRename: (name: string) => void;
  readonly onCancel: () => void;
}

function RenameForm({ name, onRename, onCancel }: RenameFormProps) {
  const [text, setText] = useState(name);
  const input = useRef<HTMLInputElement>(null);
  const texts = strings.breakout;
  useEffect(() => {
    input.current?.focus();
    input.current?.select();
  }, []);
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
        ref={input}
        onChange={({ target }) => setText(target.value)}
      />
      <button type="submit" className={panel.small}>
        {texts.rename}
      </button>
    </form>
  );
}
