/** A participant in a real browser, whichever client runs in it. What every test story is told in. */
import type { PictureReading } from '@conclave/testkit/browser';

/** Another participant as one client sees, shows and plays them. */
export interface RemoteParticipant {
  /** Endpoint id, which is the nickname in the room. */
  readonly id: string;
  readonly displayName: string;
  /** One reading per video track shown as theirs. */
  readonly pictures: readonly PictureReading[];
  /** The numbers whose tones are heard as theirs. */
  readonly tones: readonly number[];
}

export interface CallClient {
  /** 1..20; its picture, its tone and the end of its display name. */
  readonly number: number;
  /** Endpoint id once joined. */
  readonly id: string;
  /** Joins `room`; rejects when refused. */
  join(room: string, options?: { readonly password?: string }): Promise<void>;
  readRemote(): Promise<RemoteParticipant[]>;
  sendChat(text: string): Promise<void>;
  /** Texts received from others, oldest first. */
  chatTexts(): Promise<string[]>;
  leave(): Promise<void>;
  close(): Promise<void>;
}

/** The display name that says whose picture and tone to expect. */
export function displayNameOf(number: number): string {
  return `participant ${number}`;
}

/** The number that a display name promises, or undefined. */
export function numberOfName(displayName: string): number | undefined {
  const digits = /^participant (\d+)$/.exec(displayName)?.[1];
  return digits === undefined ? undefined : Number(digits);
}
