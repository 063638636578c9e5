/** What browsers do differently with one and the same session description. */
import type { SimulcastKind } from './simulcast-layers.ts';

export interface MediaTraits {
  /** Chromium and Safari take their own answer back with more SSRCs in it, Firefox wants RTP stream ids. */
  readonly simulcast: SimulcastKind;
  /**
   * Packets of an SSRC that the description does not name yet go to the line of their payload type, when there is only one, and that
   * line keeps the SSRC: the line that is its own gets nothing then, ever. Firefox does so (RFC 8843 §9.2 allows it); the first
   * picture of a meeting often comes before its line.
   */
  readonly guessesLines: boolean;
}

/** @param userAgent `navigator.userAgent` */
export function mediaTraitsOf(userAgent: string): MediaTraits {
  const isFirefox = userAgent.includes('Firefox/');
  return { simulcast: isFirefox ? 'rid' : 'ssrc', guessesLines: isFirefox };
}
