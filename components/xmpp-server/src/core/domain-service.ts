/**
 * What the main domain answers: disco (XEP-0030), ping (XEP-0199), external services (XEP-0215).
 */
import { type XmlElement, xml } from '@conclave/protocols/xml';
import { type DiscoInfo, discoInfoToXml, iqPayload, NS } from '@conclave/protocols/xmpp';
import type { AdvertisedIdentity, ExternalService } from '../options.ts';
import type { CoreContext } from './context.ts';
import type { LocalService } from './router.ts';
import { answer, refuse, type StanzaInput } from './stanza-input.ts';

export class DomainService implements LocalService {
  readonly #core: CoreContext;
  readonly #identities: readonly AdvertisedIdentity[];
  readonly #clientFeatures: readonly string[];

  /**
   * `identities` are those of the features, beside what the options name; `clientFeatures` is what clients
   * else ask the addresses of these for.
   */
  constructor(
    core: CoreContext,
    identities: readonly AdvertisedIdentity[],
    clientFeatures: readonly string[],
  ) {
    this.#core = core;
    this.#identities = identities;
    this.#clientFeatures = clientFeatures;
  }

  /**
   * What a client would ask for as soon as it is in (COMPAT: Jitsi's `jiconop`): it reads the first
   * message of a stream, if that comes before its address, and asks nothing.
   */
  greeting(from: string): XmlElement {
    const { identities, features } = this.#describe();
    const asked = xml('services', NS.externalServices);
    return xml(
      'message',
      NS.client,
      { from },
      discoInfoToXml({ identities, features: [...features, ...this.#clientFeatures] }),
      this.#externalServices(asked),
    );
  }

  handleStanza(input: StanzaInput): void {
    const { stanza } = input;
    // Results (of our pings), presence and messages to the domain need nothing.
    if (stanza.name !== 'iq') return;
    const type = stanza.attribute('type');
    if (type !== 'get' && type !== 'set') return;
    const payload = iqPayload(stanza);
    const result = payload === undefined || type !== 'get' ? undefined : this.#query(payload);
    if (result === 'empty') answer(input);
    else if (result !== undefined) answer(input, result);
    else refuse(this.#core, input, { condition: 'service-unavailable' });
  }

  #query(payload: XmlElement): XmlElement | 'empty' | undefined {
    switch (payload.ns) {
      case NS.ping:
        return 'empty';
      case NS.discoInfo:
        return this.#info(payload.attribute('node'));
      case NS.discoItems:
        return xml(
          'query',
          NS.discoItems,
          {},
          xml('item', NS.discoItems, { jid: this.#core.options.mucDomain }),
        );
      case NS.externalServices:
      case NS.externalServices1:
        return this.#externalServices(payload);
      default:
        return undefined;
    }
  }

  #info(node: string | undefined): XmlElement | undefined {
    if (node !== undefined && node !== '') return undefined;
    return discoInfoToXml(this.#describe());
  }

  #describe(): DiscoInfo {
    return {
      identities: [
        { category: 'server', type: 'im', name: 'Conclave' },
        ...this.#core.options.identities,
        ...this.#identities,
      ],
      features: [NS.discoInfo, NS.discoItems, NS.ping, NS.externalServices, NS.externalServices1],
    };
  }

  /** Asked for one type, answers with that type (XEP-0215 §3.2). */
  #externalServices(payload: XmlElement): XmlElement | undefined {
    if (payload.name !== 'services') return undefined;
    const wanted = payload.attribute('type');
    const services = this.#core.options
      .externalServices()
      .filter((service) => wanted === undefined || service.type === wanted);
    return xml(
      'services',
      payload.ns,
      wanted === undefined ? {} : { type: wanted },
      ...services.map((service) => externalServiceToXml(service, payload.ns)),
    );
  }
}

function externalServiceToXml(service: ExternalService, ns: string): XmlElement {
  const { type, host, port, transport, username, password, expires } = service;
  const restricted = username === undefined ? undefined : '1';
  return xml('service', ns, {
    type,
    host,
    port: String(port),
    transport,
    username,
    password,
    restricted,
    expires,
  });
}
