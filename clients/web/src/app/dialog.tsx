/** A dialogue over the page: the browser keeps the focus inside, closes it with Escape and gives the focus back. */
import { type ReactNode, useEffect, useId, useRef } from 'react';
import { CloseIcon } from '../icons/icons.tsx';
import { strings } from '../strings/strings.ts';
import styles from './dialog.module.css';
import icon from './icon-button.module.css';

interface DialogProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

export function Dialog({ title, onClose, children }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useEffect(() => {
    const element = dialog.current;
    const before = document.activeElement;
    if (element === null) return;
    element.showModal();
    return () => {
      element.close();
      // The browser does it too, but not when the dialogue is taken out of the page at the same moment.
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape does the same as the click beside the dialogue
    <dialog
      ref={dialog}
      className={styles.dialog}
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={({ target, currentTarget }) => {
        if (target === currentTarget) onClose();
      }}
    >
      <div className={styles.content}>
        <header className={styles.header}>
          <h2 id={titleId} className={styles.title}>
            {title}
          </h2>
          <button
            type="button"
            className={`${icon.iconButton} ${styles.close}`}
            aria-label={strings.dialog.close}
            onClick={onClose}
          >
            <CloseIcon />
          </button>
        </header>
        {children}
      </div>
    </dialog>
  );
}
