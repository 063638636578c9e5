/**
 * A small window over everything else: one with buttons of ours (WICG Document Picture-in-Picture; Chrome, Edge), or else one
 * with a picture alone (W3C Picture-in-Picture; Safari). Firefox has its own for each picture, which pages cannot open.
 */

interface DocumentPictureInPicture {
  requestWindow(size: { width: number; height: number }): Promise<Window>;
}

/** The part of a window that is looked at. */
export interface PageWindow {
  readonly documentPictureInPicture?: DocumentPictureInPicture;
  readonly document: { readonly pictureInPictureEnabled?: boolean };
}

/** Browsers forget the click after five seconds (HTML, transient activation). */
const PATIENCE_MS = 3_000;
const SIZE = { width: 360, height: 280 } as const;

/** Undefined where the browser has neither. */
export function pictureInPictureOf({
  documentPictureInPicture,
  document,
}: PageWindow): 'document' | 'video' | undefined {
  if (documentPictureInPicture !== undefined) return 'document';
  return document.pictureInPictureEnabled === true ? 'video' : undefined;
}

/** Must be called while handling a click or a key. Rejects when the browser does not allow it. */
export async function openDocumentWindow(page: Window & PageWindow): Promise<Window> {
  const opened = await page.documentPictureInPicture?.requestWindow(SIZE);
  if (opened === undefined) throw new Error('this browser has no such windows');
  const { document } = opened;
  document.documentElement.lang = page.document.documentElement.lang;
  document.title = page.document.title;
  for (const sheet of page.document.querySelectorAll('link[rel="stylesheet"], style')) {
    const copy = document.importNode(sheet, true);
    // Whole addresses: the new window has none that others could be seen from.
    if (sheet instanceof HTMLLinkElement) copy.setAttribute('href', sheet.href);
    document.head.append(copy);
  }
  return opened;
}

/** As `openDocumentWindow`; rejects too when there is no picture to show. */
export async function openVideoWindow(stream: MediaStream): Promise<HTMLVideoElement> {
  const video = document.createElement('video');
  video.muted = true;
  video.playsInline = true;
  // Also with another picture later.
  video.autoplay = true;
  video.className = 'visually-hidden';
  video.srcObject = stream;
  video.setAttribute('aria-hidden', 'true');
  // Out of the page browsers may neither play it nor open a window for it.
  document.body.append(video);
  try {
    await firstPicture(video);
    await video.requestPictureInPicture();
  } catch (error) {
    video.remove();
    throw error;
  }
  video.addEventListener('leavepictureinpicture', () => video.remove());
  return video;
}

/** Nothing may come at the moment: then there is nothing to open a window for. */
function firstPicture(video: HTMLVideoElement): Promise<void> {
  return new Promise((resolve, reject) => {
    window.setTimeout(() => reject(new Error('no picture came')), PATIENCE_MS);
    video.play().then(resolve, reject);
  });
}
