/**
 * The visitor node (COMPAT: Jitsi's `vnode`). Jitsi's clients know visitors as people on another server: told to go
 * to `v1` they log in to `v1.meet.jitsi` and enter the room of the same name there. Here that is another name for
 * this server: what such a client calls `daily@muc.v1.meet.jitsi` is the room `daily@muc.meet.example`.
 */
import { Jid, parseJid, tenantOf } from '@conclave/protocols/xmpp';

/** As the conference reply names it. */
export const VISITOR_NODE = 'v1';

/** Jitsi's apps make the domain of a node from its name, with this end whatever the server is called. */
export const VISITOR_DOMAIN = `${VISITOR_NODE}.meet.jitsi`;

/** The addresses of rooms as those see them who logged in to the visitor node. */
export class VisitorAddresses {
  readonly #domain: string;
  readonly #mucDomain: string;
  readonly #isNeeded: boolean;

  /** Clients put the node's domain where `domain` is in `mucDomain`; without it there they change nothing. */
  constructor(domain: string, mucDomain: string) {
    this.#domain = domain;
    this.#mucDomain = mucDomain;
    this.#isNeeded = mucDomain.endsWith(`.${domain}`);
  }

  /** What the client means by `address`. */
  meant(address: Jid): Jid {
    const end = `.${VISITOR_DOMAIN}`;
    if (!this.#isNeeded || !address.domain.endsWith(end)) return address;
    const domain = `${address.domain.slice(0, -end.length)}.${this.#domain}`;
    if (tenantOf(domain, this.#mucDomain) === undefined) return address;
    return new Jid(address.node, domain, address.resource);
  }

  /** What the client is to see instead of `address`; addresses of other things than rooms are what they are. */
  shown(address: string): string {
    if (!this.#isNeeded) return address;
    const jid = parseJid(address);
    if (jid === undefined || tenantOf(jid.domain, this.#mucDomain) === undefined) return address;
    const domain = `${jid.domain.slice(0, -this.#domain.length)}${VISITOR_DOMAIN}`;
    return new Jid(jid.node, domain, jid.resource).full;
  }
}
