/** A domain that clients log in to, and which SASL mechanisms it offers to whom (RFC 6120 §6.3.3). */
import type { SaslMechanism } from '@conclave/protocols/xmpp';

/** SCRAM with channel binding (-PLUS) is not among them: browsers do not show it to a WebSocket. */
export type PasswordMechanism = Exclude<SaslMechanism, 'ANONYMOUS'>;

export interface LoginDomain {
  readonly domain: string;
  /** Whom ANONYMOUS is offered to; a token in the URL makes it a login by token. */
  readonly anonymous: 'everybody' | 'with-token' | 'nobody';
  /** In the order of preference. PLAIN only where nobody can listen. */
  readonly passwords: readonly PasswordMechanism[];
}

/** What counts of a client's connection. */
export interface LoginConnection {
  readonly token?: string;
  /** Nobody can listen. */
  readonly isSecure?: boolean;
}

export function mechanismsFor(
  { anonymous, passwords }: LoginDomain,
  { token, isSecure }: LoginConnection,
): SaslMechanism[] {
  const offered: SaslMechanism[] = passwords.filter(
    (name) => name !== 'PLAIN' || isSecure === true,
  );
  if (anonymous === 'everybody' || (anonymous === 'with-token' && token !== undefined)) {
    offered.push('ANONYMOUS');
  }
  return offered;
}
