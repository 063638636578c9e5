/** The whole screen for the meeting, and back. */

/** False on phones that have it for videos only. */
export function canFillScreen(): boolean {
  return document.fullscreenEnabled === true;
}

/** Must be called while handling a click or a key. */
export async function toggleFullScreen(): Promise<void> {
  if (!canFillScreen()) return;
  try {
    if (document.fullscreenElement === null) await document.documentElement.requestFullscreen();
    else await document.exitFullscreen();
  } catch {
    // The browser thinks nobody has asked for it: then it stays as it is.
  }
}
