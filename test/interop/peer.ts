/** Another WebRTC implementation as a receiver. */

/** What arrived on one line of the offer. */
export interface LineReading {
  readonly kind: 'audio' | 'video';
  /** Decoded frames, or whole packets where nothing decodes. */
  readonly count: number;
  /** The sender's number that a picture shows, where one is decoded. */
  readonly number?: number | undefined;
  /** Whether a voice is more than silence, where it is decoded. */
  readonly isAudible?: boolean;
}

export interface Peer {
  /** Takes the description of an offer and returns that of the answer. */
  answer(offer: string): Promise<string>;
  /** What came so far, by mid. */
  read(): ReadonlyMap<string, LineReading>;
  /** For a failed test. */
  readonly log: string;
  close(): Promise<void>;
}
