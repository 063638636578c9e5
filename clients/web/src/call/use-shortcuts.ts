/** Runs an action for its key, from anywhere in the page, and lets people speak while they hold the space bar. */
import { useEffect, useRef } from 'react';
import {
  beginsToTalk,
  type FocusedElement,
  type ShortcutAction,
  shortcutFor,
  TALK_KEY,
} from './shortcuts.ts';

export interface ShortcutHandlers {
  readonly act: (action: ShortcutAction) => void;
  /** Speaks now. */
  readonly startTalking: () => void;
  /** The key is up again, or would not be heard any more. */
  readonly stopTalking: () => void;
}

function focusedOf({ target }: KeyboardEvent): FocusedElement | undefined {
  if (!(target instanceof HTMLElement)) return undefined;
  return {
    tagName: target.tagName,
    isContentEditable: target.isContentEditable,
    isInDialog: target.closest('dialog, [role="menu"]') !== null,
  };
}

export function useShortcuts(handlers: ShortcutHandlers, enabled: boolean): void {
  const latest = useRef(handlers);
  useEffect(() => {
    latest.current = handlers;
  });
  useEffect(() => {
    if (!enabled) return;
    let talks = false;
    const stop = () => {
      if (talks) latest.current.stopTalking();
      talks = false;
    };
    const onKeyDown = (event: KeyboardEvent) => {
      const focused = focusedOf(event);
      const action = shortcutFor(event, focused);
      if (action !== undefined) {
        event.preventDefault();
        latest.current.act(action);
      } else if (beginsToTalk(event, focused)) {
        event.preventDefault();
        talks = true;
        latest.current.startTalking();
      } else if (talks && event.key === TALK_KEY) event.preventDefault();
    };
    const onKeyUp = ({ key }: KeyboardEvent) => {
      if (key === TALK_KEY) stop();
    };
    window.addEventListener('keydown', onKeyDown);
    window.addEventListener('keyup', onKeyUp);
    window.addEventListener('blur', stop);
    return () => {
      stop();
      window.removeEventListener('keydown', onKeyDown);
      window.removeEventListener('keyup', onKeyUp);
      window.removeEventListener('blur', stop);
    };
  }, [enabled]);
}
