/** The question the XMPP server asks somebody else at login: may this client in, and who is it? */
import type { SaslFailureCondition } from '@conclave/protocols/xmpp';
import type { Identity } from './identity.ts';

export interface LoginRequest {
  /** SASL mechanism; tokens come beside ANONYMOUS, in the URL. */
  readonly mechanism: 'ANONYMOUS';
  readonly token: string | undefined;
  /** The room named in the URL. */
  readonly room: string | undefined;
  readonly remoteAddress: string;
}

export type LoginResult =
  | { readonly type: 'accepted'; readonly identity: Identity }
  | {
      readonly type: 'refused';
      readonly condition: SaslFailureCondition;
      /** COMPAT: clients show it when the condition is `not-allowed`. */
      readonly text?: string;
    };

/** `done` is called once, at once or later; further calls are ignored. */
export type Authenticate = (request: LoginRequest, done: (result: LoginResult) => void) => void;

/** What the server is given. A rejection counts as a temporary failure. */
export interface Authenticator {
  authenticate(request: LoginRequest): Promise<LoginResult>;
}
