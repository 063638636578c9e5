/** Another WebRTC implementation as a receiver. */

/** What arrived on one line of the offer. */
export interface LineReading {
  readonly kind: 'audio' | 'video';
  /** Decoded frames. */
  readonly count: number;
  /** The sender's number that a picture shows. */
  readonly number?: number | undefined;
  /** Whether a voice is more than silence. */
  readonly isAudible?: boolean;
}

export interface Peer {
  /** Takes the description of an offer and returns that of the answer. */
  answer(offer: string): Promise<string>;
  /** What came so far, by mid. */
  read(): Promise<ReadonlyMap<string, LineReading>>;
  /** For a failed test. */
  readonly log: string;
  close(): Promise<void>;
}
