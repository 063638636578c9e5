/** A small button in a panel. */
import type { Ref } from 'react';
import panel from './panel-content.module.css';

interface SmallButtonProps {
  readonly text: string;
  /** Said instead of the text, where there are several buttons with the same. */
  readonly label?: string;
  /** For buttons that open something: whether it is open. */
  readonly expanded?: boolean;
  readonly ref?: Ref<HTMLButtonElement>;
  readonly onClick: () => void;
}

export function SmallButton({ text, label, expanded, ref, onClick }: SmallButtonProps) {
  return (
    <button
      type="button"
      ref={ref}
      className={panel.small}
      aria-label={label}
      aria-expanded={expanded}
      onClick={onClick}
    >
      {text}
    </button>
  );
}
