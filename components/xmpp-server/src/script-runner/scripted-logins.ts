/** Logins of a script: `option tokens {"good": {"room": "daily", "moderator": true}}`. */
import type { Authenticate } from '../core/authenticator.ts';
import type { IdentityUser } from '../core/identity.ts';

interface ScriptedToken {
  readonly user?: IdentityUser;
  readonly group?: string;
  /** The only room it is good for. */
  readonly room?: string;
  readonly moderator?: boolean;
}

/** A token that is not in the list is refused; `slow` is answered never. */
export function scriptedLogins(
  tokens: Readonly<Record<string, ScriptedToken>> | undefined,
): Authenticate | undefined {
  if (tokens === undefined) return undefined;
  return ({ token = '' }, done) => {
    if (token === 'slow') return;
    const known = Object.hasOwn(tokens, token) ? tokens[token] : undefined;
    if (known === undefined) {
      const text = token === '' ? 'token required' : 'Invalid signature';
      done({ type: 'refused', condition: 'not-allowed', text });
      return;
    }
    const { user, group, room, moderator } = known;
    done({
      type: 'accepted',
      identity: {
        isAuthenticated: true,
        ...(user !== undefined && { user }),
        ...(group !== undefined && { group }),
        isModerator: moderator,
        features: undefined,
        refuseRoom: ({ node }) =>
          room === undefined || room === node
            ? undefined
            : { condition: 'not-allowed', text: 'Room and token mismatched' },
      },
    });
  };
}
