/** Names for rooms: a suggestion nobody will guess, and what a name may not hold. */
import type { RandomSource } from '@conclave/base';

const FIRST = [
  'amber',
  'brave',
  'calm',
  'clear',
  'copper',
  'early',
  'gentle',
  'golden',
  'green',
  'happy',
  'light',
  'lucky',
  'misty',
  'noble',
  'quiet',
  'rapid',
  'silver',
  'sunny',
  'swift',
  'vivid',
] as const;
const SECOND = [
  'badger',
  'bison',
  'comet',
  'crane',
  'falcon',
  'fjord',
  'forest',
  'harbor',
  'heron',
  'island',
  'lagoon',
  'maple',
  'meadow',
  'otter',
  'pebble',
  'planet',
  'raven',
  'river',
  'summit',
  'willow',
] as const;
const THIRD = [
  'climbs',
  'dances',
  'drifts',
  'glides',
  'glows',
  'hums',
  'jumps',
  'laughs',
  'rests',
  'rises',
  'rolls',
  'runs',
  'sails',
  'shines',
  'sings',
  'sleeps',
  'sparks',
  'turns',
  'wakes',
  'waves',
] as const;
const SUFFIX_ALPHABET = 'abcdefghjkmnpqrstuvwxyz23456789';
const SUFFIX_LENGTH = 6;

/** Three words to say aloud, and six characters against guessing (about 42 bits in all). */
export function suggestRoomName(random: RandomSource): string {
  const pick = <T>(list: ArrayLike<T>): T => {
    const [a = 0, b = 0] = random.bytes(2);
    return list[((a << 8) | b) % list.length] as T;
  };
  let suffix = '';
  while (suffix.length < SUFFIX_LENGTH) suffix += pick(SUFFIX_ALPHABET);
  return `${pick(FIRST)}-${pick(SECOND)}-${pick(THIRD)}-${suffix}`;
}

export function isValidRoomName(name: string): boolean {
  return !/[?&:'"%#./\\]/.test(name) && name.length <= 200;
}

/** The path of a room, or of a room of a tenant (`acme/daily`); spaces become hyphens. */
export function roomPath(name: string): string {
  const parts = name.trim().replace(/\s+/g, '-').split('/');
  return `/${parts.map(encodeURIComponent).join('/')}`;
}

/** The room in the address bar: the last segment; undefined on the start page. */
export function roomFromPath(path: string): string | undefined {
  return segmentsOf(path).at(-1);
}

/** The segment before the room (`/acme/daily`); empty when there is none. */
export function tenantFromPath(path: string): string {
  return segmentsOf(path).at(-2) ?? '';
}

function segmentsOf(path: string): string[] {
  return path.split('/').filter(Boolean).map(decoded);
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
