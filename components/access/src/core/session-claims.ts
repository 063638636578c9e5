/** The claims of the tokens we make ourselves for people who logged in on our page. */
import type { TokenUser } from './token-identity.ts';

/** A log-in at a provider of OpenID Connect, by the provider's names. */
export interface ProviderLogin {
  /** `sub`. */
  readonly subject: string;
  /** `sid`, when it gives its sessions names. */
  readonly session?: string;
}

/** Who logged in, and what the account, directory or provider says about it. */
export interface SessionHolder {
  /** That logged in; rooms, bans and its end know it by that. Undefined for people of a provider. */
  readonly account?: string;
  /** By which a log-out there ends it; undefined for accounts. */
  readonly provider?: ProviderLogin;
  readonly user: TokenUser;
  /** Undefined: nobody said. */
  readonly isModerator: boolean | undefined;
  readonly features: Readonly<Record<string, boolean>> | undefined;
}

/** Tells our own tokens from those of an application. */
export const SESSION_ISSUER = 'conclave-session';

export interface SessionTimes {
  /** Unix time. */
  readonly nowS: number;
  readonly lifetimeS: number;
}

/** `id` names the session: what a log-out takes back. */
export function sessionClaims(
  holder: SessionHolder,
  domain: string,
  id: string,
  { nowS, lifetimeS }: SessionTimes,
): Record<string, unknown> {
  const issuedS = Math.floor(nowS);
  const { account, provider, user, isModerator, features } = holder;
  return {
    iss: SESSION_ISSUER,
    aud: domain,
    sub: '*',
    room: '*',
    jti: id,
    iat: issuedS,
    exp: issuedS + lifetimeS,
    ...(account !== undefined && { account }),
    ...(provider !== undefined && {
      provider: { sub: provider.subject, sid: provider.session },
    }),
    context: {
      user: { ...user, ...(isModerator !== undefined && { moderator: isModerator }) },
      ...(features !== undefined && { features }),
    },
  };
}
