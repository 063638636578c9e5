/**
 * The question the XMPP server asks somebody else at login: may this client in, and who is it? What
 * the texts of a mechanism mean is not its business; it carries them (RFC 4422 §3).
 */
import type { SaslFailureCondition, SaslMechanism } from '@conclave/protocols/xmpp';
import type { Identity } from './identity.ts';

export interface LoginRequest {
  readonly mechanism: SaslMechanism;
  /** The domain that the client logs in to. */
  readonly domain: string;
  /** What came with the choice of the mechanism; undefined when nothing did. */
  readonly initialResponse: string | undefined;
  /** From the URL; it counts with ANONYMOUS. */
  readonly token: string | undefined;
  /** The room named in the URL. */
  readonly room: string | undefined;
  readonly remoteAddress: string;
}

export type LoginVerdict =
  | {
      readonly type: 'accepted';
      readonly identity: Identity;
      /** What the mechanism says at its end (RFC 5802 §3: the server's signature). */
      readonly data?: string;
    }
  | {
      readonly type: 'refused';
      readonly condition: SaslFailureCondition;
      /** COMPAT: clients show it when the condition is `not-allowed`. */
      readonly text?: string;
      /** Which account was tried, for the audit log. */
      readonly account?: string;
    };

/** The mechanism wants to hear more. `respond` is called at most once. */
export interface LoginChallenge {
  readonly type: 'challenge';
  readonly data: string;
  respond(response: string): Promise<LoginResult>;
}

export type LoginResult = LoginVerdict | LoginChallenge;

/** What the server is given. A rejection counts as a temporary failure. */
export interface Authenticator {
  authenticate(request: LoginRequest): Promise<LoginResult>;
}

/** The same as the core sees it: `done` is called once, at once or later; further calls are ignored. */
export type LoginStep =
  | LoginVerdict
  | {
      readonly type: 'challenge';
      readonly data: string;
      respond(response: string, done: (step: LoginStep) => void): void;
    };

export type Authenticate = (request: LoginRequest, done: (step: LoginStep) => void) => void;
