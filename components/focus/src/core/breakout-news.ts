/** What the component of breakout rooms tells the focus about a conference that has some. */
import { isJsonObject } from '@conclave/base';

export interface BreakoutNews {
  /** Bare JID of the main room. */
  readonly room: string;
  /** There are breakout rooms: the main room is needed even when nobody is in it. */
  readonly isOpen: boolean;
  /** A moderator is in one of the rooms or on the way, so the main room needs no other. */
  readonly hasModerator: boolean;
}

/** Reads the JSON of a `breakout_rooms` message; undefined when it is none, or not for the focus. */
export function breakoutNewsFromJson(text: string): BreakoutNews | undefined {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isJsonObject(json) || json.type !== 'breakout_rooms') return undefined;
  const { room, isOpen, hasModerator } = json;
  if (typeof room !== 'string' || typeof isOpen !== 'boolean') return undefined;
  return { room, isOpen, hasModerator: hasModerator === true };
}
