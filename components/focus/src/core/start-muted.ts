/** Who joins starts muted: the `startMuted` entry of the room's metadata. */

export interface StartMuted {
  readonly audio: boolean;
  readonly video: boolean;
}

/** Reads the JSON of a `room_metadata` message; what is missing or makes no sense is false. */
export function startMutedFromJson(text: string): StartMuted {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    // Not JSON: no policy.
  }
  const startMuted = member(member(json, 'metadata'), 'startMuted');
  return {
    audio: member(startMuted, 'audio') === true,
    video: member(startMuted, 'video') === true,
  };
}

function member(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined;
}
