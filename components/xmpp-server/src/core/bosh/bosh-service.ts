/** The BOSH sessions by their id: who gets a request, and who may open a new one (XEP-0124 §7). */
import { randomToken } from '@conclave/base';
import type { CoreContext } from '../context.ts';
import type { StreamContext } from '../session.ts';
import type { Stream, StreamTransport } from '../stream.ts';
import { writeBody } from './body.ts';
import { BOSH_MAX_WAIT_S, type BoshRespond, BoshSession, parseBody } from './bosh-session.ts';

/** 2^53 - 1 minus what a long session may count up (§14.1). */
const MAX_FIRST_RID = Number.MAX_SAFE_INTEGER - 2 ** 32;

export class BoshService {
  readonly #core: CoreContext;
  readonly #accept: (transport: StreamTransport, context: StreamContext) => Stream | undefined;
  readonly #sessions = new Map<string, BoshSession>();

  constructor(
    core: CoreContext,
    accept: (transport: StreamTransport, context: StreamContext) => Stream | undefined,
  ) {
    this.#core = core;
    this.#accept = accept;
  }

  /** One HTTP request; `respond` is called once, now or later. */
  handleRequest(text: string, context: StreamContext, respond: BoshRespond): void {
    const refuse = (condition: string) => respond(writeBody({ type: 'terminate', condition }));
    const parsed = parseBody(text, this.#core.options.limits.maxFrameLength);
    if (parsed === undefined) {
      this.#core.metrics.malformedFrames++;
      refuse('bad-request');
      return;
    }
    const { body, startTag } = parsed;
    const rid = parseCount(body.attribute('rid'));
    const sid = body.attribute('sid');
    if (rid === undefined) refuse('bad-request');
    else if (sid !== undefined) {
      const session = this.#sessions.get(sid);
      if (session === undefined) refuse('item-not-found');
      else session.handleRequest(rid, body, startTag, respond);
    } else if (rid < 1 || rid > MAX_FIRST_RID) {
      refuse('bad-request');
    } else {
      const newSid = randomToken(this.#core.random, 24);
      const session = new BoshSession(
        this.#core,
        {
          sid: newSid,
          firstRid: rid,
          waitS: Math.min(parseCount(body.attribute('wait')) ?? BOSH_MAX_WAIT_S, BOSH_MAX_WAIT_S),
          hold: Math.min(parseCount(body.attribute('hold')) ?? 1, 1),
          domain: body.attribute('to') ?? '',
        },
        () => this.#sessions.delete(newSid),
      );
      const stream = this.#accept(session, { ...context, isBosh: true });
      if (stream === undefined) {
        refuse('policy-violation');
        return;
      }
      this.#sessions.set(newSid, session);
      session.start(stream, body, startTag, respond);
    }
  }
}

function parseCount(text: string | undefined): number | undefined {
  if (text === undefined || !/^\d{1,16}$/.test(text)) return undefined;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : undefined;
}
