/** Which panel stands beside the call, whom the chat is for, what of it was read, and where the focus goes afterwards. */
import { type RefObject, useCallback, useRef, useState } from 'react';

export type Panel = 'chat' | 'people' | 'polls';

export interface Panels {
  readonly panel: Panel | undefined;
  /** Whom the next message is for; empty for everybody. */
  readonly recipientId: string;
  /** Of the newest message that was on the screen. */
  readonly seenId: string | undefined;
  /** Where the focus goes when a panel is closed. */
  readonly buttons: Readonly<Record<Panel, RefObject<HTMLButtonElement | null>>>;
  readonly open: (panel: Panel, recipientId?: string) => void;
  readonly close: () => void;
  readonly toggle: (panel: Panel) => void;
}

/** @param newestId of the chat */
export function usePanels(newestId: string | undefined): Panels {
  const [panel, setPanel] = useState<Panel | undefined>(undefined);
  const [recipientId, setRecipientId] = useState('');
  const [seenId, setSeenId] = useState<string | undefined>(undefined);
  const buttons = {
    chat: useRef<HTMLButtonElement>(null),
    people: useRef<HTMLButtonElement>(null),
    polls: useRef<HTMLButtonElement>(null),
  };
  // What is looked up when it happens, so that listeners need not be renewed with every message.
  const latest = useRef({ panel, newestId, buttons });
  latest.current = { panel, newestId, buttons };

  const open = useCallback((next: Panel, toId = '') => {
    const { panel: before, newestId: newest } = latest.current;
    if (next === 'chat' || before === 'chat') setSeenId(newest);
    setRecipientId(toId);
    setPanel(next);
  }, []);
  const close = useCallback(() => {
    const { panel: before, newestId: newest, buttons: known } = latest.current;
    if (before === undefined) return;
    if (before === 'chat') setSeenId(newest);
    setPanel(undefined);
    known[before].current?.focus();
  }, []);
  const toggle = useCallback(
    (which: Panel) => {
      if (latest.current.panel === which) close();
      else open(which);
    },
    [open, close],
  );
  return { panel, recipientId, seenId, buttons, open, close, toggle };
}
