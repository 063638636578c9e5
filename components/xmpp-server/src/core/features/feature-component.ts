/**
 * An address of its own for one feature of rooms (`metadata.meet.example` …): commands come to it as
 * messages with one child, news go out from it as JSON, and disco of the domain names it. Clients
 * believe news only when `from` is the advertised address.
 */
import { type XmlElement, xml } from '@conclave/protocols/xml';
import { discoInfoToXml, iqPayload, jsonMessage, NS, parseJid } from '@conclave/protocols/xmpp';
import type { AdvertisedIdentity } from '../../options.ts';
import type { CoreContext } from '../context.ts';
import type { Occupant } from '../muc/occupant.ts';
import type { Rooms } from '../muc/rooms.ts';
import { PreparedStanza } from '../prepared-stanza.ts';
import type { LocalService, Router } from '../router.ts';
import { answer, refuse, type StanzaInput } from '../stanza-input.ts';

/** What a feature needs to take its place. */
export interface FeatureContext {
  readonly core: CoreContext;
  readonly router: Router;
  /** Rooms of the conferences. */
  readonly rooms: Rooms;
  /** The same and breakout rooms: everything in which people meet. */
  readonly conferences: readonly Rooms[];
  /** Shown in disco#info of the domain; features add theirs. */
  readonly identities: AdvertisedIdentity[];
  /** Features of their disco nodes, for clients that are told before they ask. */
  readonly clientFeatures: string[];
}

export interface FeatureCommand {
  readonly occupant: Occupant;
  /** First child of the message. */
  readonly element: XmlElement;
  readonly input: StanzaInput;
}

export interface FeatureComponentInit {
  /** First label of the address. */
  readonly label: string;
  /** Type of the disco identity. */
  readonly type: string;
  /** Features of a disco node clients ask for, by node. */
  readonly discoNodes?: Readonly<Record<string, readonly string[]>>;
  /** `false` when the command makes no sense or is not allowed; it is dropped, clients expect no answer. */
  readonly handle?: (command: FeatureCommand) => boolean;
}

export class FeatureComponent implements LocalService {
  readonly address: string;
  readonly #context: FeatureContext;
  readonly #init: FeatureComponentInit;

  /** Registers the address with router and disco. */
  constructor(context: FeatureContext, init: FeatureComponentInit) {
    this.address = `${init.label}.${context.core.options.domain}`;
    this.#context = context;
    this.#init = init;
    context.router.addService(this.address, this);
    context.clientFeatures.push(...Object.values(init.discoNodes ?? {}).flat());
    context.identities.push({ category: 'component', type: init.type, name: this.address });
  }

  /** News in the form clients take from components; `attributes` go to the JSON's element. */
  news(json: unknown, attributes: Readonly<Record<string, string>> = {}): PreparedStanza {
    const payload = jsonMessage(json).with(attributes);
    return new PreparedStanza(xml('message', NS.client, { from: this.address }, payload));
  }

  handleStanza(input: StanzaInput): void {
    const { core } = this.#context;
    switch (input.stanza.name) {
      case 'message':
        if (!this.#handleMessage(input)) core.metrics.stanzasDropped++;
        return;
      case 'iq':
        this.#handleIq(input);
        return;
      default:
        core.metrics.stanzasDropped++;
    }
  }

  #handleMessage(input: StanzaInput): boolean {
    const { stanza, sender } = input;
    if (stanza.attribute('type') === 'error' || sender.isComponent) return false;
    const [element] = stanza.elements();
    if (element === undefined) return false;
    const occupant = this.#occupantOf(input, element);
    if (occupant === undefined) return false;
    return this.#init.handle?.({ occupant, element, input }) ?? false;
  }

  /** In the room the command names, else in the one the sender is in. */
  #occupantOf({ sender }: StanzaInput, element: XmlElement): Occupant | undefined {
    const named = element.attribute('room');
    for (const rooms of this.#context.conferences) {
      const room =
        named === undefined
          ? rooms.roomsOf(sender.jid.full)[0]
          : rooms.find(parseJid(named)?.bare ?? '');
      const occupant = room?.occupantOf(sender.jid.full);
      if (occupant !== undefined) return occupant;
    }
    return undefined;
  }

  #handleIq(input: StanzaInput): void {
    const { core } = this.#context;
    const payload = iqPayload(input.stanza);
    const type = input.stanza.attribute('type');
    if (type !== 'get' && type !== 'set') return;
    if (type === 'get' && payload?.ns === NS.ping) {
      answer(input);
      return;
    }
    const info =
      type === 'get' && payload?.ns === NS.discoInfo
        ? this.#discoInfo(payload.attribute('node'))
        : undefined;
    if (info === undefined) refuse(core, input, { condition: 'service-unavailable' });
    else answer(input, info);
  }

  #discoInfo(node = ''): XmlElement | undefined {
    const { type, discoNodes = {} } = this.#init;
    const features = node === '' ? [NS.discoInfo, NS.ping] : discoNodes[node];
    if (features === undefined || (node !== '' && !Object.hasOwn(discoNodes, node))) {
      return undefined;
    }
    return discoInfoToXml({
      ...(node !== '' && { node }),
      identities: [{ category: 'component', type, name: this.address }],
      features: [...features],
    });
  }
}
