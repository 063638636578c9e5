/**
 * The relays between the bridges that a conference is on, one for each pair. Each end is told where the other is and which endpoints
 * are there (COLIBRI2's `relay`).
 */
import type { Logger } from '@conclave/base';
import type { MediaDescription, RelayedEndpoint } from '@conclave/protocols/colibri';
import type { BridgeSession } from './bridge-session.ts';

export interface ConferenceRelaysDependencies {
  readonly logger: Logger;
  /** All that endpoints may have negotiated. */
  readonly relayMedia: readonly MediaDescription[];
  /** What other bridges have to know of an endpoint, complete. */
  readonly describeEndpoint: (endpointId: string) => RelayedEndpoint;
}

export class ConferenceRelays {
  readonly #deps: ConferenceRelaysDependencies;
  /** Bridges that know the conference, with their endpoints. */
  readonly #members = new Map<BridgeSession, Set<string>>();

  constructor(deps: ConferenceRelaysDependencies) {
    this.#deps = deps;
  }

  /** An endpoint was created there. Its bridge is joined with the others if it is new. */
  created(session: BridgeSession, endpointId: string): void {
    const endpoints = this.#members.get(session);
    if (endpoints !== undefined) {
      endpoints.add(endpointId);
      this.changed(session, this.#deps.describeEndpoint(endpointId));
      return;
    }
    const others = [...this.#members.keys()];
    this.#members.set(session, new Set([endpointId]));
    for (const other of others) {
      this.#create(session, other);
      this.#create(other, session);
    }
  }

  /** Other bridges are told about an endpoint of this one. */
  changed(session: BridgeSession, endpoint: RelayedEndpoint): void {
    if (!this.#members.get(session)?.has(endpoint.id)) return;
    for (const other of this.#members.keys()) {
      if (other !== session) this.#modify(other, session, { endpoints: [endpoint] });
    }
  }

  expired(session: BridgeSession, endpointId: string): void {
    this.changed(session, { id: endpointId, expire: true });
    this.#members.get(session)?.delete(endpointId);
  }

  /** The conference is no longer on this bridge. */
  removed(session: BridgeSession): void {
    if (!this.#members.delete(session)) return;
    for (const other of this.#members.keys()) this.#modify(other, session, { expire: true });
  }

  /** The end on `session` of the relay to `other`. */
  #create(session: BridgeSession, other: BridgeSession): void {
    const { relayMedia, describeEndpoint } = this.#deps;
    const endpoints = [...(this.#members.get(other) ?? [])].map(describeEndpoint);
    const relay = { id: other.bridgeId, create: true, media: relayMedia, endpoints };
    session.modifyRelay(relay, (response) => {
      if (response.type === 'error') {
        this.#failed(session, other, response.text);
        return;
      }
      const { relays = [] } = response.result;
      const transport = relays.find(({ id }) => id === other.bridgeId)?.transport;
      // Either may be gone from the conference by now.
      if (transport !== undefined && this.#members.has(session) && this.#members.has(other)) {
        this.#modify(other, session, { transport });
      }
    });
  }

  #modify(
    session: BridgeSession,
    other: BridgeSession,
    change: Omit<Parameters<BridgeSession['modifyRelay']>[0], 'id'>,
  ): void {
    session.modifyRelay({ id: other.bridgeId, ...change }, (response) => {
      if (response.type === 'error') this.#failed(session, other, response.text);
    });
  }

  #failed(session: BridgeSession, other: BridgeSession, text: string): void {
    const { bridgeId } = session;
    this.#deps.logger.warn('conference.relay.refused', { bridgeId, to: other.bridgeId, text });
  }
}
