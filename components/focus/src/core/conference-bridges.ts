/** The bridges that a conference is on: one as a rule, several when it is large. Who is on which; a session for each. */
import { type RandomSource, randomUuid } from '@conclave/base';
import type { EndpointModify } from '@conclave/protocols/colibri';
import type { BridgeSelector } from './bridge-selector.ts';
import { type BridgeLink, BridgeSession, type ResponseHandler } from './bridge-session.ts';
import { ConferenceRelays, type ConferenceRelaysDependencies } from './conference-relays.ts';

export interface ConferenceBridgesDependencies extends ConferenceRelaysDependencies {
  readonly random: RandomSource;
  readonly bridgeLink: BridgeLink;
  readonly bridgeSelector: BridgeSelector;
}

export class ConferenceBridges {
  readonly #deps: ConferenceBridgesDependencies;
  readonly #roomJid: string;
  readonly #relays: ConferenceRelays;
  readonly #sessions = new Map<string, BridgeSession>();
  /** By endpoint id. */
  readonly #places = new Map<string, BridgeSession>();

  constructor(deps: ConferenceBridgesDependencies, roomJid: string) {
    this.#deps = deps;
    this.#roomJid = roomJid;
    this.#relays = new ConferenceRelays(deps);
  }

  /** Bridges that know the conference. */
  get count(): number {
    let count = 0;
    for (const { isCreated } of this.#sessions.values()) if (isCreated) count++;
    return count;
  }

  /** Where the endpoint is. */
  of(endpointId: string): BridgeSession | undefined {
    return this.#places.get(endpointId);
  }

  on(bridgeId: string): BridgeSession | undefined {
    return this.#sessions.get(bridgeId);
  }

  withMeeting(meetingId: string): BridgeSession | undefined {
    for (const session of this.#sessions.values()) {
      if (session.meetingId === meetingId) return session;
    }
    return undefined;
  }

  countOn(bridgeId: string): number {
    return this.#counts().get(bridgeId) ?? 0;
  }

  /** Whether the endpoint would be on another bridge if it came again. */
  wouldMove(endpointId: string): boolean {
    const bridgeId = this.#places.get(endpointId)?.bridgeId;
    if (bridgeId === undefined) return false;
    const counts = this.#counts();
    counts.set(bridgeId, (counts.get(bridgeId) ?? 0) - 1);
    return this.#deps.bridgeSelector.choiceFor(counts) !== bridgeId;
  }

  /** Creates an endpoint on the bridge that has room for it. False, and no response, when there is none. */
  createEndpoint(endpoint: EndpointModify, onResponse: ResponseHandler): boolean {
    this.expireEndpoint(endpoint.id);
    const bridgeId = this.#deps.bridgeSelector.select(this.#counts());
    if (bridgeId === undefined) return false;
    const session = this.#sessions.get(bridgeId) ?? this.#startSession(bridgeId);
    this.#places.set(endpoint.id, session);
    session.createEndpoint(endpoint, (response) => {
      const isThere = this.#places.get(endpoint.id) === session;
      if (isThere && response.type === 'modified') this.#relays.created(session, endpoint.id);
      onResponse(response);
    });
    return true;
  }

  /** Changes an endpoint that was created. */
  modifyEndpoint(endpoint: EndpointModify, onResponse: ResponseHandler): void {
    const session = this.#places.get(endpoint.id);
    if (session === undefined) return;
    session.modifyEndpoint(endpoint, onResponse);
    const { id, sources, forceMute } = endpoint;
    if (sources === undefined && forceMute === undefined) return;
    this.#relays.changed(session, {
      id,
      ...(sources && { sources }),
      ...(forceMute && { forceMute }),
    });
  }

  expireEndpoint(id: string): void {
    const session = this.#places.get(id);
    if (session === undefined) return;
    this.#places.delete(id);
    session.expireEndpoint(id);
    if (session.hasEnded) this.#remove(session);
    else this.#relays.expired(session, id);
  }

  /** Ends the conference everywhere. */
  expire(): void {
    for (const session of [...this.#sessions.values()]) this.expireOn(session);
  }

  /** Ends the conference on one bridge; one that is down is not told. */
  expireOn(session: BridgeSession): void {
    if (this.#deps.bridgeSelector.isUp(session.bridgeId)) session.expire();
    else session.close();
    this.#remove(session);
  }

  #startSession(bridgeId: string): BridgeSession {
    const { bridgeLink, random } = this.#deps;
    const session = new BridgeSession(bridgeLink, bridgeId, this.#roomJid, randomUuid(random));
    this.#sessions.set(bridgeId, session);
    return session;
  }

  #remove(session: BridgeSession): void {
    this.#relays.removed(session);
    if (this.#sessions.get(session.bridgeId) === session) this.#sessions.delete(session.bridgeId);
    for (const [id, place] of this.#places) if (place === session) this.#places.delete(id);
  }

  #counts(): Map<string, number> {
    const counts = new Map<string, number>();
    for (const { bridgeId } of this.#places.values()) {
      counts.set(bridgeId, (counts.get(bridgeId) ?? 0) + 1);
    }
    return counts;
  }
}
