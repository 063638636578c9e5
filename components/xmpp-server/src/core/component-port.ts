/** The place of an in-process component (the focus) on the router: addresses in, elements out. */
import type { XmlElement } from '@conclave/protocols/xml';
import type { Jid } from '@conclave/protocols/xmpp';
import type { CoreContext } from './context.ts';
import { ANONYMOUS } from './identity.ts';
import type { PreparedStanza } from './prepared-stanza.ts';
import type { Recipient } from './recipient.ts';

export class ComponentPort {
  readonly domains: ReadonlySet<string>;
  readonly #core: CoreContext;
  readonly #onStanza: (stanza: XmlElement) => void;

  constructor(
    core: CoreContext,
    domains: readonly string[],
    onStanza: (stanza: XmlElement) => void,
  ) {
    this.#core = core;
    this.domains = new Set(domains.map((domain) => domain.toLowerCase()));
    this.#onStanza = onStanza;
  }

  /** Hands over `stanza` as an input of its own, never inside what is being handled now. */
  deliver(stanza: XmlElement): void {
    this.#core.metrics.stanzasDelivered++;
    this.#core.inputs.push(
      () => this.#onStanza(stanza),
      (error) => {
        this.#core.metrics.internalErrors++;
        this.#core.logger.error('xmpp.component.failed', { domains: [...this.domains], error });
      },
    );
  }
}

/** One address of a component, e.g. the occupant `focus@auth…/focus`. */
export class ComponentAddress implements Recipient {
  readonly jid: Jid;
  readonly isComponent = true;
  readonly identity = ANONYMOUS;
  readonly remoteAddress = undefined;
  readonly promotion = undefined;
  readonly visitorAddresses = undefined;
  readonly #port: ComponentPort;

  constructor(port: ComponentPort, jid: Jid) {
    this.#port = port;
    this.jid = jid;
  }

  deliver(stanza: PreparedStanza): void {
    this.#port.deliver(stanza.elementFor(this.jid.full));
  }
}
