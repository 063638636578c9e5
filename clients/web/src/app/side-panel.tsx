/** What stands beside the call, and covers it on narrow screens: a heading, a way to close, and its content. */
import type { ReactNode } from 'react';
import { CloseIcon } from '../icons/icons.tsx';
import icon from './icon-button.module.css';
import styles from './side-panel.module.css';

interface SidePanelProps {
  readonly title: string;
  readonly closeLabel: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

export function SidePanel({ title, closeLabel, onClose, children }: SidePanelProps) {
  return (
    <aside
      className={styles.panel}
      aria-label={title}
      onKeyDown={(event) => {
        if (event.key === 'Escape') onClose();
      }}
    >
      <header className={styles.header}>
        <h2 className={styles.title}>{title}</h2>
        <button
          type="button"
          className={icon.iconButton}
          aria-label={closeLabel}
          title={closeLabel}
          onClick={onClose}
        >
          <CloseIcon />
        </button>
      </header>
      {children}
    </aside>
  );
}
