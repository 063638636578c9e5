/** A button that opens a list of commands (WAI-ARIA menu button): arrows move, Escape closes and gives the focus back. */
import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from 'react';
import styles from './menu.module.css';

export interface MenuItem {
  readonly key: string;
  readonly label: string;
  /** Stands for the label, in a row with others of its kind. */
  readonly picture?: string;
  /** Ends something, or removes somebody. */
  readonly danger?: boolean;
  readonly onSelect: () => void;
}

interface MenuProps {
  readonly items: readonly MenuItem[];
  readonly label: string;
  /** Where the list opens, seen from the button. */
  readonly placement: 'above' | 'below';
  /** Draws the button; what it gets must be put on it. */
  readonly children: (button: MenuButtonProps) => ReactNode;
}

export interface MenuButtonProps {
  readonly ref: (element: HTMLButtonElement | null) => void;
  readonly expanded: boolean;
  readonly onClick: () => void;
}

export function Menu({ items, label, placement, children }: MenuProps) {
  const [open, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement | null>(null);

  const close = () => {
    setOpen(false);
    button.current?.focus();
  };
  useEffect(() => {
    if (!open) return;
    // In a panel that scrolls, as after zooming in, it may open out of sight.
    list.current?.scrollIntoView({ block: 'nearest' });
    list.current?.querySelector('button')?.focus({ preventScroll: true });
    const onPointerDown = ({ target }: PointerEvent) => {
      if (target instanceof Node && root.current?.contains(target) === false) setOpen(false);
    };
    document.addEventListener('pointerdown', onPointerDown);
    return () => document.removeEventListener('pointerdown', onPointerDown);
  }, [open]);

  const onKeyDown = (event: KeyboardEvent) => {
    const buttons = [...(list.current?.querySelectorAll('button') ?? [])];
    const at = buttons.findIndex((item) => item.matches(':focus'));
    const next = nextIndex(event.key, at, buttons.length);
    if (next !== undefined) buttons[next]?.focus();
    else if (event.key === 'Escape' || event.key === 'Tab') close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <div className={styles.root} ref={root}>
      {children({
        ref: (element) => {
          button.current = element;
        },
        expanded: open,
        onClick: () => setOpen(!open),
      })}
      {open && (
        <div
          ref={list}
          className={`${styles.list} ${styles[placement]}`}
          role="menu"
          tabIndex={-1}
          aria-label={label}
          onKeyDown={onKeyDown}
        >
          {items.map(({ key, label: text, picture, danger, onSelect }) => (
            <button
              key={key}
              type="button"
              role="menuitem"
              tabIndex={-1}
              className={`${styles.item} ${danger ? styles.danger : ''} ${picture ? styles.picture : ''}`}
              aria-label={picture && text}
              title={picture && text}
              onClick={() => {
                close();
                onSelect();
              }}
            >
              {picture ?? text}
            </button>
          ))}
        </div>
      )}
    </div>
  );
}

/** Undefined for keys that do not move. */
function nextIndex(key: string, at: number, count: number): number | undefined {
  switch (key) {
    case 'ArrowDown':
    case 'ArrowRight':
      return (at + 1) % count;
    case 'ArrowUp':
    case 'ArrowLeft':
      return (at - 1 + count) % count;
    case 'Home':
      return 0;
    case 'End':
      return count - 1;
    default:
      return undefined;
  }
}
