/** Which rooms a token opens (docs: protocol-signaling 5.3). */
import { tenantOf } from '@conclave/protocols/xmpp';
import { asObject, type JsonObject } from './decode-token.ts';
import type { TokenRules } from './token-rules.ts';

/** Why not; names are those of the elements clients get. */
export type RoomRefusal =
  | 'room-name-does-not-match'
  | 'room-mismatch'
  | 'invalid-regex'
  | 'invalid-room-address';

export interface RoomAddress {
  readonly node: string;
  /** With the tenant, if there is one: `muc.acme.meet.example`. */
  readonly domain: string;
}

const MAX_PATTERN_LENGTH = 256;

/** Undefined: it opens `room`. */
export function refuseRoom(
  claims: JsonObject,
  rules: Pick<TokenRules, 'verifyDomain' | 'mucDomain'>,
  room: RoomAddress,
): RoomRefusal | undefined {
  const { node: name, domain } = room;
  const tenant = tenantOf(domain, rules.mucDomain);
  if (name === '' || tenant === undefined) return 'invalid-room-address';
  const refusal = refuseName(claims, rules, name);
  if (refusal !== undefined || !rules.verifyDomain) return refusal;
  const sub = String(claims.sub ?? '').toLowerCase();
  if (sub === '*') return undefined;
  // Rooms of a tenant belong to it, all others to the domain the rooms are on.
  const expected = tenant === '' ? domainOf(rules.mucDomain) : tenant;
  return sub === expected ? undefined : 'room-mismatch';
}

function refuseName(
  claims: JsonObject,
  { verifyDomain }: Pick<TokenRules, 'verifyDomain'>,
  name: string,
): RoomRefusal | undefined {
  const claim = typeof claims.room === 'string' ? claims.room.toLowerCase() : '';
  if (claim === '*') return undefined;
  const { regex } = asObject(asObject(claims.context)?.room) ?? {};
  if (verifyDomain && (regex === true || regex === 'true')) {
    const matches = matchesLuaPattern(name, claim);
    if (matches === undefined) return 'invalid-regex';
    return matches ? undefined : 'room-name-does-not-match';
  }
  // Clients encode what is not allowed in an address.
  return name === claim || name === encoded(claim) ? undefined : 'room-name-does-not-match';
}

function encoded(claim: string): string | undefined {
  try {
    return encodeURIComponent(claim).toLowerCase();
  } catch {
    return undefined; // half a character
  }
}

/**
 * The part of Lua's patterns that room names need: literals, `.`, `.*`, `.+`, `.-`, `%` before a
 * literal. Each becomes a bounded step, so no pattern takes long; undefined for any other.
 */
function matchesLuaPattern(name: string, pattern: string): boolean | undefined {
  if (pattern.length > MAX_PATTERN_LENGTH) return undefined;
  const tokens: { readonly character: string; readonly many: boolean; readonly min: number }[] = [];
  const body = pattern.replace(/^\^/, '').replace(/\$$/, '');
  for (let i = 0; i < body.length; i++) {
    let character = body[i] ?? '';
    let isAny = character === '.';
    if (character === '%') {
      character = body[++i] ?? '';
      if (character === '' || /[a-z0-9]/i.test(character)) return undefined;
      isAny = false;
    } else if ('[]()*+-?^$'.includes(character)) {
      // A hyphen between letters is written plainly in many tokens, and means itself there.
      if (character !== '-') return undefined;
    }
    const next = body[i + 1];
    const many = isAny && (next === '*' || next === '+' || next === '-');
    tokens.push({ character: isAny ? '' : character, many, min: many && next !== '+' ? 0 : 1 });
    if (many) i++;
  }
  // Positions in `name` that can be reached.
  let reached = new Set([0]);
  for (const { character, many, min } of tokens) {
    const following = new Set<number>();
    if (many) {
      const from = Math.min(...reached, name.length + 1) + min;
      for (let at = from; at <= name.length; at++) following.add(at);
    } else {
      for (const at of reached) {
        if (at < name.length && (character === '' || name[at] === character)) following.add(at + 1);
      }
    }
    reached = following;
  }
  return reached.has(name.length);
}

/** `meet.example` of `muc.meet.example`. */
function domainOf(mucDomain: string): string {
  return mucDomain.slice(mucDomain.indexOf('.') + 1);
}
