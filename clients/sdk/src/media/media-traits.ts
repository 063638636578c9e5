/** What browsers do differently with one and the same session description. */

export interface MediaTraits {
  /** The browser takes simulcast by SSRC in its own answer. Firefox wants RTP stream ids instead, and so sends one layer. */
  readonly simulcastBySsrc: boolean;
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
  return { simulcastBySsrc: !isFirefox, guessesLines: isFirefox };
}
