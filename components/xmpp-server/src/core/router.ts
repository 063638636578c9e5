/** Who gets a stanza: by the domain of its `to` (RFC 6120 §10). */
import type { XmlElement } from '@conclave/protocols/xml';
import { isValidIq, Jid, parseJid, readdress, tenantOf } from '@conclave/protocols/xmpp';
import { ComponentAddress, ComponentPort } from './component-port.ts';
import type { CoreContext } from './context.ts';
import { PreparedStanza } from './prepared-stanza.ts';
import type { Recipient } from './recipient.ts';
import type { SessionRegistry } from './session-registry.ts';
import { refuse, type StanzaInput } from './stanza-input.ts';

/** Handles what is addressed to its domain. */
export interface LocalService {
  handleStanza(input: StanzaInput): void;
}

export class Router {
  readonly #core: CoreContext;
  readonly #sessions: SessionRegistry;
  readonly #services = new Map<string, LocalService>();
  readonly #components = new Map<string, ComponentPort>();
  /** Domains of JIDs that sessions have. */
  readonly #userDomains: ReadonlySet<string>;

  constructor(core: CoreContext, sessions: SessionRegistry) {
    this.#core = core;
    this.#sessions = sessions;
    this.#userDomains = new Set(core.options.loginDomains.map(({ domain }) => domain));
  }

  addService(domain: string, service: LocalService): void {
    this.#services.set(domain, service);
  }

  /** A later component takes over the domains it names. */
  attachComponent(
    domains: readonly string[],
    onStanza: (stanza: XmlElement) => void,
  ): ComponentPort {
    const port = new ComponentPort(this.#core, domains, onStanza);
    for (const domain of port.domains) this.#components.set(domain, port);
    return port;
  }

  /** From a client; `from` is stamped. */
  routeFromSession(stanza: XmlElement, sender: Recipient): void {
    const to = stanza.attribute('to');
    // Without an address the account answers itself (RFC 6120 §10.3).
    const own = new Jid('', sender.jid.domain);
    const jid = to === undefined ? own : parseJid(to);
    if (jid === undefined) {
      refuse(this.#core, { stanza, to: own, sender }, { condition: 'jid-malformed' });
      return;
    }
    const meant = sender.visitorAddresses?.meant(jid) ?? jid;
    if (meant !== jid) stanza.attributes.set('to', meant.full);
    this.#route({ stanza, to: meant, sender });
  }

  /** From a component: its `from` must be on one of its domains. */
  routeFromComponent(stanza: XmlElement, port: ComponentPort): void {
    const from = parseJid(stanza.attribute('from') ?? '');
    const to = parseJid(stanza.attribute('to') ?? '');
    if (from === undefined || to === undefined || !port.domains.has(from.domain)) {
      this.#core.metrics.stanzasDropped++;
      this.#core.logger.error('xmpp.component.misaddressed', {
        from: stanza.attribute('from'),
        to: stanza.attribute('to'),
      });
      return;
    }
    const sender = new ComponentAddress(port, from);
    this.#route({ stanza: readdress(stanza, from.full, to.full), to, sender });
  }

  #route(input: StanzaInput): void {
    const { stanza, to, sender } = input;
    if (stanza.name === 'iq' && !isValidIq(stanza)) {
      refuse(this.#core, input, { condition: 'bad-request' });
      return;
    }
    if (to.node !== '' && this.#userDomains.has(to.domain)) {
      this.#deliverToUser(input);
      return;
    }
    const service = this.#serviceOf(to.domain);
    if (service !== undefined) {
      service.handleStanza(input);
      return;
    }
    const component = this.#components.get(to.domain);
    if (component === undefined) {
      refuse(this.#core, input, { condition: 'remote-server-not-found' });
    } else if (!sender.isComponent && stanza.name === 'presence') {
      // Clients have no business with a component's presence.
      this.#core.metrics.stanzasDropped++;
    } else {
      component.deliver(stanza);
    }
  }

  /** The rooms of tenants are with those of no tenant. */
  #serviceOf(domain: string): LocalService | undefined {
    const { mucDomain } = this.#core.options;
    const service = this.#services.get(domain);
    if (service !== undefined || tenantOf(domain, mucDomain) === undefined) return service;
    return this.#services.get(mucDomain);
  }

  /** Only services write to users directly; users meet in rooms, where they can be removed. */
  #deliverToUser(input: StanzaInput): void {
    const { to, sender, stanza } = input;
    if (!sender.isComponent && to.bare !== sender.jid.bare) {
      refuse(this.#core, input, { condition: 'service-unavailable' });
      return;
    }
    const session = this.#sessions.find(to.full);
    if (session === undefined) refuse(this.#core, input, { condition: 'service-unavailable' });
    else session.deliver(new PreparedStanza(stanza));
  }
}
