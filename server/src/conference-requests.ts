/**
 * The conference request over HTTP (docs: protocol §7.2): asked of the focus as the iq it stands for,
 * and its answer as JSON. So both ways have the same rules and limits.
 */
import { isJsonObject, type RandomSource, randomToken, type Timers } from '@conclave/base';
import { addressKey } from '@conclave/platform/net';
import { type XmlElement, xml } from '@conclave/protocols/xml';
import { iqRequest, type Jid, NS } from '@conclave/protocols/xmpp';

export interface ConferenceAnswer {
  readonly status: number;
  readonly json: unknown;
}

export interface ConferenceRequestDependencies {
  readonly timers: Timers;
  readonly random: RandomSource;
  /** Onto the stanza router. */
  readonly send: (stanza: XmlElement) => void;
}

export interface ConferenceRequestOptions {
  /** Address of the focus. */
  readonly focusAddress: string;
  /** Domain that these requests come from. */
  readonly domain: string;
}

const ANSWER_TIMEOUT_MS = 15_000;
/** Requests under way; more are turned away. */
const MAX_PENDING = 1_000;

const MAX_TEXT_LENGTH = 2048;
const MAX_PROPERTIES = 64;

export class ConferenceRequests {
  readonly #deps: ConferenceRequestDependencies;
  readonly #options: ConferenceRequestOptions;
  readonly #pending = new Map<string, (answer: ConferenceAnswer) => void>();
  /** Ids of requests under way by somebody who proved nothing. */
  readonly #guests = new Set<string>();

  constructor(deps: ConferenceRequestDependencies, options: ConferenceRequestOptions) {
    this.#deps = deps;
    this.#options = options;
  }

  /** Always answers; 403 asks the client to log in, and 400 to begin anew. */
  request(body: unknown, remoteAddress: string, isGuest: boolean): Promise<ConferenceAnswer> {
    const conference = requestToXml(body);
    if (conference === undefined) {
      return Promise.resolve(refusal(400, 'room is missing, or something is too long'));
    }
    if (this.#pending.size >= MAX_PENDING) return Promise.resolve(refusal(503, 'too busy'));
    const id = randomToken(this.#deps.random, 16);
    if (isGuest) this.#guests.add(id);
    // A name per subscriber, as the focus limits requests by name.
    const node = addressKey(remoteAddress).replaceAll(/[^0-9a-z.]/gi, '-') || 'unknown';
    const { domain, focusAddress } = this.#options;
    return new Promise((resolve) => {
      const timer = this.#deps.timers.schedule(ANSWER_TIMEOUT_MS, () =>
        this.#resolve(id, refusal(503, 'the focus does not answer')),
      );
      this.#pending.set(id, (answer) => {
        timer.cancel();
        resolve(answer);
      });
      this.#deps.send(
        iqRequest(
          { type: 'set', id, from: `${node}@${domain}/${id}`, to: focusAddress },
          conference,
        ),
      );
    });
  }

  /** Whether this JID, by which the focus knows a request, is that of somebody who proved nothing. */
  isGuest({ domain, resource }: Jid): boolean {
    return domain === this.#options.domain && this.#guests.has(resource);
  }

  /** What the router has for our domain: answers of the focus. */
  handleStanza(stanza: XmlElement): void {
    const id = stanza.attribute('id');
    if (stanza.name !== 'iq' || id === undefined) return;
    if (stanza.attribute('from') !== this.#options.focusAddress) return;
    const type = stanza.attribute('type');
    if (type === 'result') this.#resolve(id, answerOf(stanza));
    else if (type === 'error') this.#resolve(id, errorOf(stanza));
  }

  #resolve(id: string, answer: ConferenceAnswer): void {
    const resolve = this.#pending.get(id);
    this.#pending.delete(id);
    this.#guests.delete(id);
    resolve?.(answer);
  }
}

function requestToXml(body: unknown): XmlElement | undefined {
  if (!isJsonObject(body)) return undefined;
  const { room, machineUid, sessionId, properties = {} } = body;
  if (!isText(room) || room === '' || !isJsonObject(properties)) return undefined;
  const entries = Object.entries(properties);
  if (entries.length > MAX_PROPERTIES) return undefined;
  const conference = xml('conference', NS.focus, {
    room,
    'machine-uid': isText(machineUid) ? machineUid : undefined,
    'session-id': isText(sessionId) ? sessionId : undefined,
  });
  for (const [name, value] of entries) {
    // Numbers and truth values come as such; anything else means nothing to the focus.
    const text = typeof value === 'number' || typeof value === 'boolean' ? String(value) : value;
    if (!isText(name) || !isText(text)) continue;
    conference.append(xml('property', NS.focus, { name, value: text }));
  }
  return conference;
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.length <= MAX_TEXT_LENGTH;
}

function answerOf(iq: XmlElement): ConferenceAnswer {
  const conference = iq.child('conference', NS.focus);
  if (conference === undefined) return refusal(500, 'no conference in the answer');
  const properties: Record<string, string> = {};
  for (const property of conference.childrenNamed('property')) {
    const value = property.attribute('value') ?? '';
    // COMPAT: clients take any text of this one for yes.
    if (property.attribute('name') === 'sipGatewayEnabled' && value !== 'true') continue;
    properties[property.attribute('name') ?? ''] = value;
  }
  return {
    status: 200,
    json: {
      room: conference.attribute('room'),
      ready: conference.attribute('ready') === 'true',
      focusJid: conference.attribute('focusjid'),
      sessionId: conference.attribute('session-id'),
      identity: conference.attribute('identity'),
      vnode: conference.attribute('vnode'),
      properties,
    },
  };
}

function errorOf(iq: XmlElement): ConferenceAnswer {
  const error = iq.child('error');
  const has = (condition: string) => error?.child(condition) !== undefined;
  if (has('not-authorized')) return refusal(403, 'log in first');
  // COMPAT: clients look for this text, at an index above 0.
  if (has('session-invalid') || has('not-acceptable')) {
    return refusal(400, 'Error 400 invalid-session');
  }
  if (has('resource-constraint')) return refusal(429, 'too many requests');
  const text = error?.child('text')?.text ?? 'refused';
  return refusal(has('bad-request') || has('jid-malformed') ? 400 : 500, text);
}

function refusal(status: number, error: string): ConferenceAnswer {
  return { status, json: { error } };
}
