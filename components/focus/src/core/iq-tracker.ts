/** Requests the focus sends and waits for: every one ends with exactly one reply, error or timeout. */
import type { RandomSource, TimerHandle, Timers } from '@conclave/base';
import { randomHex } from '@conclave/base';
import type { XmlElement } from '@conclave/protocols/xml';
import {
  iqPayload,
  iqRequest,
  parseJid,
  type StanzaError,
  stanzaErrorFromXml,
} from '@conclave/protocols/xmpp';

export type IqReply =
  | { readonly type: 'result'; readonly payload: XmlElement | undefined }
  | { readonly type: 'error'; readonly error: StanzaError }
  | { readonly type: 'timeout' };

export interface IqTrackerDependencies {
  readonly timers: Timers;
  readonly random: RandomSource;
  readonly send: (stanza: XmlElement) => void;
}

interface Pending {
  readonly to: string;
  readonly timer: TimerHandle;
  readonly onReply: (reply: IqReply) => void;
}

export interface IqToSend {
  readonly type: 'get' | 'set';
  readonly from: string;
  readonly to: string;
  readonly payload: XmlElement;
}

/** What users of the tracker see. */
export interface IqSender {
  /** Sends without waiting: the answer, if there ever is one, is ignored. */
  send(iq: IqToSend): void;
  request(iq: IqToSend, timeoutMs: number, onReply: (reply: IqReply) => void): void;
}

export class IqTracker implements IqSender {
  readonly #deps: IqTrackerDependencies;
  readonly #pending = new Map<string, Pending>();

  constructor(deps: IqTrackerDependencies) {
    this.#deps = deps;
  }

  send(iq: IqToSend): void {
    this.#deps.send(iqRequest({ ...iq, id: this.#newId() }, iq.payload));
  }

  request(iq: IqToSend, timeoutMs: number, onReply: (reply: IqReply) => void): void {
    const id = this.#newId();
    const timer = this.#deps.timers.schedule(timeoutMs, () => {
      this.#pending.delete(id);
      onReply({ type: 'timeout' });
    });
    this.#pending.set(id, { to: normalised(iq.to), timer, onReply });
    this.#deps.send(iqRequest({ ...iq, id }, iq.payload));
  }

  /** Takes a result or error; false when nobody waits for it, or it comes from somebody else. */
  handleReply(stanza: XmlElement): boolean {
    const id = stanza.attribute('id') ?? '';
    const pending = this.#pending.get(id);
    if (pending === undefined || normalised(stanza.attribute('from') ?? '') !== pending.to) {
      return false;
    }
    this.#pending.delete(id);
    pending.timer.cancel();
    if (stanza.attribute('type') === 'result') {
      pending.onReply({ type: 'result', payload: iqPayload(stanza) });
    } else {
      const error = stanzaErrorFromXml(stanza) ?? { condition: 'undefined-condition' };
      pending.onReply({ type: 'error', error });
    }
    return true;
  }

  /** Forgets all requests without a reply. */
  close(): void {
    for (const { timer } of this.#pending.values()) timer.cancel();
    this.#pending.clear();
  }

  #newId(): string {
    return `focus-${randomHex(this.#deps.random, 12)}`;
  }
}

function normalised(jid: string): string {
  return parseJid(jid)?.full ?? jid;
}
