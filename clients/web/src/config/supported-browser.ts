/**
 * Whether this browser has what nothing here can do without: Chrome and Edge 120, Firefox 125, Safari 17, and what came after
 * them. What some of these lack is asked for where it is used (loudspeakers, wake lock, full screen, picture in picture).
 */

/** The part of the global object that is looked at. */
export interface BrowserGlobals {
  readonly RTCPeerConnection?: unknown;
  readonly URL?: { readonly canParse?: unknown };
  readonly Intl?: { readonly Segmenter?: unknown };
}

export function isSupportedBrowser(globals: BrowserGlobals): boolean {
  const needed = [globals.RTCPeerConnection, globals.URL?.canParse, globals.Intl?.Segmenter];
  return needed.every((each) => typeof each === 'function');
}
