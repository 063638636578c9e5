/**
 * Logins of a script: `option tokens {"good": {"room": "daily", "moderator": true}}` for ANONYMOUS, and
 * `option accounts {"ada": "secret"}` for PLAIN (RFC 4616) and for a mechanism of two steps, which
 * stands for SCRAM: it is asked `who?`, answers the name, is asked `password?` and answers that.
 */
import type { Authenticate, LoginStep } from '../core/authenticator.ts';
import { ANONYMOUS, type IdentityUser, type LoginRoomSettings } from '../core/identity.ts';

interface ScriptedToken {
  readonly user?: IdentityUser;
  readonly group?: string;
  /** The only room it is good for. */
  readonly room?: string;
  readonly moderator?: boolean;
  readonly roomSettings?: LoginRoomSettings;
  readonly passesLobbies?: boolean;
  readonly features?: Readonly<Record<string, boolean>>;
  /** It says nothing about who it is: a guest. */
  readonly guest?: boolean;
}

type Accounts = Readonly<Record<string, string>>;

/** A token or account that is not in the list is refused; `slow` is answered never. */
export function scriptedLogins(
  tokens: Readonly<Record<string, ScriptedToken>> | undefined,
  accounts: Accounts = {},
): Authenticate | undefined {
  if (tokens === undefined) return undefined;
  return ({ mechanism, initialResponse = '', token }, done) => {
    if (mechanism === 'PLAIN') {
      const [, name = '', password = ''] = initialResponse.split('\0');
      done(passwordStep(accounts, name, password));
    } else if (mechanism === 'ANONYMOUS') {
      if (token !== 'slow') done(tokenStep(tokens, token ?? ''));
    } else {
      const ask = (data: string, next: (response: string) => LoginStep): LoginStep => ({
        type: 'challenge',
        data,
        respond: (response, then) => then(next(response)),
      });
      done(ask('who?', (name) => ask('password?', (word) => passwordStep(accounts, name, word))));
    }
  };
}

function passwordStep(accounts: Accounts, account: string, password: string): LoginStep {
  if (password === '' || accounts[account] !== password) {
    return { type: 'refused', condition: 'not-authorized', account };
  }
  return {
    type: 'accepted',
    identity: {
      isAuthenticated: true,
      account,
      isModerator: true,
      features: undefined,
      refuseRoom: () => undefined,
    },
    data: 'welcome',
  };
}

function tokenStep(tokens: Readonly<Record<string, ScriptedToken>>, token: string): LoginStep {
  const known = Object.hasOwn(tokens, token) ? tokens[token] : undefined;
  if (known === undefined) {
    const text = token === '' ? 'token required' : 'Invalid signature';
    return { type: 'refused', condition: 'not-allowed', text };
  }
  if (known.guest === true) return { type: 'accepted', identity: ANONYMOUS };
  const { user, group, room, moderator, roomSettings, passesLobbies, features } = known;
  return {
    type: 'accepted',
    identity: {
      isAuthenticated: true,
      ...(user !== undefined && { user }),
      ...(group !== undefined && { group }),
      ...(roomSettings !== undefined && { roomSettings }),
      ...(passesLobbies !== undefined && { passesLobbies }),
      isModerator: moderator,
      features,
      refuseRoom: ({ node }) =>
        room === undefined || room === node
          ? undefined
          : { condition: 'not-allowed', text: 'Room and token mismatched' },
    },
  };
}
