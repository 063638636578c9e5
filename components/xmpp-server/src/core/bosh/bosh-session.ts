/**
 * One BOSH session (XEP-0124 v1.11, XEP-0206): a stream whose frames travel in HTTP requests that are
 * held until there is something to say. Towards the stream it is a transport like a WebSocket.
 */
import { parseXml, writeXml, type XmlElement } from '@conclave/protocols/xml';
import { CLOSE_FRAME, NS, openFrame } from '@conclave/protocols/xmpp';
import type { CoreContext } from '../context.ts';
import type { Deadline } from '../deadlines.ts';
import type { Stream, StreamTransport } from '../stream.ts';
import { type BodyAttributes, writeBody } from './body.ts';

/** Answers one HTTP request with a body element. Called once. */
export type BoshRespond = (text: string) => void;

/** Requests a client may have open at a time (§7 `requests`), and how many answers are kept for repetition. */
const BOSH_REQUESTS = 2;
/** Without any open request for this long the client is gone (§10). */
const BOSH_INACTIVITY_MS = 60_000;
export const BOSH_MAX_WAIT_S = 60;

interface Held {
  readonly rid: number;
  readonly respond: BoshRespond;
  readonly deadline: Deadline;
}

interface Early {
  readonly body: XmlElement;
  readonly startTag: string;
  readonly respond: BoshRespond;
}

export interface BoshSessionOptions {
  readonly sid: string;
  readonly firstRid: number;
  /** How long a request is held, s. */
  readonly waitS: number;
  /** How many requests are held: 0 or 1. */
  readonly hold: number;
  /** That the client opens its stream to. */
  readonly domain: string;
}

export class BoshSession implements StreamTransport {
  readonly #core: CoreContext;
  readonly #options: BoshSessionOptions;
  readonly #onEnd: () => void;
  #stream: Stream | undefined;
  #nextRid: number;
  #held: Held[] = [];
  readonly #early = new Map<number, Early>();
  /** The last answers, for a client whose connection broke (§14.3). */
  readonly #answers = new Map<number, string>();
  #outbox: string[] = [];
  #outboxCharacters = 0;
  #isFlushDue = false;
  /** Set when the stream is over; the value is the terminal condition, if there is one. */
  #end: { readonly condition?: string } | undefined;
  #condition: string | undefined;
  #inactivity: Deadline | undefined;
  #isFirst = true;

  /** `onEnd` hears when the session may be forgotten. */
  constructor(core: CoreContext, options: BoshSessionOptions, onEnd: () => void) {
    this.#core = core;
    this.#options = options;
    this.#onEnd = onEnd;
    this.#nextRid = options.firstRid;
  }

  /** The first request opens the stream. */
  start(stream: Stream, body: XmlElement, startTag: string, respond: BoshRespond): void {
    this.#stream = stream;
    this.#hear(writeXml(openFrame({ to: this.#options.domain })));
    this.#take(this.#options.firstRid, body, startTag, respond);
  }

  handleRequest(rid: number, body: XmlElement, startTag: string, respond: BoshRespond): void {
    if (rid < this.#nextRid) {
      this.#repeat(rid, respond);
    } else if (rid >= this.#nextRid + BOSH_REQUESTS) {
      respond(writeBody({ type: 'terminate', condition: 'item-not-found' }));
    } else if (rid > this.#nextRid) {
      // HTTP connections overtake each other: it waits for the ones before it (§14.2).
      this.#early.get(rid)?.respond(writeBody({}));
      this.#early.set(rid, { body, startTag, respond });
    } else {
      this.#take(rid, body, startTag, respond);
      for (;;) {
        const early = this.#early.get(this.#nextRid);
        if (early === undefined) return;
        this.#early.delete(this.#nextRid);
        this.#take(this.#nextRid, early.body, early.startTag, early.respond);
      }
    }
  }

  send(text: string): void {
    if (this.#end !== undefined || text === CLOSE_FRAME || text.startsWith('<open ')) return;
    if (text.startsWith('<stream:error')) this.#condition = 'remote-stream-error';
    this.#outbox.push(text);
    this.#outboxCharacters += text.length;
    this.#flushLater();
  }

  close(): void {
    this.#end ??= this.#condition === undefined ? {} : { condition: this.#condition };
    this.#flushLater();
  }

  bufferedBytes(): number {
    return this.#outboxCharacters;
  }

  #take(rid: number, body: XmlElement, startTag: string, respond: BoshRespond): void {
    this.#nextRid = rid + 1;
    this.#inactivity?.cancel();
    this.#inactivity = undefined;
    const { nowMs, deadlines } = this.#core;
    const dueMs = nowMs + this.#options.waitS * 1000;
    const deadline = deadlines.at(dueMs, () => this.#answerHeld(rid));
    this.#held.push({ rid, respond, deadline });
    this.#stream?.heard();
    // Attributes with prefixes are not kept by the parser (XEP-0206 §5).
    if (/\sxmpp:restart=["'](?:true|1)["']/.test(startTag)) {
      this.#hear(writeXml(openFrame({ to: this.#options.domain })));
    }
    for (const child of body.elements()) this.#hear(writeXml(child));
    if (body.attribute('type') === 'terminate') this.#hear(CLOSE_FRAME);
    this.#flushLater();
  }

  /** What a WebSocket would have brought. A bug ends this stream, as it would there, and the request is answered. */
  #hear(frame: string): void {
    try {
      this.#stream?.handleMessage(frame);
    } catch (error) {
      this.#stream?.handleFailure(error);
    }
  }

  /** The wait is over (§8.3). */
  #answerHeld(rid: number): void {
    const index = this.#held.findIndex((held) => held.rid === rid);
    const [held] = index < 0 ? [] : this.#held.splice(index, 1);
    if (held !== undefined) this.#answer(held, this.#takeOutbox());
    this.#watchInactivity();
  }

  #repeat(rid: number, respond: BoshRespond): void {
    const index = this.#held.findIndex((held) => held.rid === rid);
    const held = this.#held[index];
    const answer = this.#answers.get(rid);
    if (held !== undefined) {
      this.#held[index] = { ...held, respond };
      held.respond(writeBody({}));
    } else {
      respond(answer ?? writeBody({ type: 'terminate', condition: 'item-not-found' }));
    }
  }

  /** After the input that is being handled, so that what belongs together leaves together. */
  #flushLater(): void {
    if (this.#isFlushDue) return;
    this.#isFlushDue = true;
    this.#core.inputs.push(
      () => {
        this.#isFlushDue = false;
        this.#flush();
      },
      (error) => this.#core.logger.error('xmpp.bosh.failed', { error }),
    );
  }

  #flush(): void {
    if (this.#end !== undefined) {
      this.#finish(this.#end.condition);
      return;
    }
    if (this.#outbox.length > 0) {
      const held = this.#held.shift();
      if (held !== undefined) this.#answer(held, this.#takeOutbox());
    }
    while (this.#held.length > this.#options.hold) {
      const held = this.#held.shift();
      if (held !== undefined) this.#answer(held, '');
    }
    this.#watchInactivity();
  }

  #finish(condition: string | undefined): void {
    const held = this.#held;
    this.#held = [];
    let payload = this.#takeOutbox();
    for (const one of held) {
      this.#answer(one, payload, { type: 'terminate', condition });
      payload = '';
    }
    for (const { respond } of this.#early.values()) respond(writeBody({ type: 'terminate' }));
    this.#early.clear();
    this.#inactivity?.cancel();
    this.#onEnd();
  }

  #answer(held: Held, payload: string, attributes: BodyAttributes = {}): void {
    held.deadline.cancel();
    const { sid, waitS, hold, domain } = this.#options;
    const first = this.#isFirst
      ? {
          sid,
          wait: String(waitS),
          hold: String(hold),
          requests: String(BOSH_REQUESTS),
          inactivity: String(BOSH_INACTIVITY_MS / 1000),
          ver: '1.6',
          from: domain,
          'xmpp:version': '1.0',
          'xmpp:restartlogic': 'true',
        }
      : {};
    this.#isFirst = false;
    const text = writeBody({ ...first, ...attributes }, payload);
    this.#answers.set(held.rid, text);
    this.#answers.delete(held.rid - BOSH_REQUESTS);
    held.respond(text);
  }

  #takeOutbox(): string {
    const text = this.#outbox.join('');
    this.#outbox = [];
    this.#outboxCharacters = 0;
    return text;
  }

  #watchInactivity(): void {
    if (this.#held.length > 0 || this.#end !== undefined || this.#inactivity !== undefined) return;
    const { nowMs, deadlines } = this.#core;
    this.#inactivity = deadlines.at(nowMs + BOSH_INACTIVITY_MS, () => {
      this.#end = {};
      this.#stream?.handleClose();
      this.#finish(undefined);
    });
  }
}

/** The element and its start tag, or undefined for what is no body. */
export function parseBody(
  text: string,
  maxLength: number,
): { readonly body: XmlElement; readonly startTag: string } | undefined {
  const result = parseXml(text, { maxLength, maxDepth: 33, maxElements: 8_192, maxAttributes: 64 });
  if (result.type === 'error') return undefined;
  const body = result.element;
  if (body.name !== 'body' || body.ns !== NS.httpBind) return undefined;
  const end = text.indexOf('>', text.indexOf('<body'));
  return { body, startTag: text.slice(0, end + 1) };
}
