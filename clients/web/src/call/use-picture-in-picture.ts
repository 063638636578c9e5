/** The small window over everything else: open or not, and what is in it. At most one; it closes with the call. */
import { useCallback, useEffect, useRef, useState } from 'react';
import { openDocumentWindow, openVideoWindow, pictureInPictureOf } from './picture-in-picture.ts';

export interface PictureInPicture {
  readonly isAvailable: boolean;
  readonly isOpen: boolean;
  /** Where our own view is to be drawn, in browsers that have such windows. */
  readonly window: Window | undefined;
  /** Opens or closes it; must be called while handling a click or a key. Rejects when it cannot be opened. */
  readonly toggle: () => Promise<void>;
  /** What a window with a picture alone shows. */
  readonly show: (stream: MediaStream | undefined) => void;
}

type Opened =
  | { readonly type: 'document'; readonly window: Window }
  | { readonly type: 'video'; readonly video: HTMLVideoElement };

export function usePictureInPicture(): PictureInPicture {
  const kind = pictureInPictureOf(window);
  const [opened, setOpened] = useState<Opened | undefined>(undefined);
  const stream = useRef<MediaStream | undefined>(undefined);
  /** The one that is there, or on its way. */
  const current = useRef<Promise<Opened> | undefined>(undefined);

  const toggle = useCallback(async () => {
    if (current.current !== undefined) {
      // Also when the browser is still opening it.
      close(await current.current);
      return;
    }
    const opening = open(kind, stream.current);
    current.current = opening;
    const forget = () => {
      if (current.current !== opening) return;
      current.current = undefined;
      setOpened(undefined);
    };
    try {
      const next = await opening;
      // The call may have ended meanwhile.
      if (current.current !== opening) return;
      whenClosed(next, forget);
      setOpened(next);
    } catch (error) {
      forget();
      throw error;
    }
  }, [kind]);
  const show = useCallback(
    (wanted: MediaStream | undefined) => {
      stream.current = wanted;
      if (opened?.type !== 'video') return;
      // An old picture stays rather than none: without one the browser would close the window. The same again would begin anew.
      const isNews = wanted !== undefined && wanted !== opened.video.srcObject;
      if (isNews) opened.video.srcObject = wanted;
    },
    [opened],
  );
  useEffect(
    () => () => {
      const last = current.current;
      current.current = undefined;
      last?.then(close, () => {});
    },
    [],
  );
  return {
    isAvailable: kind !== undefined,
    isOpen: opened !== undefined,
    window: opened?.type === 'document' ? opened.window : undefined,
    toggle,
    show,
  };
}

/** By us, or in the window itself. */
function whenClosed(opened: Opened, tell: () => void): void {
  if (opened.type === 'document') opened.window.addEventListener('pagehide', tell);
  else opened.video.addEventListener('leavepictureinpicture', tell);
}

async function open(
  kind: 'document' | 'video' | undefined,
  stream: MediaStream | undefined,
): Promise<Opened> {
  if (kind === 'document') return { type: 'document', window: await openDocumentWindow(window) };
  if (stream === undefined) throw new Error('there is no picture to show');
  return { type: 'video', video: await openVideoWindow(stream) };
}

/** Idempotent. */
function close(opened: Opened): void {
  if (opened.type === 'document') opened.window.close();
  else if (document.pictureInPictureElement === opened.video) {
    // It fails only when the window is closed already.
    document.exitPictureInPicture().catch(() => {});
  }
}
