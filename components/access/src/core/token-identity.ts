/**
 * What an accepted token says about its holder (docs: protocol-signaling 5.4, 5.5, 5.8). Only texts
 * and switches of the expected kind are taken over, cut to a length that rooms can repeat.
 */
import { asObject, type JsonObject } from './decode-token.ts';

export interface TokenUser {
  readonly id?: string;
  readonly name?: string;
  readonly email?: string;
  readonly avatar?: string;
  readonly hiddenFromRecorder?: boolean;
}

/** How a meeting is to be when the holder opens it as moderator. */
export interface TokenRoomSettings {
  readonly hasLobby?: boolean;
  readonly password?: string;
  readonly maxOccupants?: number;
}

export interface TokenIdentity {
  readonly user?: TokenUser;
  readonly group?: string;
  /** Undefined: the token does not say. */
  readonly isModerator: boolean | undefined;
  readonly features: Readonly<Record<string, boolean>> | undefined;
  readonly roomSettings?: TokenRoomSettings;
  readonly passesLobbies?: boolean;
}

const MAX_NAME_LENGTH = 256;
const MAX_URL_LENGTH = 2048;
const MAX_FEATURES = 64;
const MODERATOR_AFFILIATIONS: readonly unknown[] = ['owner', 'moderator', 'teacher'];

export function identityFromClaims(claims: JsonObject): TokenIdentity {
  const context = asObject(claims.context);
  const user = asObject(context?.user);
  const about = userFrom(user ?? (context === undefined ? { id: claims.user_id } : {}));
  const group = nameOf(context?.group);
  const room = roomSettingsOf(asObject(context?.room));
  return {
    ...(Object.keys(about).length > 0 && { user: about }),
    ...(group !== undefined && { group }),
    isModerator: user === undefined ? undefined : moderatorOf(user),
    features: featuresOf(asObject(context?.features)),
    ...(Object.keys(room).length > 0 && { roomSettings: room }),
    ...(isTrue(user?.lobby_bypass) && { passesLobbies: true }),
  };
}

function roomSettingsOf(room: JsonObject | undefined): TokenRoomSettings {
  const password = room?.password;
  const people = room?.max_occupants;
  return {
    ...(isTrue(room?.lobby) && { hasLobby: true }),
    ...(typeof password === 'string' &&
      password !== '' &&
      password.length <= MAX_NAME_LENGTH && { password }),
    ...(Number.isSafeInteger(people) && Number(people) > 0 && { maxOccupants: Number(people) }),
  };
}

function userFrom(user: JsonObject): TokenUser {
  const [id, name, email] = [nameOf(user.id), nameOf(user.name), nameOf(user.email)];
  const avatar = urlOf(user.avatar) ?? urlOf(user.avatarUrl);
  return {
    ...(id !== undefined && { id }),
    ...(name !== undefined && { name }),
    ...(email !== undefined && { email }),
    ...(avatar !== undefined && { avatar }),
    ...(isTrue(user['hidden-from-recorder']) && { hiddenFromRecorder: true }),
  };
}

function moderatorOf(user: JsonObject): boolean | undefined {
  if (isTrue(user.moderator) || MODERATOR_AFFILIATIONS.includes(user.affiliation)) return true;
  return user.moderator === undefined && user.affiliation === undefined ? undefined : false;
}

function featuresOf(features: JsonObject | undefined): TokenIdentity['features'] {
  if (features === undefined) return undefined;
  const entries = Object.entries(features).slice(0, MAX_FEATURES);
  return Object.fromEntries(entries.map(([name, value]) => [name, isTrue(value)]));
}

function isTrue(value: unknown): boolean {
  return value === true || value === 'true';
}

/** Numbers are ids in some systems. */
function nameOf(value: unknown): string | undefined {
  const text = typeof value === 'number' ? String(value) : value;
  if (typeof text !== 'string') return undefined;
  // Not allowed in XML, or half a character.
  const clean = text.replace(/[\p{Cc}\p{Cs}\uFFFE\uFFFF]/gu, '').slice(0, MAX_NAME_LENGTH);
  return clean === '' ? undefined : clean.replace(/[\uD800-\uDBFF]$/, '');
}

function urlOf(value: unknown): string | undefined {
  if (typeof value !== 'string' || value.length > MAX_URL_LENGTH || !URL.canParse(value)) {
    return undefined;
  }
  const url = new URL(value);
  return url.protocol === 'https:' || url.protocol === 'http:' ? url.href : undefined;
}
