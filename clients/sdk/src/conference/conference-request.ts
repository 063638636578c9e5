/** Asks the focus to be in the room before we join it; says who we are if we have logged in before. */
import type { TimerHandle, Timers } from '@conclave/base';
import { type XmlElement, xml } from '@conclave/protocols/xml';
import { NS } from '@conclave/protocols/xmpp';
import { RequestError } from '../xmpp/request-error.ts';

export interface ConferenceRequestOptions {
  readonly focusAddress: string;
  readonly roomJid: string;
  readonly session: FocusSession;
}

/** By what the focus knows a browser again, and that somebody has logged in there. */
export interface FocusSession {
  /** Identifies this browser; random, the same at every visit. */
  readonly machineUid: string;
  /** Given by the focus to whoever has logged in. */
  readonly sessionId?: string;
  /** Who has logged in. */
  readonly identity?: string;
}

export interface ConferenceReady {
  /** Bare JID of the focus; it is in the room under the nickname `focus`. */
  readonly focusJid: string;
  readonly session: FocusSession;
}

interface Requester {
  request(
    type: 'set',
    to: string,
    payload: XmlElement,
    options: { readonly timeoutMs: number },
  ): Promise<XmlElement>;
}

const TIMEOUT_MS = 30_000;
const FIRST_DELAY_MS = 1_000;
const MAX_DELAY_MS = 30_000;

/** Rejects with a RequestError; waits as long as the focus says that it is not ready yet. */
export async function requestConference(
  connection: Requester,
  timers: Timers,
  options: ConferenceRequestOptions,
  signal: AbortSignal,
): Promise<ConferenceReady> {
  const { roomJid, focusAddress } = options;
  let { session } = options;
  for (let delayMs = FIRST_DELAY_MS; ; delayMs = Math.min(MAX_DELAY_MS, delayMs * 2)) {
    const attributes = {
      room: roomJid,
      'machine-uid': session.machineUid,
      'session-id': session.sessionId,
    };
    const payload = xml('conference', NS.focus, attributes);
    let answer: XmlElement;
    try {
      answer = await connection.request('set', focusAddress, payload, { timeoutMs: TIMEOUT_MS });
    } catch (error) {
      if (session.sessionId === undefined || !isSessionInvalid(error)) throw error;
      // It has expired: from now on we are a guest like others.
      session = { machineUid: session.machineUid };
      continue;
    }
    const conference = answer.child('conference', NS.focus);
    session = sessionFrom(conference, session);
    if (conference?.attribute('ready') === 'true') {
      return { focusJid: conference.attribute('focusjid') ?? '', session };
    }
    await delay(timers, delayMs, signal);
  }
}

function isSessionInvalid(error: unknown): boolean {
  if (!(error instanceof RequestError)) return false;
  const isNamed = error.extra.some(({ name, ns }) => name === 'session-invalid' && ns === NS.focus);
  return isNamed || error.condition === 'not-acceptable';
}

function sessionFrom(conference: XmlElement | undefined, before: FocusSession): FocusSession {
  const sessionId = conference?.attribute('session-id') ?? before.sessionId;
  const identity = conference?.attribute('identity') ?? before.identity;
  return {
    machineUid: before.machineUid,
    ...(sessionId !== undefined && { sessionId }),
    ...(identity !== undefined && { identity }),
  };
}

function delay(timers: Timers, delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    let timer: TimerHandle | undefined;
    const abort = () => {
      timer?.cancel();
      reject(new RequestError('disconnected', 'given up'));
    };
    if (signal.aborted) {
      abort();
      return;
    }
    signal.addEventListener('abort', abort, { once: true });
    timer = timers.schedule(delayMs, () => {
      signal.removeEventListener('abort', abort);
      resolve();
    });
  });
}
