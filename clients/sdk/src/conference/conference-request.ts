/** Asks the focus to be in the room before we join it. */
import type { TimerHandle, Timers } from '@conclave/base';
import { type XmlElement, xml } from '@conclave/protocols/xml';
import { NS } from '@conclave/protocols/xmpp';
import { RequestError } from '../xmpp/request-error.ts';

export interface ConferenceRequestOptions {
  readonly focusAddress: string;
  readonly roomJid: string;
  /** Identifies this browser to the focus. */
  readonly machineUid: string;
}

export interface ConferenceReady {
  /** Bare JID of the focus; it is in the room under the nickname `focus`. */
  readonly focusJid: string;
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
  const { roomJid, machineUid, focusAddress } = options;
  for (let delayMs = FIRST_DELAY_MS; ; delayMs = Math.min(MAX_DELAY_MS, delayMs * 2)) {
    const payload = xml('conference', NS.focus, { room: roomJid, 'machine-uid': machineUid });
    const answer = await connection.request('set', focusAddress, payload, {
      timeoutMs: TIMEOUT_MS,
    });
    const conference = answer.child('conference', NS.focus);
    if (conference?.attribute('ready') === 'true') {
      return { focusJid: conference.attribute('focusjid') ?? '' };
    }
    await delay(timers, delayMs, signal);
  }
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
