/** Leaving the room (XEP-0045 §7.14): said once, and waited for a while until the room has confirmed it. */
import type { Timers } from '@conclave/base';
import { xml } from '@conclave/protocols/xml';
import { NS } from '@conclave/protocols/xmpp';
import type { RoomContext } from './room-context.ts';

const TIMEOUT_MS = 5_000;

export class Departure {
  readonly #context: Pick<RoomContext, 'roomJid' | 'ownId' | 'send'>;
  readonly #timers: Timers;
  #resolve: (() => void) | undefined;

  constructor(context: Pick<RoomContext, 'roomJid' | 'ownId' | 'send'>, timers: Timers) {
    this.#context = context;
    this.#timers = timers;
  }

  /** Resolves when the room has confirmed it, after 5 s at most. */
  leave(status?: 'switch_room'): Promise<void> {
    const { roomJid, ownId, send } = this.#context;
    const confirmed = new Promise<void>((resolve) => {
      const timer = this.#timers.schedule(TIMEOUT_MS, resolve);
      this.#resolve = () => {
        timer.cancel();
        resolve();
      };
    });
    const to = `${roomJid}/${ownId}`;
    const why = status && xml('status', NS.client, undefined, status);
    send(xml('presence', NS.client, { to, type: 'unavailable' }, why));
    return confirmed;
  }

  /** The room says that we are gone, or nobody can say it any more. */
  confirmed(): void {
    this.#resolve?.();
  }
}
