/** A round button of the call: a picture, a name, perhaps a state and a key. */
import type { ReactNode, Ref } from 'react';
import { strings } from '../strings/strings.ts';
import styles from './control-button.module.css';

interface ControlButtonProps {
  /** What it is, constant: the state is said by `pressed`. */
  readonly label: string;
  /** What pressing it does now. */
  readonly hint: string;
  /** Key that does the same. */
  readonly shortcut?: string | undefined;
  /** On, for buttons that switch something. */
  readonly pressed?: boolean;
  /** Drawn as switched off: a muted microphone, a camera that is off. */
  readonly off?: boolean;
  readonly danger?: boolean;
  /** It cannot be done, and `hint` says why: pressing it tells more. */
  readonly unavailable?: boolean;
  /** For buttons that open a menu: whether it is open. */
  readonly expanded?: boolean;
  /** Number on the button; 0 for none. */
  readonly badge?: number;
  readonly badgeLabel?: string;
  readonly onClick: () => void;
  readonly children: ReactNode;
  readonly ref?: Ref<HTMLButtonElement>;
}

export function ControlButton(props: ControlButtonProps) {
  const { label, hint, shortcut, pressed, off, danger, unavailable } = props;
  const { badge = 0, badgeLabel, children } = props;
  const tooltip = shortcut === undefined ? hint : strings.toolbar.withKey(hint, shortcut);
  const name = badge > 0 && badgeLabel !== undefined ? `${label}, ${badgeLabel}` : label;
  const classes = [
    styles.button,
    off && styles.off,
    danger && styles.danger,
    unavailable && styles.unavailable,
  ];
  return (
    <button
      type="button"
      ref={props.ref}
      className={classes.filter(Boolean).join(' ')}
      aria-label={name}
      data-tooltip={tooltip}
      aria-pressed={pressed}
      aria-haspopup={props.expanded === undefined ? undefined : 'menu'}
      aria-expanded={props.expanded}
      aria-keyshortcuts={shortcut}
      aria-disabled={unavailable}
      aria-description={unavailable ? hint : undefined}
      // Who presses it with a mouse does not want it to have the focus: the space bar would press it again.
      onMouseDown={(event) => event.preventDefault()}
      onClick={props.onClick}
    >
      {children}
      {badge > 0 && (
        <span className={styles.badge} aria-hidden="true">
          {badge > 99 ? '99+' : badge}
        </span>
      )}
    </button>
  );
}
