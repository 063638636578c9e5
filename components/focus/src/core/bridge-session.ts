/**
 * One conference on one bridge, over COLIBRI. Requests that come while the conference is being created
 * wait for the outcome, so that their order is the order of the calls. Ends when its last endpoint
 * is expired, or when it is closed; a new one, with a new meeting id, is then made.
 */
import type {
  ColibriResponse,
  ConferenceModified,
  ConferenceModify,
  EndpointModify,
  RelayModify,
} from '@conclave/protocols/colibri';

/** How the core reaches bridges: exactly one response for each request, later, never inline. */
export interface BridgeLink {
  request(
    bridgeId: string,
    message: ConferenceModify,
    onResponse: (response: ColibriResponse) => void,
  ): void;
}

export type ResponseHandler = (response: ColibriResponse) => void;

type ConferenceChange = Omit<ConferenceModify, 'meetingId'>;

const ignore: ResponseHandler = () => {};

export class BridgeSession {
  readonly bridgeId: string;
  readonly meetingId: string;
  readonly #roomJid: string;
  readonly #link: BridgeLink;
  readonly #endpoints = new Set<string>();
  #state: 'new' | 'creating' | 'created' | 'ended' = 'new';
  #waiting: { readonly change: ConferenceChange; readonly onResponse: ResponseHandler }[] = [];
  #feedbackSources: ConferenceModified['feedbackSources'];

  constructor(link: BridgeLink, bridgeId: string, roomJid: string, meetingId: string) {
    this.bridgeId = bridgeId;
    this.#link = link;
    this.#roomJid = roomJid;
    this.meetingId = meetingId;
  }

  get hasEnded(): boolean {
    return this.#state === 'ended';
  }

  /** Whether the bridge knows the conference. */
  get isCreated(): boolean {
    return this.#state === 'created';
  }

  /** SSRCs the bridge sends with; known as soon as the first endpoint has been created. */
  get feedbackSources(): ConferenceModified['feedbackSources'] {
    return this.#feedbackSources;
  }

  /** Creates an endpoint, and the conference with the first one. No response after the session has ended. */
  createEndpoint(endpoint: EndpointModify, onResponse: ResponseHandler): void {
    this.#endpoints.add(endpoint.id);
    const request = { ...endpoint, create: true };
    if (this.#state === 'new') this.#createConference(request, onResponse);
    else this.#submit({ endpoints: [request] }, onResponse);
  }

  /** Changes an endpoint that was created. */
  modifyEndpoint(endpoint: EndpointModify, onResponse: ResponseHandler): void {
    if (this.#endpoints.has(endpoint.id)) this.#submit({ endpoints: [endpoint] }, onResponse);
  }

  /** A relay of this bridge's to another that the conference is on. */
  modifyRelay(relay: RelayModify, onResponse: ResponseHandler): void {
    this.#submit({ relays: [relay] }, onResponse);
  }

  expireEndpoint(id: string): void {
    if (!this.#endpoints.delete(id)) return;
    if (this.#endpoints.size === 0) this.expire();
    else this.#submit({ endpoints: [{ id, expire: true }] }, ignore);
  }

  /** Ends the conference on the bridge. */
  expire(): void {
    const known = this.#state === 'creating' || this.#state === 'created';
    this.close();
    if (known) this.#request({ expire: true }, ignore);
  }

  /** Ends the session without telling the bridge, which has lost it. */
  close(): void {
    this.#state = 'ended';
    this.#waiting = [];
    this.#endpoints.clear();
  }

  #createConference(endpoint: EndpointModify, onResponse: ResponseHandler): void {
    this.#state = 'creating';
    const message = { name: this.#roomJid, create: true, endpoints: [endpoint] };
    this.#request(message, (response) => {
      if (this.#state !== 'creating') return;
      const waiting = this.#waiting;
      this.#waiting = [];
      if (response.type === 'modified') {
        this.#state = 'created';
        this.#feedbackSources = response.result.feedbackSources;
        onResponse(response);
        for (const item of waiting) this.#submit(item.change, item.onResponse);
        return;
      }
      this.#state = 'new';
      onResponse(response);
      for (const item of waiting) item.onResponse(response);
    });
  }

  #submit(change: ConferenceChange, onResponse: ResponseHandler): void {
    switch (this.#state) {
      case 'creating':
        this.#waiting.push({ change, onResponse });
        return;
      case 'created':
        this.#request(change, (response) => {
          if (this.#state === 'created') onResponse(response);
        });
        return;
      case 'new':
      case 'ended':
        return;
      default:
        this.#state satisfies never;
    }
  }

  #request(message: ConferenceChange, onResponse: ResponseHandler): void {
    this.#link.request(this.bridgeId, { meetingId: this.meetingId, ...message }, onResponse);
  }
}
