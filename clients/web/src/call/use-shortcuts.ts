/** Runs an action for its key, from anywhere in the page. */
import { useEffect, useRef } from 'react';
import { type ShortcutAction, shortcutFor } from './shortcuts.ts';

export function useShortcuts(act: (action: ShortcutAction) => void, enabled: boolean): void {
  const latest = useRef(act);
  useEffect(() => {
    latest.current = act;
  });
  useEffect(() => {
    if (!enabled) return;
    const onKeyDown = (event: KeyboardEvent) => {
      const { target } = event;
      const focused =
        target instanceof HTMLElement
          ? {
              tagName: target.tagName,
              isContentEditable: target.isContentEditable,
              isInDialog: target.closest('dialog, [role="menu"]') !== null,
            }
          : undefined;
      const action = shortcutFor(event, focused);
      if (action === undefined) return;
      event.preventDefault();
      latest.current(action);
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, [enabled]);
}
