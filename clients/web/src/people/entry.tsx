/** Somebody, or a room, in a list of the panel: the name, what can be done, and what belongs to it below. */
import type { ReactNode } from 'react';
import panel from '../app/panel-content.module.css';
import styles from './people.module.css';

interface EntryProps {
  readonly name: ReactNode;
  readonly buttons: ReactNode;
  readonly children?: ReactNode;
}

export function Entry({ name, buttons, children }: EntryProps) {
  return (
    <li className={styles.entry}>
      <span className={styles.name}>{name}</span>
      <span className={panel.buttons}>{buttons}</span>
      {children}
    </li>
  );
}
