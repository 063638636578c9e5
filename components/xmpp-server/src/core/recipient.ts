/** Whoever stanzas can be delivered to: a client's session or an address of a component. */

import { escapeXml } from '@conclave/protocols/xml';
import type { Jid } from '@conclave/protocols/xmpp';
import type { Identity } from './identity.ts';
import type { PreparedStanza } from './prepared-stanza.ts';
import type { VisitorAddresses } from './visitor-node.ts';

export interface Recipient {
  /** Full real JID. */
  readonly jid: Jid;
  /** Trusted in-process service. */
  readonly isComponent: boolean;
  readonly identity: Identity;
  /** Of its connection; undefined for services. */
  readonly remoteAddress: string | undefined;
  /** What a visitor was given to take part with, as its connection shows it; see features/visitors. */
  readonly promotion: string | undefined;
  /** Set for those on the visitor node, who have names of their own for rooms. */
  readonly visitorAddresses: VisitorAddresses | undefined;
  deliver(stanza: PreparedStanza): void;
}

/** ` to="…"` for splicing into prepared stanzas. */
export function toAttribute(jid: Jid): string {
  return ` to="${escapeXml(jid.full)}"`;
}
