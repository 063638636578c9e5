/** A stanza with its addresses parsed, as the services behind the router get it. */
import type { XmlElement } from '@conclave/protocols/xml';
import {
  errorReply,
  iqResult,
  isAnswerable,
  type Jid,
  type StanzaError,
} from '@conclave/protocols/xmpp';
import type { CoreContext } from './context.ts';
import { PreparedStanza } from './prepared-stanza.ts';
import type { Recipient } from './recipient.ts';

export interface StanzaInput {
  /** `from` is the sender's full JID. */
  readonly stanza: XmlElement;
  readonly to: Jid;
  readonly sender: Recipient;
}

/** Refuses with a stanza error, unless the stanza must not be answered (RFC 6120 §8.3.1). */
export function refuse(core: CoreContext, input: StanzaInput, error: StanzaError): void {
  core.metrics.stanzasRefused++;
  if (!isAnswerable(input.stanza)) return;
  input.sender.deliver(new PreparedStanza(errorReply(input.stanza, error)));
}

/** Answers an iq request. */
export function answer(input: StanzaInput, payload?: XmlElement): void {
  input.sender.deliver(new PreparedStanza(iqResult(input.stanza, payload)));
}
