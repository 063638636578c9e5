/** Claims of a token we make ourselves (`conclave token create`). */

export interface TokenRequest {
  /** A room, or `*`. */
  readonly room: string;
  readonly user: string;
  readonly email?: string;
  readonly isModerator: boolean;
  readonly features: readonly string[];
  readonly lifetimeS: number;
  /** Whose rooms it opens; undefined: those of no tenant. */
  readonly tenant?: string;
}

/** `id` names the user; `nowS` is Unix time. */
export function createClaims(
  request: TokenRequest,
  app: { readonly issuer: string; readonly audience: string; readonly domain: string },
  id: string,
  nowS: number,
): Record<string, unknown> {
  const issuedS = Math.floor(nowS);
  const { room, user, email, isModerator, features, lifetimeS } = request;
  return {
    iss: app.issuer,
    aud: app.audience,
    sub: request.tenant ?? app.domain,
    room,
    iat: issuedS,
    exp: issuedS + lifetimeS,
    context: {
      user: { id, name: user, ...(email !== undefined && { email }), moderator: isModerator },
      ...(features.length > 0 && {
        features: Object.fromEntries(features.map((name) => [name, true])),
      }),
    },
  };
}
