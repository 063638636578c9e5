/** Logins by token: verdict, rights and the log line that explains a refusal. The token is never logged. */
import type { Logger } from '@conclave/base';
import { xml } from '@conclave/protocols/xml';
import { NS, type StanzaError } from '@conclave/protocols/xmpp';
import { type RoomAddress, refuseRoom } from '../core/room-rights.ts';
import { shown, type TokenFailure } from '../core/token-checks.ts';
import { identityFromClaims, type TokenIdentity } from '../core/token-identity.ts';
import { remedyFor } from '../core/token-remedies.ts';
import type { TokenRules } from '../core/token-rules.ts';
import type { TokenVerdict } from './token-verifier.ts';

export interface TokenHolder extends TokenIdentity {
  readonly isAuthenticated: boolean;
  refuseRoom(room: RoomAddress): StanzaError | undefined;
}

/** Whoever can tell whether a token is good. */
export interface VerifiesTokens {
  verify(token: string): Promise<TokenVerdict>;
}

export type TokenLogin =
  | { readonly type: 'accepted'; readonly identity: TokenHolder }
  | ({ readonly type: 'refused' } & TokenFailure);

const GUEST: TokenHolder = {
  isAuthenticated: false,
  isModerator: undefined,
  features: undefined,
  refuseRoom: () => undefined,
};

export class TokenLogins {
  readonly #logger: Logger;
  readonly #rules: TokenRules;
  readonly #verifier: VerifiesTokens;

  constructor(logger: Logger, rules: TokenRules, verifier: VerifiesTokens) {
    this.#logger = logger;
    this.#rules = rules;
    this.#verifier = verifier;
  }

  async authenticate({ token }: { readonly token: string | undefined }): Promise<TokenLogin> {
    if (token === undefined) {
      if (this.#rules.allowEmpty) return { type: 'accepted', identity: GUEST };
      this.#logger.info('access.token.missing', {
        message: 'a client without a token was refused; JWT_ALLOW_EMPTY=1 would let guests in',
      });
      return { type: 'refused', condition: 'not-allowed', text: 'token required' };
    }
    const { failure, checks, claims } = await this.#verifier.verify(token);
    if (failure !== undefined) {
      const wrong = checks.find((check) => check.failure === failure);
      this.#logger.info('access.token.refused', {
        reason: failure.text,
        subject: wrong?.subject,
        expected: wrong?.expected,
        got: wrong?.got,
        ...(wrong !== undefined && { remedy: remedyFor(wrong) }),
      });
      return { type: 'refused', ...failure };
    }
    const identity = {
      ...identityFromClaims(claims),
      isAuthenticated: true,
      refuseRoom: (room: RoomAddress) => {
        const refusal = refuseRoom(claims, this.#rules, room);
        if (refusal === undefined) return undefined;
        this.#logger.info('access.room.refused', {
          reason: refusal,
          room: shown(room.node),
          claim: shown(claims.room),
          ...(this.#rules.verifyDomain && { sub: shown(claims.sub) }),
          remedy:
            refusal === 'room-mismatch'
              ? 'sub must be the tenant of the room or XMPP_DOMAIN; JWT_ENABLE_DOMAIN_VERIFICATION=0 stops looking at it.'
              : 'The room claim of the token must name this room, or be *.',
        });
        return {
          condition: 'not-allowed' as const,
          text: 'Room and token mismatched',
          extra: [xml(refusal, NS.jitmeet)],
        };
      },
    };
    return { type: 'accepted', identity };
  }
}
